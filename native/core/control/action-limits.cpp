#include "core/control/action-limits.h"

#include <algorithm>
#include <cmath>

namespace gatecast {
namespace {

/// A longer braking manoeuvre counts as none.
constexpr int kLongestBrake = 10'000;
/// Halvings of the interval between a change that can brake and one that cannot, which is at most two jerks wide: 2^-5
/// of it is left.
constexpr int kBisections = 5;
/// What is exactly at the edge must stay allowed in spite of rounding. Relative to the bounds.
constexpr double kSlack = 1e-13;

/// The x for which the sum of x, x - d, x - 2d, ... down to the last positive term is s. Precondition: s >= 0, d > 0.
double first_of_sum(double s, double d) {
    const double ratio = s / d;
    if (ratio <= 1) return s;
    if (!(ratio < 1e15)) return std::isinf(s) ? s : std::sqrt(2 * d) * std::sqrt(s);
    const double n = std::floor((std::sqrt(1 + 8 * ratio) - 1) / 2);
    return (s + d * n * (n + 1) / 2) / (n + 1);
}

/// The sum of x - d, x - 2d, ... down to the last positive term, for x >= 0
double sum_after(double x, double d) {
    const double n = std::floor(x / d);
    return n * x - d * n * (n + 1) / 2;
}

} // namespace

ActionLimits::ActionLimits(double min, double max, double rate, double acceleration, double jerk)
    : min_(min), max_(max), rate_(rate), acceleration_(acceleration), jerk_(jerk),
      slack_(kSlack * std::max(std::abs(min), std::abs(max))), curved_(acceleration < kNone || jerk < kNone) {}

ActionLimits::Motion ActionLimits::motion_after(double third_last, double second_last, double last) const {
    if (!std::isfinite(last)) return {};
    Motion motion{.value = within_bounds(last)};
    if (!curved_ || !std::isfinite(second_last)) return motion;
    const Motion standing = motion;
    motion.change = std::clamp(last - second_last, -rate_, rate_);
    if (std::isfinite(third_last)) {
        const Motion even = motion;
        motion.acceleration = std::clamp(motion.change - (second_last - third_last), -acceleration_, acceleration_);
        if (can_brake(motion)) return motion;
        motion = even;
    }
    return can_brake(motion) ? motion : standing;
}

/// For any limits, and for a motion that is not known.
double ActionLimits::take_slowly(Motion& motion, double wanted) const {
    const bool known = !std::isnan(motion.value);
    if (std::isnan(wanted)) wanted = known ? motion.value : 0;
    if (!known) {
        motion = {.value = within_bounds(wanted)};
        return motion.value;
    }
    const double value = within_bounds(motion.value + curved_change(motion, within_bounds(wanted) - motion.value));
    const double change = value - motion.value;
    motion = {.value = value, .change = change, .acceleration = change - motion.change};
    return value;
}

/// The change, nearest to the wanted one, after which the action can still brake.
double ActionLimits::curved_change(const Motion& motion, double wanted) const {
    const double value = motion.value, change = motion.change, acceleration = motion.acceleration;
    // The changes that the limits allow at once, narrowed to those that can be undone before the rate is exceeded.
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
    double good = change + brake_acceleration(motion, stopping_acceleration(motion)), bad = nearest;
    for (int k = 0; k < kBisections; ++k) {
        const double between = good + (bad - good) / 2;
        (can_brake(after(between)) ? good : bad) = between;
    }
    return good;
}

/// Whether the braking manoeuvre from here stays inside the bounds and the rate, up to rounding.
bool ActionLimits::can_brake(Motion motion) const {
    const auto inside = [&](double value) { return value >= min_ - slack_ && value <= max_ + slack_; };
    if (!inside(motion.value)) return false;
    const double speed = std::abs(motion.change);
    if (jerk_ == kNone) {
        return inside(motion.value + std::copysign(sum_after(speed, acceleration_), motion.change));
    }
    const double undone = sum_after(std::abs(motion.acceleration), jerk_);
    if (std::abs(motion.change + std::copysign(undone, motion.acceleration)) > rate_ + slack_) return false;
    // Far from the bounds a rough estimate will do: the acceleration is undone, at the speed to which it leads, and
    // then that speed, at half of it on average.
    const double peak = speed + undone;
    const double steps =
        std::abs(motion.acceleration) / jerk_ + 2 + std::sqrt(peak / jerk_) + peak / (2 * acceleration_);
    if (peak * steps <= std::min(motion.value - min_, max_ - motion.value)) return true;

    for (int step = 0; step < kLongestBrake; ++step) {
        const double wanted = stopping_acceleration(motion);
        motion.acceleration = brake_acceleration(motion, wanted);
        motion.change += motion.acceleration;
        motion.value += motion.change;
        if (!inside(motion.value)) return false;
        if (motion.acceleration != wanted) continue;
        // From here on the acceleration is undone by one jerk per step, and the change with it.
        const double n = std::floor(std::abs(wanted) / jerk_), rest = std::abs(wanted) - n * jerk_;
        const double way = rest * n * (n - 1) / 2 + jerk_ * n * (n - 1) * (n - 2) / 6;
        return inside(motion.value + std::copysign(way, motion.change));
    }
    return false;
}

/// The acceleration that, if undone as fast as the jerk allows, leaves no change.
double ActionLimits::stopping_acceleration(const Motion& motion) const {
    return -std::copysign(first_of_sum(std::abs(motion.change), jerk_), motion.change);
}

/// The next acceleration of the braking manoeuvre: the one that stops, or the nearest that the limits allow.
double ActionLimits::brake_acceleration(const Motion& motion, double wanted) const {
    const double low = std::max(-acceleration_, motion.acceleration - jerk_);
    const double high = std::min(acceleration_, motion.acceleration + jerk_);
    return std::min(std::max(wanted, low), high);
}

} // namespace gatecast
