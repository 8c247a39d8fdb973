#include "core/control/pid-controller.h"

#include <algorithm>
#include <cmath>

namespace gatecast {
namespace {

int sign_of(double value) {
    return (value > 0) - (value < 0);
}

} // namespace

void PidController::reset() {
    limiter_.forget();
    if (!std::isnan(form_.initial)) limiter_.apply(form_.initial);
    integral_ = std::isnan(form_.initial) || form_.ki == 0 ? 0 : kUnknown;
    slope_ = 0;
    before_ = reading_ = kUnknown;
    readings_ = 0;
}

Answer PidController::decide(const Situation& situation, std::span<double> action) {
    const auto& [observations, measure, kp, ki, kd, setpoint, dt, tau, min, max, max_rate, feed_forward, stuck_after,
                 initial] = form_;
    const double y = situation.values[measure], error = setpoint - y;
    const double rate = kd != 0 && std::isfinite(before_) ? (tau * slope_ + y - before_) / (tau + dt) : 0;
    readings_ = y == reading_ ? readings_ + 1 : 1;
    reading_ = y;
    const double direct = kp * error - kd * rate + feed_forward;
    const double reach = std::max(std::abs(min), std::abs(max));
    const double from = std::isnan(integral_) ? std::clamp(initial - direct, -reach, reach) : integral_;
    const double integrated = from + ki * error * dt;
    const double wanted = direct + integrated;
    // A sum that overflows is as unusable as a missing measurement.
    if (!std::isfinite(wanted) || readings_ >= stuck_after) {
        action[0] = limiter_.apply(kUnknown);
        before_ = kUnknown;
        slope_ = 0;
        return {.good = false, .iterations = 0, .undecided = true};
    }
    action[0] = limiter_.apply(wanted);
    before_ = y;
    slope_ = rate;
    const bool deeper = action[0] != wanted && sign_of(integrated - from) == sign_of(wanted - action[0]);
    integral_ = deeper ? from : integrated;
    return {.good = true, .iterations = 0};
}

} // namespace gatecast
