#include "binding/arguments.h"

#include <algorithm>
#include <cmath>
#include <sstream>

namespace gatecast::binding {
namespace {

/// A short rendering of a value that runs no JavaScript
std::string describe(Napi::Value value) {
    if (value.IsNumber()) {
        std::ostringstream out;
        out.precision(15);
        out << value.As<Napi::Number>().DoubleValue();
        return out.str();
    }
    if (value.IsBoolean()) return value.As<Napi::Boolean>().Value() ? "true" : "false";
    if (value.IsNull()) return "null";
    if (value.IsUndefined()) return "undefined";
    if (value.IsTypedArray()) {
        return "a typed array of length " + std::to_string(value.As<Napi::TypedArray>().ElementLength());
    }
    if (value.IsString()) return "a string";
    if (value.IsSymbol()) return "a symbol";
    if (value.IsBigInt()) return "a bigint";
    if (value.IsFunction()) return "a function";
    return "an object";
}

std::string names_of_cells() {
    std::string names;
    for (const CellTraits& cell : kCellTraits) {
        if (find_cell(cell.name, true) != cell.cell) continue; // another form of a cell that is named already
        names += (names.empty() ? "'" : " or '") + std::string(cell.name) + "'";
    }
    return names;
}

template <class Held>
Held& held(const Addon& addon, Object* object, Napi::Value handle, const char* what) {
    Held* found = object == nullptr ? nullptr : std::get_if<Held>(object);
    if (found == nullptr) fail_expected(addon, "disposed", std::string("a living ") + what, "the handle", handle);
    return *found;
}

Object* look_up(Addon& addon, Napi::Value value) {
    if (!value.IsNumber()) fail_expected(addon, "invalid-argument", "a number", "the handle", value);
    const double handle = value.As<Napi::Number>().DoubleValue();
    const bool in_range = handle >= 0 && handle <= 4294967295.0 && handle == std::floor(handle);
    return in_range ? addon.find(static_cast<std::uint32_t>(handle)) : nullptr;
}

/// The values of an array that is known to have `size` of them
template <class Array>
auto values_of(Array array, const Addon& addon, const char* name, std::size_t size) {
    if (array.ElementLength() != size) {
        fail_expected(addon, "invalid-shape", std::to_string(size) + " values", name, array);
    }
    return std::span(array.Data(), size);
}

std::span<float> to_floats(const Addon& addon, Napi::Value value, const char* name, std::size_t size) {
    return values_of(to_array<Napi::Float32Array>(addon, value, napi_float32_array, "a Float32Array", name), addon,
                     name, size);
}

[[noreturn]] void fail_not_finite(const Addon& addon, const char* name) {
    addon.fail("invalid-argument",
               std::string("Expected finite values for ") + name + " but received NaN or infinity.");
}

} // namespace

void fail_expected(const Addon& addon, const char* code, const std::string& what, const char* name,
                   Napi::Value received) {
    addon.fail(code, "Expected " + what + " for " + name + " but received " + describe(received) + ".");
}

const PooledNetwork& Arguments::pooled_network(Napi::Value handle) const {
    return held<PooledNetwork>(addon, look_up(addon, handle), handle, "network");
}

AttachedStates& Arguments::states(std::size_t index) const {
    return *held<std::unique_ptr<AttachedStates>>(addon, look_up(addon, info_[index]), info_[index], "state");
}

Rollout& Arguments::rollout(std::size_t index) const {
    return *held<std::unique_ptr<Rollout>>(addon, look_up(addon, info_[index]), info_[index], "roll-out");
}

SegmentRunner& Arguments::segments(std::size_t index) const {
    return *held<std::unique_ptr<SegmentRunner>>(addon, look_up(addon, info_[index]), info_[index], "segment network");
}

std::shared_ptr<SharedTrainer> Arguments::trainer(std::size_t index) const {
    return held<std::shared_ptr<SharedTrainer>>(addon, look_up(addon, info_[index]), info_[index], "trainer");
}

const std::shared_ptr<Controller>& Arguments::controller(std::size_t index) const {
    return held<std::shared_ptr<Controller>>(addon, look_up(addon, info_[index]), info_[index], "controller");
}

std::shared_ptr<Controller> Arguments::take_controller(std::size_t index) const {
    std::shared_ptr<Controller> taken = controller(index);
    addon.release(info_[index].As<Napi::Number>().Uint32Value());
    return taken;
}

AttachedLoop& Arguments::loop(std::size_t index) const {
    return *held<std::unique_ptr<AttachedLoop>>(addon, look_up(addon, info_[index]), info_[index], "loop");
}

int to_integer(const Addon& addon, Napi::Value value, const char* name, int low, int high) {
    const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : NAN;
    if (!(number >= low && number <= high) || number != std::floor(number)) {
        const std::string range = std::to_string(low) + " to " + std::to_string(high);
        fail_expected(addon, "invalid-argument", "a whole number from " + range, name, value);
    }
    return static_cast<int>(number);
}

bool to_boolean(const Addon& addon, Napi::Value value, const char* name) {
    if (!value.IsBoolean()) fail_expected(addon, "invalid-argument", "true or false", name, value);
    return value.As<Napi::Boolean>().Value();
}

double to_double(const Addon& addon, Napi::Value value, const char* name, double low, double high) {
    const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : NAN;
    if (!(number >= low && number <= high)) {
        std::ostringstream what;
        what << "a number from " << low << " to " << high;
        fail_expected(addon, "invalid-argument", what.str(), name, value);
    }
    return number;
}

float to_number(const Addon& addon, Napi::Value value, const char* name, double low, double high) {
    return static_cast<float>(to_double(addon, value, name, low, high));
}

template <class Array>
Array to_array(const Addon& addon, Napi::Value value, napi_typedarray_type type, const char* what, const char* name) {
    if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != type) {
        fail_expected(addon, "invalid-argument", what, name, value);
    }
    return value.As<Array>();
}
template Napi::Float32Array to_array(const Addon&, Napi::Value, napi_typedarray_type, const char*, const char*);
template Napi::Float64Array to_array(const Addon&, Napi::Value, napi_typedarray_type, const char*, const char*);
template Napi::Uint8Array to_array(const Addon&, Napi::Value, napi_typedarray_type, const char*, const char*);
template Napi::Int32Array to_array(const Addon&, Napi::Value, napi_typedarray_type, const char*, const char*);

std::span<int> to_integers(const Addon& addon, Napi::Value value, const char* name, std::size_t size) {
    return values_of(to_array<Napi::Int32Array>(addon, value, napi_int32_array, "an Int32Array", name), addon, name,
                     size);
}

std::span<float> to_finite_floats(const Addon& addon, Napi::Value value, const char* name, std::size_t size) {
    const std::span<float> values = to_floats(addon, value, name, size);
    if (!all_finite(values)) fail_not_finite(addon, name);
    return values;
}

std::span<double> to_doubles(const Addon& addon, Napi::Value value, const char* name, std::size_t size) {
    return values_of(to_array<Napi::Float64Array>(addon, value, napi_float64_array, "a Float64Array", name), addon,
                     name, size);
}

std::span<double> to_finite_doubles(const Addon& addon, Napi::Value value, const char* name) {
    auto array = to_array<Napi::Float64Array>(addon, value, napi_float64_array, "a Float64Array", name);
    if (array.ElementLength() == 0) fail_expected(addon, "invalid-shape", "at least one value", name, array);
    return to_finite_doubles(addon, array, name, array.ElementLength());
}

std::span<double> to_finite_doubles(const Addon& addon, Napi::Value value, const char* name, std::size_t size) {
    const std::span<double> values = to_doubles(addon, value, name, size);
    if (!std::ranges::all_of(values, [](double value) { return std::isfinite(value); })) fail_not_finite(addon, name);
    return values;
}

std::span<double> to_rows(const Addon& addon, Napi::Value value, const char* name, std::size_t width) {
    const auto array = to_array<Napi::Float64Array>(addon, value, napi_float64_array, "a Float64Array", name);
    if (array.ElementLength() % width != 0) {
        fail_expected(addon, "invalid-shape", "rows of " + std::to_string(width) + " values", name, value);
    }
    return to_finite_doubles(addon, value, name, array.ElementLength());
}

void check_shared(const Addon& addon, Napi::TypedArray array, const char* name) {
    napi_value buffer;
    bool detachable = true;
    napi_get_typedarray_info(addon.env(), array, nullptr, nullptr, nullptr, &buffer, nullptr);
    napi_is_arraybuffer(addon.env(), buffer, &detachable);
    if (detachable) fail_expected(addon, "invalid-argument", "a SharedArrayBuffer", name, array);
}

int Arguments::integer(std::size_t index, const char* name, int low, int high) const {
    return to_integer(addon, info_[index], name, low, high);
}

bool Arguments::boolean(std::size_t index, const char* name) const {
    return to_boolean(addon, info_[index], name);
}

float Arguments::number(std::size_t index, const char* name, double low, double high) const {
    return to_number(addon, info_[index], name, low, high);
}

Napi::Object Arguments::object(std::size_t index, const char* name) const {
    if (!info_[index].IsObject()) fail_expected(addon, "invalid-argument", "an object", name, info_[index]);
    return info_[index].As<Napi::Object>();
}

std::span<float> Arguments::floats(std::size_t index, const char* name, std::size_t size) const {
    return to_floats(addon, info_[index], name, size);
}

std::span<float> Arguments::finite(std::size_t index, const char* name, std::size_t size) const {
    return to_finite_floats(addon, info_[index], name, size);
}

std::span<float> Arguments::finite_or_none(std::size_t index, const char* name, std::size_t size) const {
    return info_[index].IsUndefined() ? std::span<float>() : finite(index, name, size);
}

/// Each array is copied before the next property is read.
Dynamics to_dynamics(const Addon& addon, Napi::Object object, const NetworkSpec& spec) {
    Dynamics dynamics{
        .outputs = copy_of(to_integers(addon, object.Get("outputs"), "outputs", spec.head_size)),
        .mean = copy_of(to_finite_doubles(addon, object.Get("mean"), "mean", spec.input_size)),
        .deviation = copy_of(to_finite_doubles(addon, object.Get("deviation"), "deviation", spec.input_size)),
        .anchor = to_boolean(addon, object.Get("anchor"), "anchor"),
        .limit = to_number(addon, object.Get("limit"), "limit", 0, 1e30),
        .feed_forward = to_boolean(addon, object.Get("feedForward"), "feedForward"),
    };
    std::vector<int> sorted = dynamics.outputs;
    std::ranges::sort(sorted);
    if (sorted.front() < 0 || sorted.back() >= spec.input_size || std::ranges::adjacent_find(sorted) != sorted.end()) {
        addon.fail("invalid-argument", "Expected different inputs of the network for the outputs of a roll-out.");
    }
    if (std::ranges::any_of(dynamics.deviation, [](double value) { return value <= 0; })) {
        addon.fail("invalid-argument", "Expected positive deviations for a roll-out.");
    }
    return dynamics;
}

Cell to_cell(const Addon& addon, Napi::Value name, bool linear_before_reset) {
    const std::string text = name.IsString() ? name.As<Napi::String>().Utf8Value() : "";
    const std::optional<Cell> cell = find_cell(text, linear_before_reset);
    if (!cell) fail_expected(addon, "invalid-argument", names_of_cells(), "cell", name);
    return *cell;
}

NetworkSpec to_network_spec(const Addon& addon, Napi::Object object) {
    const auto size = [&](const char* name, int low, int high) {
        return to_integer(addon, object.Get(name), name, low, high);
    };
    const Napi::Value form = object.Get("linearBeforeReset");
    const bool after = form.IsUndefined() || to_boolean(addon, form, "linearBeforeReset");

    const auto option = [&](const char* name) {
        const Napi::Value value = object.Get(name);
        return !value.IsUndefined() && to_boolean(addon, value, name);
    };

    NetworkSpec spec;
    spec.cell = to_cell(addon, object.Get("cell"), after);
    spec.input_size = size("inputSize", 1, kMaxSize);
    spec.hidden_size = size("hiddenSize", 1, kMaxSize);
    spec.proj_size = size("projSize", 0, kMaxSize);
    spec.num_layers = size("numLayers", 1, kMaxLayers);
    spec.bias = to_boolean(addon, object.Get("bias"), "bias");
    spec.bidirectional = to_boolean(addon, object.Get("bidirectional"), "bidirectional");
    spec.head_size = size("headSize", 0, kMaxSize);
    if (!object.Get("attention").IsUndefined()) spec.attention = size("attention", 0, kMaxSize);
    spec.layer_norm = option("layerNorm");
    spec.residual = option("residual");
    if (!is_valid(spec)) {
        addon.fail("invalid-argument", "Expected a network of at most 2^27 parameters, with projSize below hiddenSize "
                                       "and for an LSTM only, and attention with a head only.");
    }
    return spec;
}

} // namespace gatecast::binding
