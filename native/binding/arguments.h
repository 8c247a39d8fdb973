// Converts JS values to C++ ones. Every function fails with a sentence that names the argument; none trusts its input.
#pragma once

#include <span>

#include "binding/addon.h"

namespace gatecast::binding {

/// The arguments of one call.
class Arguments {
  public:
    explicit Arguments(const Napi::CallbackInfo& info) : info_(info), addon(*static_cast<Addon*>(info.Data())) {}

    Napi::Value operator[](std::size_t index) const { return info_[index]; }

    Network& network(std::size_t index) const { return *pooled_network(index).network; }
    const PooledNetwork& pooled_network(std::size_t index) const { return pooled_network(info_[index]); }
    const PooledNetwork& pooled_network(Napi::Value handle) const;
    AttachedStates& states(std::size_t index) const;
    Rollout& rollout(std::size_t index) const;
    SegmentRunner& segments(std::size_t index) const;
    std::shared_ptr<SharedTrainer> trainer(std::size_t index) const;
    /// Takes the controller out of the addon, so that nobody else calls it: its handle is used up.
    std::shared_ptr<Controller> take_controller(std::size_t index) const;
    const std::shared_ptr<Controller>& controller(std::size_t index) const;
    AttachedLoop& loop(std::size_t index) const;

    int integer(std::size_t index, const char* name, int low, int high) const;
    bool boolean(std::size_t index, const char* name) const;
    float number(std::size_t index, const char* name, double low, double high) const;
    Napi::Object object(std::size_t index, const char* name) const;

    /// A Float32Array of exactly `size` values. The span is valid until JavaScript runs again.
    std::span<float> floats(std::size_t index, const char* name, std::size_t size) const;
    /// As `floats`, with finite values only; empty if the argument is undefined
    std::span<float> finite(std::size_t index, const char* name, std::size_t size) const;
    std::span<float> finite_or_none(std::size_t index, const char* name, std::size_t size) const;

  private:
    const Napi::CallbackInfo& info_;

  public:
    Addon& addon;
};

int to_integer(const Addon& addon, Napi::Value value, const char* name, int low, int high);
bool to_boolean(const Addon& addon, Napi::Value value, const char* name);
double to_double(const Addon& addon, Napi::Value value, const char* name, double low, double high);
float to_number(const Addon& addon, Napi::Value value, const char* name, double low, double high);
/// An Int32Array of exactly `size` values. The span is valid until JavaScript runs again.
std::span<int> to_integers(const Addon& addon, Napi::Value value, const char* name, std::size_t size);
/// A Float32Array of exactly `size` finite values; valid as long
std::span<float> to_finite_floats(const Addon& addon, Napi::Value value, const char* name, std::size_t size);
/// A Float64Array of exactly `size` values; valid as long
std::span<double> to_doubles(const Addon& addon, Napi::Value value, const char* name, std::size_t size);
/// As `to_doubles`, with finite values only
std::span<double> to_finite_doubles(const Addon& addon, Napi::Value value, const char* name, std::size_t size);
/// Finite values of any number but 0; valid as long
std::span<double> to_finite_doubles(const Addon& addon, Napi::Value value, const char* name);
/// Finite values in whole rows
std::span<double> to_rows(const Addon& addon, Napi::Value value, const char* name, std::size_t width);
/// A copy of the values of a span, which stays valid when JavaScript runs again
template <class T>
std::vector<T> copy_of(std::span<T> values) {
    return {values.begin(), values.end()};
}

/// A typed array of this element type and any length
template <class Array>
Array to_array(const Addon& addon, Napi::Value value, napi_typedarray_type type, const char* what, const char* name);

/// Fails unless the array stands on a SharedArrayBuffer, which cannot be detached.
void check_shared(const Addon& addon, Napi::TypedArray array, const char* name);

/// The dynamics of a network from { outputs, mean, deviation, anchor, limit, feedForward }
Dynamics to_dynamics(const Addon& addon, Napi::Object object, const NetworkSpec& spec);

/// A cell by its name. `linear_before_reset` decides between the forms of a GRU.
Cell to_cell(const Addon& addon, Napi::Value name, bool linear_before_reset);

/// The shape of a network from { cell, linearBeforeReset, inputSize, ... }
NetworkSpec to_network_spec(const Addon& addon, Napi::Object object);

[[noreturn]] void fail_expected(const Addon& addon, const char* code, const std::string& what, const char* name,
                                Napi::Value received);

using Body = Napi::Value (*)(const Arguments&);

/// Runs a function of this room so that nothing but a JS error leaves it.
template <Body body>
Napi::Value guarded(const Napi::CallbackInfo& info) {
    const Arguments arguments(info);
    try {
        return body(arguments);
    } catch (const std::bad_alloc&) {
        arguments.addon.fail("invalid-argument", "There is not enough memory for an object of this size.");
    }
}

template <Body body>
void add(Napi::Object exports, Addon& addon, const char* name) {
    exports.Set(name, Napi::Function::New<guarded<body>>(addon.env(), name, &addon));
}

} // namespace gatecast::binding
