#include <algorithm>

#include "binding/arguments.h"

namespace gatecast::binding {
namespace {

constexpr int kMaxSlots = 1 << 24;
constexpr std::size_t kMaxStateValues = std::size_t{1} << 31; ///< in all slots together

/// Argument `index`, which must be a typed array of `size` values on a SharedArrayBuffer
template <class Array>
Array shared_array(const Arguments& arguments, std::size_t index, const char* name, napi_typedarray_type type,
                   const char* what, std::size_t size) {
    auto array = to_array<Array>(arguments.addon, arguments[index], type, what, name);
    if (array.ElementLength() != size) {
        fail_expected(arguments.addon, "invalid-shape", std::to_string(size) + " values", name, array);
    }
    check_shared(arguments.addon, array, name);
    return array;
}

/// (network, slots, numbers, input, output): creates states of that many streams. `step` reads its sample from the
/// first row of `input` and writes its result to the first row of `output`; `stepBatch` also takes the slots from
/// `numbers`. If the network is bidirectional, only `runWindows` can be called.
Napi::Value create_states(const Arguments& arguments) {
    Addon& addon = arguments.addon;
    const auto& [network, pool] = arguments.pooled_network(0);
    const NetworkSpec& spec = network->spec();
    const int slots = arguments.integer(1, "the number of states", 1, kMaxSlots);
    const std::size_t count = slots, widest = std::max({spec.input_size, spec.hidden_size, spec.head_size});
    const std::size_t kept = static_cast<std::size_t>(spec.attention) * spec.output_size();
    if (count * (widest * spec.cells() + kept) > kMaxStateValues) {
        addon.fail("invalid-argument", "Expected fewer states: these would take more than 2^31 values.");
    }
    const std::size_t outputs = spec.head_size > 0 ? spec.head_size : spec.output_size();
    auto numbers = shared_array<Napi::Int32Array>(arguments, 2, "slots", napi_int32_array, "an Int32Array", count);
    auto input = shared_array<Napi::Float32Array>(arguments, 3, "input", napi_float32_array, "a Float32Array",
                                                  count * spec.input_size);
    auto output =
        shared_array<Napi::Float32Array>(arguments, 4, "output", napi_float32_array, "a Float32Array", count * outputs);
    auto attached = std::unique_ptr<AttachedStates>(new AttachedStates{
        .states = States(network, slots, pool),
        .slots_array = Napi::Persistent(numbers),
        .input_array = Napi::Persistent(input),
        .output_array = Napi::Persistent(output),
        .slots = numbers.Data(),
        .input = input.Data(),
        .output = output.Data(),
        .steps = !spec.bidirectional,
    });
    return Napi::Number::New(addon.env(), addon.hold(std::move(attached)));
}

void fail_backwards(const Addon& addon) {
    addon.fail("invalid-argument",
               "A bidirectional network reads its input from both ends, so it cannot be stepped sample by sample.");
}

void fail_not_finite(const Addon& addon) {
    addon.fail("invalid-sample", "Expected finite values for the sample but received NaN or infinity.");
}

/// (states): steps slot 0. This is the one hot call: plain Node-API, and no object is made.
napi_value step(napi_env env, napi_callback_info info) {
    std::size_t count = 1;
    napi_value argument;
    void* data;
    napi_get_cb_info(env, info, &count, &argument, nullptr, &data);
    auto& addon = *static_cast<Addon*>(data);
    std::uint32_t handle = 0;
    Object* object = napi_get_value_uint32(env, argument, &handle) == napi_ok ? addon.find(handle) : nullptr;
    const auto* attached = object == nullptr ? nullptr : std::get_if<std::unique_ptr<AttachedStates>>(object);
    try {
        if (attached == nullptr) {
            fail_expected(addon, "disposed", "a living state", "the handle", Napi::Value(env, argument));
        }
        if (!(*attached)->steps) fail_backwards(addon);
        if (!(*attached)->states.step(0, (*attached)->input, (*attached)->output)) fail_not_finite(addon);
    } catch (const Napi::Error& error) {
        error.ThrowAsJavaScriptException();
    }
    return nullptr;
}

/// `count` slots named in the attached array, from place `first` on. They are in range, and none is named twice.
std::span<const int> slots_of(const Arguments& arguments, AttachedStates& attached, int first, int count) {
    const std::span<const int> slots(attached.slots + first, count);
    if (!attached.states.differ(slots)) {
        arguments.addon.fail("invalid-argument",
                             "Expected slots below " + std::to_string(attached.states.slots()) + ", each named once.");
    }
    return slots;
}

/// (states, count): the slots, samples and results are the first `count` rows of the attached arrays.
Napi::Value step_batch(const Arguments& arguments) {
    AttachedStates& attached = arguments.states(0);
    if (!attached.steps) fail_backwards(arguments.addon);
    const int count = arguments.integer(1, "the number of samples", 0, attached.states.slots());
    const std::span<const int> slots = slots_of(arguments, attached, 0, count);
    if (!attached.states.step_batch(slots, attached.input, attached.output)) fail_not_finite(arguments.addon);
    return arguments.addon.env().Undefined();
}

/// (states, first, count, lengths, windows): runs `count` windows, which follow one another in `windows`, through the
/// slots named in the attached array from place `first` on. The results are in the same rows of the attached output.
Napi::Value run_windows(const Arguments& arguments) {
    const Addon& addon = arguments.addon;
    AttachedStates& attached = arguments.states(0);
    const int first = arguments.integer(1, "the first window", 0, attached.states.slots());
    const int count = arguments.integer(2, "the number of windows", 0, attached.states.slots() - first);
    const std::span<const int> slots = slots_of(arguments, attached, first, count);
    const std::span<const int> lengths = to_integers(addon, arguments[3], "lengths", slots.size());
    std::size_t samples = 0;
    for (const int length : lengths) {
        samples += std::max(length, 0);
        if (length < 1 || samples > kMaxStateValues) {
            fail_expected(addon, "invalid-argument", "lengths from 1, 2^31 in all,", "lengths", arguments[3]);
        }
    }
    const std::size_t inputs = attached.states.network().spec().input_size;
    const std::span<const float> windows = arguments.floats(4, "windows", samples * inputs);
    float* output = attached.output + static_cast<std::size_t>(first) * attached.states.output_size();
    if (!attached.states.run_windows(slots, lengths, windows.data(), output)) fail_not_finite(addon);
    return addon.env().Undefined();
}

int slot_of(const Arguments& arguments, const AttachedStates& attached, std::size_t index) {
    return arguments.integer(index, "slot", 0, attached.states.slots() - 1);
}

/// (states, slot)
Napi::Value reset_state(const Arguments& arguments) {
    AttachedStates& attached = arguments.states(0);
    attached.states.reset(slot_of(arguments, attached, 1));
    return arguments.addon.env().Undefined();
}

/// (states, slot, out): h of all layers, then c
Napi::Value read_state(const Arguments& arguments) {
    const AttachedStates& attached = arguments.states(0);
    const int slot = slot_of(arguments, attached, 1);
    attached.states.read(slot, arguments.floats(2, "the state", attached.states.size()));
    return arguments.addon.env().Undefined();
}

/// (states, slot, values)
Napi::Value write_state(const Arguments& arguments) {
    AttachedStates& attached = arguments.states(0);
    const int slot = slot_of(arguments, attached, 1);
    attached.states.write(slot, arguments.finite(2, "the state", attached.states.size()));
    return arguments.addon.env().Undefined();
}

/// (to, slot, from, slot)
Napi::Value copy_state(const Arguments& arguments) {
    AttachedStates &to = arguments.states(0), &from = arguments.states(2);
    const int slot = slot_of(arguments, to, 1), source = slot_of(arguments, from, 3);
    if (to.states.network().spec() != from.states.network().spec()) {
        arguments.addon.fail("invalid-argument", "Expected two states of networks of the same shape.");
    }
    if (&to != &from || slot != source) to.states.copy_from(slot, from.states, source);
    return arguments.addon.env().Undefined();
}

} // namespace

void export_states(Napi::Object exports, Addon& addon) {
    add<create_states>(exports, addon, "createStates");
    add<step_batch>(exports, addon, "stepBatch");
    add<run_windows>(exports, addon, "runWindows");
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
