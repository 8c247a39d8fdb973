#pragma once

#include <memory>
#include <span>
#include <vector>

#include "core/control/controller.h"
#include "core/control/limiter.h"
#include "core/control/loop-rules.h"
#include "core/control/sent-actions.h"
#include "core/control/signs.h"
#include "core/control/steady-clock.h"

namespace gatecast {

/// What was measured, and when [s]
struct Observed {
    double at;
    std::span<const double> values;
};

/// The cycles of a native loop, by the rules of `controlLoop` (lib/control/loop/control-run.ts).
/// Whoever runs it waits until the next is due, calls `decide`, sends the action, and calls `finish`. Create allocates,
/// the rest does not.
class LoopCycle {
  public:
    /// Precondition: the controller takes as many values as there are inputs and gives as many as there are limits;
    /// the actions of the rules have that length too. period > 0; limits and inputs are ordered.
    LoopCycle(LoopRules rules, std::shared_ptr<Controller> controller, Clock clock);

    int observation_count() const { return static_cast<int>(rules_.inputs.size()); }
    int action_count() const { return static_cast<int>(rules_.limits.size()); }

    /// Cycle 0 is due now. Returns what is sent first; empty for nothing.
    std::span<const double> start();

    /// When the next cycle is due [s]
    double due() const { return origin_ + static_cast<double>(next_) * rules_.period; }

    /// The action of the cycle that is to run now: the next, or the last of those that are due by now. Finite and
    /// inside the limits, whatever was observed; `observed` is null before the first observation.
    std::span<const double> decide(const Observed* observed);

    /// The action was sent. `read`: whether anybody takes actions.
    const CycleRecord& finish(bool read = true);

    /// What is sent last, inside the bounds but at any rate; empty for nothing.
    std::span<const double> stop();

  private:
    CycleReason fault_of(const Observed* observed);
    CycleReason ask(const Observed& observed);
    std::span<const double> limit(std::span<const double> wanted);
    void count_good();
    void count_bad(double cycles);

    LoopRules rules_;
    std::shared_ptr<Controller> controller_;
    Clock clock_;
    std::vector<Limiter> limiters_;
    SentActions sent_;
    Signs signs_;
    std::vector<double> wanted_, action_;
    CycleRecord record_{};
    double origin_ = 0;
    std::int64_t next_ = 0;
    double asked_; ///< time of the observation that the controller got last; NaN before
    LoopStatus status_ = LoopStatus::warming;
    double good_ = 0, bad_ = 0; ///< cycles in a row
};

} // namespace gatecast
