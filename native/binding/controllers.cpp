#include <algorithm>
#include <cmath>

#include "binding/arguments.h"

namespace gatecast::binding {
namespace {

constexpr std::size_t kMaxGains = 1 << 24;
constexpr int kMaxObservations = 10'000;

/// (gain [actions][states], reference [states]): see LinearController.
Napi::Value create_linear_controller(const Arguments& arguments) {
    Addon& addon = arguments.addon;
    const auto gain = to_finite_doubles(addon, arguments[0], "gain");
    const auto reference = to_finite_doubles(addon, arguments[1], "reference");
    if (gain.size() > kMaxGains || gain.size() % reference.size() != 0) {
        fail_expected(addon, "invalid-shape", "rows of " + std::to_string(reference.size()) + " values", "gain",
                      arguments[0]);
    }
    std::shared_ptr<Controller> controller = std::make_shared<LinearController>(
        std::vector(gain.begin(), gain.end()), std::vector(reference.begin(), reference.end()));
    return Napi::Number::New(addon.env(), addon.hold(std::move(controller)));
}

/// (numbers [kp, ki, kd, setpoint, dt, tau, min, max, maxRate, feedForward, stuckAfter, initial], observations,
/// measure): see PidController. maxRate and stuckAfter may be Infinity, initial NaN.
Napi::Value create_pid_controller(const Arguments& arguments) {
    Addon& addon = arguments.addon;
    const std::vector<double> numbers = copy_of(to_doubles(addon, arguments[0], "the numbers of a pid", 12));
    const int observations = arguments.integer(1, "the number of observations", 1, kMaxObservations);
    const int measure = arguments.integer(2, "measure", 0, observations - 1);
    const PidForm form = {
        .observations = observations,
        .measure = measure,
        .kp = numbers[0],
        .ki = numbers[1],
        .kd = numbers[2],
        .setpoint = numbers[3],
        .dt = numbers[4],
        .tau = numbers[5],
        .min = numbers[6],
        .max = numbers[7],
        .max_rate = numbers[8],
        .feed_forward = numbers[9],
        .stuck_after = numbers[10],
        .initial = numbers[11],
    };
    const bool finite = std::all_of(numbers.begin(), numbers.begin() + 8, [](double v) { return std::isfinite(v); });
    const bool ordered = form.dt > 0 && form.tau >= 0 && form.min <= form.max && form.max_rate >= 0;
    if (!finite || !ordered || !std::isfinite(form.feed_forward)) {
        addon.fail("invalid-argument",
                   "Expected finite numbers, ordered limits and a time between observations for a pid.");
    }
    std::shared_ptr<Controller> controller = std::make_shared<PidController>(form);
    return Napi::Number::New(addon.env(), addon.hold(std::move(controller)));
}

} // namespace

void export_controllers(Napi::Object exports, Addon& addon) {
    add<create_linear_controller>(exports, addon, "createLinearController");
    add<create_pid_controller>(exports, addon, "createPidController");
}

} // namespace gatecast::binding
