#pragma once

#include <span>

namespace gatecast {

/// An action that was sent, and when it takes effect [s]
struct SentAction {
    double effect;
    std::span<const double> values;
};

/// What is known when an action is to be decided. All times are of one clock.
struct Situation {
    std::span<const double> values;   ///< observed, in the units of the user
    double at;                        ///< when they were [s]
    double effect;                    ///< when the action to be decided takes effect [s]
    double deadline;                  ///< an answer after it is of no use [s]; infinity if there is none
    std::span<const SentAction> sent; ///< oldest first: the action in effect at the observation before this one (if
                                      ///< known), and all later ones
};

struct Answer {
    bool good;              ///< the action holds finite values
    double iterations;      ///< done; the last may be partial
    bool undecided = false; ///< there was nothing to decide from; then it is not `good` either
};

/// Answers each observation with an action: a planner, a recurrent policy, a gain. It remembers what it needs of those
/// before. One thread at a time.
class Controller {
  public:
    virtual ~Controller() = default;
    virtual int observation_count() const = 0;
    virtual int action_count() const = 0;
    virtual void reset() = 0; ///< forgets all it has seen
    /// No allocation, no throw.
    virtual Answer decide(const Situation& situation, std::span<double> action) = 0;
};

} // namespace gatecast
