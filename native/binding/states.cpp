#include "binding/arguments.h"

namespace gatecast::binding {
namespace {

/// The data of a Float32Array of `size` values on a SharedArrayBuffer
float* shared_floats(const Arguments& arguments, std::size_t index, const char* name, std::size_t size) {
    const std::span<float> values = arguments.floats(index, name, size);
    napi_env env = arguments.addon.env();
    napi_value buffer;
    bool detachable = true;
    napi_get_typedarray_info(env, arguments[index], nullptr, nullptr, nullptr, &buffer, nullptr);
    napi_is_arraybuffer(env, buffer, &detachable);
    if (detachable) fail_expected(arguments.addon, "invalid-argument", "a SharedArrayBuffer", name, arguments[index]);
    return values.data();
}

/// (network, input, output): step reads its sample from `input` and writes its answer to `output`.
Napi::Value create_state(const Arguments& arguments) {
    Addon& addon = arguments.addon;
    std::shared_ptr<Network> network = arguments.shared_network(0);
    if (network->spec().bidirectional) {
        addon.fail("invalid-argument",
                   "A bidirectional network reads its input from both ends, so it cannot be stepped "
                   "sample by sample.");
    }
    State state(network);
    const float* input = shared_floats(arguments, 1, "input", network->spec().input_size);
    float* output = shared_floats(arguments, 2, "output", state.output_size());
    auto attached = std::unique_ptr<AttachedState>(new AttachedState{
        .state = std::move(state),
        .input_array = Napi::Persistent(arguments[1].As<Napi::Float32Array>()),
        .output_array = Napi::Persistent(arguments[2].As<Napi::Float32Array>()),
        .input = input,
        .output = output,
    });
    return Napi::Number::New(addon.env(), addon.hold(std::move(attached)));
}

/// (state). The one hot call: plain Node-API, no object is made.
napi_value step(napi_env env, napi_callback_info info) {
    std::size_t count = 1;
    napi_value argument;
    void* data;
    napi_get_cb_info(env, info, &count, &argument, nullptr, &data);
    auto& addon = *static_cast<Addon*>(data);
    std::uint32_t handle = 0;
    Object* object = napi_get_value_uint32(env, argument, &handle) == napi_ok ? addon.find(handle) : nullptr;
    const auto* attached = object == nullptr ? nullptr : std::get_if<std::unique_ptr<AttachedState>>(object);
    try {
        if (attached == nullptr) {
            fail_expected(addon, "disposed", "a living state", "the handle", Napi::Value(env, argument));
        }
        if (!(*attached)->state.step((*attached)->input, (*attached)->output)) {
            addon.fail("invalid-sample", "Expected finite values for the sample but received NaN or infinity.");
        }
    } catch (const Napi::Error& error) {
        error.ThrowAsJavaScriptException();
    }
    return nullptr;
}

Napi::Value reset_state(const Arguments& arguments) {
    arguments.state(0).state.reset();
    return arguments.addon.env().Undefined();
}

/// (state, out): h of all layers, then c
Napi::Value read_state(const Arguments& arguments) {
    const State& state = arguments.state(0).state;
    state.read(arguments.floats(1, "the state", state.size()));
    return arguments.addon.env().Undefined();
}

/// (state, values)
Napi::Value write_state(const Arguments& arguments) {
    State& state = arguments.state(0).state;
    state.write(arguments.finite(1, "the state", state.size()));
    return arguments.addon.env().Undefined();
}

/// (to, from)
Napi::Value copy_state(const Arguments& arguments) {
    State &to = arguments.state(0).state, &from = arguments.state(1).state;
    if (to.network().spec() != from.network().spec()) {
        arguments.addon.fail("invalid-argument", "Expected two states of networks of the same shape.");
    }
    if (&to != &from) to.copy_from(from);
    return arguments.addon.env().Undefined();
}

} // namespace

void export_states(Napi::Object exports, Addon& addon) {
    add<create_state>(exports, addon, "createState");
    add<reset_state>(exports, addon, "resetState");
    add<read_state>(exports, addon, "readState");
    add<write_state>(exports, addon, "writeState");
    add<copy_state>(exports, addon, "copyState");
    napi_value function;
    NAPI_THROW_IF_FAILED_VOID(addon.env(),
                              napi_create_function(addon.env(), "step", NAPI_AUTO_LENGTH, step, &addon, &function));
    exports.Set("step", function);
}

} // namespace gatecast::binding
