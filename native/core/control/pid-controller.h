#pragma once

#include <limits>

#include "core/control/controller.h"
#include "core/control/limiter.h"

namespace gatecast {

/// The settings of a PidController: the options of `pid` (lib/control/policies/pid.ts) with defaults, without functions
struct PidForm {
    int observations, measure; ///< how many values are observed, and which of them is controlled
    double kp, ki, kd; ///< action for each unit of error, of its integral over seconds, of its change in a second
    double setpoint;   ///< where the measurement is wanted
    double dt, tau;    ///< time between two observations, and that which smooths the derivative [s]
    double min, max, max_rate; ///< limits of the action; most change in a second, infinity for any
    double feed_forward;       ///< added before the limits
    double stuck_after;        ///< readings of the same number until the measurement is stuck; infinity for never
    double initial;            ///< what the actuator does at first; NaN if that is not known
};

/// A PID controller of one action: the same bits as `pid` (lib/control/policies/pid.ts). No allocation.
class PidController final : public Controller {
  public:
    /// Precondition: all finite but max_rate, stuck_after and initial; dt > 0, tau >= 0, min <= max, initial within
    /// them, 0 <= measure < observations.
    explicit PidController(const PidForm& form) : form_(form), limiter_(form.min, form.max, form.max_rate * form.dt) {
        reset();
    }

    int observation_count() const override { return form_.observations; }
    int action_count() const override { return 1; }
    void reset() override;
    Answer decide(const Situation& situation, std::span<double> action) override;

  private:
    static constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

    PidForm form_;
    Limiter limiter_;
    double integral_ = 0; ///< ki included; NaN until it takes over from `initial`
    double slope_ = 0;
    double before_ = kUnknown;  ///< the measurement before
    double reading_ = kUnknown; ///< the newest, and how often it came in a row
    double readings_ = 0;
};

} // namespace gatecast
