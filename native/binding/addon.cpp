#include "binding/addon.h"

#include "binding/arguments.h"

namespace gatecast::binding {

void Addon::fail(const char* code, const std::string& message) const {
    const Napi::String text = Napi::String::New(env_, message);
    if (!error_class_.IsEmpty()) throw Napi::Error(env_, error_class_.New({Napi::String::New(env_, code), text}));
    Napi::Error error = Napi::Error::New(env_, message);
    error.Set("code", code);
    throw error;
}

std::uint32_t Addon::hold(Object object) {
    std::uint32_t slot;
    if (!free_.empty()) {
        slot = free_.back();
        free_.pop_back();
    } else {
        if (slots_.size() == 1u << kSlotBits) fail("invalid-argument", "Expected fewer than 2^20 living objects.");
        slot = static_cast<std::uint32_t>(slots_.size());
        slots_.emplace_back();
    }
    slots_[slot].object = std::move(object);
    return slots_[slot].generation << kSlotBits | slot;
}

Object* Addon::find(std::uint32_t handle) {
    const std::uint32_t slot = handle & ((1u << kSlotBits) - 1);
    if (slot >= slots_.size() || slots_[slot].generation != handle >> kSlotBits) return nullptr;
    Object& object = slots_[slot].object;
    return std::holds_alternative<std::monostate>(object) ? nullptr : &object;
}

void Addon::release(std::uint32_t handle) {
    if (find(handle) == nullptr) return;
    const std::uint32_t slot = handle & ((1u << kSlotBits) - 1);
    slots_[slot].object = {};
    // A slot whose handles are used up stays empty: an old handle must never mean a new object.
    if (++slots_[slot].generation < kGenerations) free_.push_back(slot);
}

namespace {

/// (errorClass, isaName?): sets the error class, whose errors are thrown as errorClass(code, message), and the kernels:
/// those of isaName, or the best.
Napi::Value configure(const Arguments& arguments) {
    Addon& addon = arguments.addon;
    if (!arguments[0].IsFunction())
        fail_expected(addon, "invalid-argument", "a class", "the error class", arguments[0]);
    addon.use(arguments[0].As<Napi::Function>());
    if (arguments[1].IsUndefined()) {
        addon.use(**available_kernels());
        return addon.env().Undefined();
    }
    const std::string name = arguments[1].IsString() ? arguments[1].As<Napi::String>().Utf8Value() : "";
    const Kernels* kernels = find_kernels(name.c_str());
    if (kernels == nullptr) {
        std::string names;
        for (auto each = available_kernels(); *each != nullptr; ++each) {
            names += (names.empty() ? "" : ", ") + std::string((*each)->name);
        }
        addon.fail("isa-unavailable",
                   "Expected GATECAST_ISA to be one of " + names + " on this machine but received '" + name + "'.");
    }
    addon.use(*kernels);
    return addon.env().Undefined();
}

Napi::Value isa(const Arguments& arguments) {
    return Napi::String::New(arguments.addon.env(), arguments.addon.kernels().name);
}

Napi::Value isas(const Arguments& arguments) {
    Napi::Array names = Napi::Array::New(arguments.addon.env());
    for (auto each = available_kernels(); *each != nullptr; ++each) names.Set(names.Length(), (*each)->name);
    return names;
}

Napi::Value release(const Arguments& arguments) {
    const Napi::Value handle = arguments[0];
    if (!handle.IsNumber()) fail_expected(arguments.addon, "invalid-argument", "a number", "the handle", handle);
    arguments.addon.release(handle.As<Napi::Number>().Uint32Value());
    return arguments.addon.env().Undefined();
}

Napi::Object initialise(Napi::Env env, Napi::Object exports) {
    auto* addon = new Addon(env);
    env.SetInstanceData(addon);
    add<configure>(exports, *addon, "configure");
    add<isa>(exports, *addon, "isa");
    add<isas>(exports, *addon, "isas");
    add<release>(exports, *addon, "release");
    export_controllers(exports, *addon);
    export_loops(exports, *addon);
    export_networks(exports, *addon);
    export_planners(exports, *addon);
    export_policies(exports, *addon);
    export_rollouts(exports, *addon);
    export_runs(exports, *addon);
    export_segments(exports, *addon);
    export_states(exports, *addon);
    export_trainers(exports, *addon);
    return exports;
}

} // namespace

NODE_API_MODULE(gatecast, initialise)

} // namespace gatecast::binding
