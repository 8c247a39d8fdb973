#pragma once

#include <limits>

namespace gatecast {

/// What an actuator can do from one step to the next, in the unit of its action: bounds, the largest change (rate), the
/// largest change of the change (acceleration) and of that (jerk); infinity if there is no such limit.
///
/// A sequence that is taken value by value keeps all limits by construction: there is always a braking manoeuvre, which
/// brings the change to zero without exceeding any. The bounds are kept to the bit, the others up to rounding (2e-13 of
/// the larger bound).
class ActionLimits {
  public:
    static constexpr double kNone = std::numeric_limits<double>::infinity();

    /// The motion of an action: its last value, the last change and the change of that. NaN: nothing was sent yet, and
    /// the first value is free.
    struct Motion {
        double value = std::numeric_limits<double>::quiet_NaN();
        double change = 0, acceleration = 0;
    };

    /// Precondition: min <= max, both finite; rate >= 0, acceleration and jerk > 0.
    ActionLimits(double min, double max, double rate = kNone, double acceleration = kNone, double jerk = kNone);

    double min() const { return min_; }
    double max() const { return max_; }

    /// The motion after these values, the newest last; NaN where not known. If the values sent leave no braking
    /// manoeuvre, the acceleration counts as zero, and if that is not enough the change too.
    Motion motion_after(double third_last, double second_last, double last) const;

    /// The allowed value nearest to the wanted one; it becomes the last value of the motion. NaN holds.
    double take(Motion& motion, double wanted) const {
        if (curved_ || !(motion.value == motion.value)) return take_slowly(motion, wanted);
        // Inline, because a planner calls it for every value of its plans.
        if (wanted == wanted) {
            const double low = motion.value - rate_, high = motion.value + rate_;
            const double value = within_bounds(wanted);
            motion.value = value < low ? low : value > high ? high : value;
        }
        return motion.value;
    }

  private:
    double within_bounds(double value) const { return value < min_ ? min_ : value > max_ ? max_ : value; }
    double take_slowly(Motion& motion, double wanted) const;
    double curved_change(const Motion& motion, double wanted) const;
    bool can_brake(Motion motion) const;
    double stopping_acceleration(const Motion& motion) const;
    double brake_acceleration(const Motion& motion, double wanted) const;

    double min_, max_, rate_, acceleration_, jerk_, slack_;
    bool curved_; ///< there is a limit of acceleration or jerk
};

} // namespace gatecast
