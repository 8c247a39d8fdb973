#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "binding/arguments.h"

namespace gatecast::binding {
namespace {

constexpr std::size_t kMaxDense = 64; ///< most sizes of a head
constexpr double kAny = std::numeric_limits<double>::max();

/// The upper layers of a head of `inputs` numbers from { sizes, activation, parameters }; sizes are copied before the
/// next property is read.
DenseLayers to_dense_layers(const Addon& addon, Napi::Object object, int inputs) {
    const auto given =
        to_array<Napi::Int32Array>(addon, object.Get("sizes"), napi_int32_array, "an Int32Array", "sizes");
    const std::vector<int> sizes(given.Data(), given.Data() + std::min(given.ElementLength(), kMaxDense + 1));
    const auto in_range = [](int size) { return size >= 1 && size <= kMaxSize; };
    if (sizes.empty() || sizes.size() > kMaxDense || sizes.front() != inputs || !std::ranges::all_of(sizes, in_range) ||
        DenseLayers::parameter_count(sizes) > kMaxParameters) {
        addon.fail("invalid-argument", "Expected sizes from that of the network's head to that of the action, with at "
                                       "most 2^27 parameters between them.");
    }
    const Napi::Value word = object.Get("activation");
    const std::string name = word.IsString() ? word.As<Napi::String>().Utf8Value() : "";
    if (name != "elu" && name != "relu" && name != "tanh") {
        fail_expected(addon, "invalid-argument", "'elu', 'relu' or 'tanh'", "activation", word);
    }
    const auto activation = name == "elu" ? Activation::elu : name == "relu" ? Activation::relu : Activation::tanh;
    const auto parameters =
        to_finite_floats(addon, object.Get("parameters"), "the head's parameters", DenseLayers::parameter_count(sizes));
    return DenseLayers(addon.kernels(), activation, sizes, parameters);
}

/// The form of a policy; each array is copied before the next property is read.
PolicyForm to_policy_form(const Addon& addon, Napi::Object object, std::size_t observations, std::size_t actions) {
    const auto numbers = [&](const char* name, std::size_t size) {
        return copy_of(to_finite_doubles(addon, object.Get(name), name, size));
    };
    PolicyForm form{
        .mean = numbers("mean", observations),
        .deviation = numbers("deviation", observations),
        .clip = to_double(addon, object.Get("clip"), "clip", 0, kAny),
        .limit = to_double(addon, object.Get("limit"), "limit", 0, 1e30),
        .signal = to_integer(addon, object.Get("signal"), "signal", -1, static_cast<int>(observations)),
        .cleared_by_zero = to_boolean(addon, object.Get("clearedByZero"), "clearedByZero"),
        .reset_after = to_double(addon, object.Get("resetAfter"), "resetAfter", 0, HUGE_VAL),
        .squash = to_boolean(addon, object.Get("squash"), "squash"),
        .scale = numbers("scale", actions),
        .offset = numbers("offset", actions),
        .low = numbers("low", actions),
        .high = numbers("high", actions),
    };
    const auto positive = [](double value) { return value > 0; };
    const auto within = [](const std::vector<double>& low, const std::vector<double>& high) {
        return std::ranges::equal(low, high, std::less_equal());
    };
    if (!std::ranges::all_of(form.deviation, positive) || !within(form.low, form.high)) {
        addon.fail("invalid-argument", "Expected positive deviations, and no low above its high, for a policy.");
    }
    return form;
}

/// (network, head, form): see DenseLayers and PolicyForm.
Napi::Value create_policy(const Arguments& arguments) {
    Addon& addon = arguments.addon;
    const std::shared_ptr<Network> network = arguments.pooled_network(0).network;
    const NetworkSpec& spec = network->spec();
    if (!spec.reads_newest() || spec.head_size == 0) {
        addon.fail("invalid-argument",
                   "Expected a network of one direction, with a head and without attention, for a policy.");
    }
    DenseLayers head = to_dense_layers(addon, arguments.object(1, "head"), spec.head_size);
    PolicyForm form = to_policy_form(addon, arguments.object(2, "form"), spec.input_size, head.output_size());
    std::shared_ptr<Controller> policy = std::make_shared<PolicyController>(network, std::move(head), std::move(form));
    return Napi::Number::New(addon.env(), addon.hold(std::move(policy)));
}

/// (controller, at, values, action): decides on an action that takes effect at once. `at` [s] may be NaN; true if
/// `action` was set.
Napi::Value decide(const Arguments& arguments) {
    const Addon& addon = arguments.addon;
    Controller& controller = *arguments.controller(0);
    if (!arguments[1].IsNumber()) fail_expected(addon, "invalid-argument", "a number", "the time", arguments[1]);
    const double at = arguments[1].As<Napi::Number>().DoubleValue();
    const std::span<double> values = to_doubles(addon, arguments[2], "the observation", controller.observation_count());
    const std::span<double> action = to_doubles(addon, arguments[3], "the action", controller.action_count());
    const Situation situation{.values = values, .at = at, .effect = at, .deadline = HUGE_VAL, .sent = {}};
    return Napi::Boolean::New(addon.env(), controller.decide(situation, action).good);
}

} // namespace

void export_policies(Napi::Object exports, Addon& addon) {
    add<create_policy>(exports, addon, "createPolicy");
    add<decide>(exports, addon, "decide");
}

} // namespace gatecast::binding
