#pragma once

#include <span>

namespace gatecast {

/// An action that was sent, and when it takes effect [s]
struct SentAction {
    double effect;
    std::span<const double> values;
};

/// What is known when an action is to be decided. All times are of the same clock.
struct Situation {
    std::span<const double> values;   ///< observed, in the units of the user
    double at;                        ///< when they were observed [s]
    double effect;                    ///< when the action to be decided takes effect [s]
    double deadline;                  ///< a later answer cannot be used [s]; infinity if there is none
    std::span<const SentAction> sent; ///< oldest first: the action in effect at the observation before this one (if
                                      ///< known), and all later ones
};

struct Answer {
    bool good;              ///< the action holds finite values
    double iterations;      ///< how many were done; the last may be partial
    bool undecided = false; ///< there was nothing to decide from; `good` is false then
};

/// Answers each observation with an action: a planner, a recurrent policy, a gain. It remembers what it needs of
/// earlier observations. For one thread at a time.
class Controller {
  public:
    virtual ~Controller() = default;
    virtual int observation_count() const = 0;
    virtual int action_count() const = 0;
    virtual void reset() = 0; ///< forgets all observations
    /// No allocation, no throw.
    virtual Answer decide(const Situation& situation, std::span<double> action) = 0;
};

} // namespace gatecast
