#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace gatecast {

/// The rules of a native loop: the options of `controlLoop` (lib/control/loop/loop-options.ts) with defaults,
/// without functions. Times in s.
struct LoopRules {
    /// What an observed value can be, bounds included
    struct Range {
        double min, max;
    };
    struct Limits {
        double min, max, max_rate; ///< most change in a second; infinity for any
    };
    using Action = std::vector<double>;

    double period, deadline, max_age, delay;
    std::vector<Range> inputs;
    std::vector<Limits> limits;          ///< of each value of an action
    std::optional<Action> fallback;      ///< none: the action before is held
    std::optional<Action> start, stop;   ///< none: nothing is sent
    double degrade_after, recover_after; ///< bad and good cycles in a row

    /// How many actions are remembered: those since an observation that is still of use, and since one before it that
    /// is up to 100 periods older; see Situation::sent.
    double sent_count() const { return (max_age + delay) / period + 104; }
};

/// Why the action of a cycle is not the controller's; see docs/control.md. The order is that of
/// lib/control/native-loop/native-cycle.ts.
enum class CycleReason : std::uint8_t {
    none,
    missing,
    malformed,
    stale,
    wrong_length,
    not_finite,
    out_of_range,
    late,
    bad_action,
    overrun,
    undecided,
    unread, ///< the action is the controller's, and nobody takes it
};

/// held: the action before, again
enum class ActionSource : std::uint8_t { model, fallback, held };

enum class LoopStatus : std::uint8_t { warming, running, degraded };

/// One cycle. Times in s.
struct CycleRecord {
    static constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

    std::int64_t seq = 0;    ///< its number on the schedule
    std::int64_t missed = 0; ///< cycles just before it that were due and not run
    double due = 0;
    double event = kUnknown; ///< time of the observation, if it has a usable one
    double in = 0, out = 0;
    double compute = kUnknown; ///< how long the controller took, if it was asked
    double iterations = -1;    ///< of the controller; -1 if it was not asked
    CycleReason reason = CycleReason::none;
    ActionSource source = ActionSource::model;
    LoopStatus status = LoopStatus::warming;
    bool deadline_met = false;
    bool limited = false; ///< whether the limits changed the action
    unsigned flags = 0;   ///< of Signs
};

} // namespace gatecast
