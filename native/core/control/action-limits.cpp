#include "core/control/action-limits.h"

#include <algorithm>
#include <cmath>

namespace gatecast {
namespace {

/// A braking manoeuvre that takes longer counts as none.
constexpr int kLongestBrake = 10'000;
/// Of the way between a value that can brake and one that cannot: 2^-16 of it is left.
constexpr int kBisections = 16;
/// What was sent is known but for its rounding, relative to the bounds.
constexpr double kSlack = 1e-12;

/// The sum of x, x - d, x - 2d, ... down to the last that is positive is s: what x is. Precondition: s >= 0, d > 0.
double first_of_sum(double s, double d) {
    const double ratio = s / d;
    if (ratio <= 1) return s;
    if (!(ratio < 1e15)) return std::isinf(s) ? s : std::sqrt(2 * d) * std::sqrt(s);
    const double n = std::floor((std::sqrt(1 + 8 * ratio) - 1) / 2);
    return (s + d * n * (n + 1) / 2) / (n + 1);
}

/// The sum of x - d, x - 2d, ... down to the last that is positive, for x >= 0
double sum_after(double x, double d) {
    const double n = std::floor(x / d);
    return n * x - d * n * (n + 1) / 2;
}

} // namespace

ActionLimits::ActionLimits(double min, double max, double rate, double acceleration, double jerk)
    : min_(min), max_(max), rate_(rate), acceleration_(acceleration), jerk_(jerk),
      curved_(acceleration < kNone || jerk < kNone) {}

ActionLimits::Motion ActionLimits::motion_after(double third_last, double second_last, double last) const {
    if (!std::isfinite(last)) return {};
    Motion motion{.value = within_bounds(last)};
    if (!curved_ || !std::isfinite(second_last)) return motion;
    const Motion standing = motion;
    const double slack = kSlack * std::max(std::abs(min_), std::abs(max_));
    motion.change = std::clamp(last - second_last, -rate_, rate_);
    if (std::isfinite(third_last)) {
        const Motion even = motion;
        motion.acceleration = std::clamp(motion.change - (second_last - third_last), -acceleration_, acceleration_);
        if (can_brake(motion, slack)) return motion;
        motion = even;
    }
    return can_brake(motion, slack) ? motion : standing;
}

double ActionLimits::take(Motion& motion, double wanted) const {
    const bool known = !std::isnan(motion.value);
    if (std::isnan(wanted)) wanted = known ? motion.value : 0;
    double value = within_bounds(wanted);
    if (!known) {
        motion = {.value = value};
        return value;
    }
    if (curved_) {
        value = within_bounds(motion.value + curved_change(motion, value - motion.value));
        const double change = value - motion.value;
        motion.acceleration = change - motion.change;
        motion.change = change;
    } else {
        value = std::clamp(value, motion.value - rate_, motion.value + rate_);
    }
    motion.value = value;
    return value;
}

/// The change nearest to the one that is wanted after which the action can brake.
double ActionLimits::curved_change(const Motion& motion, double wanted) const {
    const double value = motion.value, change = motion.change, acceleration = motion.acceleration;
    // What the limits allow at once, and what of it can be undone before the rate is broken.
    double low = std::max(-rate_, change - acceleration_), high = std::min(rate_, change + acceleration_);
    if (jerk_ < kNone) {
        low =
            std::max({low, change + acceleration - jerk_, change - first_of_sum(std::max(rate_ + change, 0.0), jerk_)});
        high = std::min(
            {high, change + acceleration + jerk_, change + first_of_sum(std::max(rate_ - change, 0.0), jerk_)});
    } else {
        low = std::max(low, -first_of_sum(value - min_, acceleration_));
        high = std::min(high, first_of_sum(max_ - value, acceleration_));
    }
    const double nearest = std::min(std::max(wanted, low), high);
    if (jerk_ == kNone) return nearest;

    const auto after = [&](double next) { return Motion{value + next, next, next - change}; };
    if (can_brake(after(nearest))) return nearest;
    double good = change + brake_acceleration(motion), bad = nearest;
    for (int k = 0; k < kBisections; ++k) {
        const double between = good + (bad - good) / 2;
        (can_brake(after(between)) ? good : bad) = between;
    }
    return good;
}

/// Whether the braking manoeuvre from here stays inside the bounds and the rate.
bool ActionLimits::can_brake(Motion motion, double slack) const {
    const double lowest = min_ - slack, highest = max_ + slack;
    const double speed = std::abs(motion.change);
    if (jerk_ == kNone) {
        const double way = std::copysign(sum_after(speed, acceleration_), motion.change);
        return std::min(motion.value, motion.value + way) >= lowest &&
               std::max(motion.value, motion.value + way) <= highest;
    }
    // Far from the bounds a rough estimate will do: the acceleration is undone, at the speed that this leads to, and
    // then that speed, on the average at half of it.
    const double undo = std::abs(motion.acceleration) / jerk_;
    const double peak = speed + (undo > 1 ? sum_after(std::abs(motion.acceleration), jerk_) : 0);
    const double steps = undo + 2 + std::sqrt(peak / jerk_) + peak / (2 * acceleration_);
    const double room = std::min(motion.value - min_, max_ - motion.value);
    if (peak <= rate_ && peak * steps <= room) return true;

    for (int step = 0; step < kLongestBrake; ++step) {
        if (motion.value < lowest || motion.value > highest || std::abs(motion.change) > rate_ + slack) return false;
        if (motion.change == 0 && motion.acceleration == 0) return true;
        motion.acceleration = brake_acceleration(motion);
        motion.change += motion.acceleration;
        motion.value += motion.change;
    }
    return false;
}

/// The next acceleration of the braking manoeuvre: the one that, undone as fast as the jerk allows, leaves no change;
/// or what comes nearest to it.
double ActionLimits::brake_acceleration(const Motion& motion) const {
    const double wanted = -std::copysign(first_of_sum(std::abs(motion.change), jerk_), motion.change);
    const double low = std::max(-acceleration_, motion.acceleration - jerk_);
    const double high = std::min(acceleration_, motion.acceleration + jerk_);
    return std::min(std::max(wanted, low), high);
}

} // namespace gatecast
