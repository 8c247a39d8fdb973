#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

namespace gatecast {

/// Keeps the values of one actuator inside its limits, each relative to the one before, as lib/control/limits.ts does.
class Limiter {
  public:
    /// `step`: largest change from one value to the next; infinity for no limit
    Limiter(double min, double max, double step) : min_(min), max_(max), step_(step) {}

    /// The nearest allowed value. For NaN, the previous value; at first, the allowed value nearest to 0.
    double apply(double value) {
        double wanted = std::isnan(value) ? (known_ ? last_ : 0) : std::clamp(value, min_, max_);
        if (known_) wanted = std::clamp(wanted, last_ - step_, last_ + step_);
        known_ = true;
        return last_ = std::clamp(wanted, min_, max_);
    }

    /// The next value may change at any rate, like the first.
    void forget() { known_ = false; }

  private:
    double min_, max_, step_;
    double last_ = 0;
    bool known_ = false;
};

} // namespace gatecast
