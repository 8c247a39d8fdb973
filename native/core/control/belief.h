#pragma once

#include <memory>
#include <span>
#include <vector>

#include "core/control/controller.h"
#include "core/control/rollout.h"

namespace gatecast {

/// What is known about a plant from what was observed and sent: for each of its models the state and the outputs at the
/// step of the last observation. A step takes `interval`; an action counts from the step nearest to its time of effect.
class Belief {
  public:
    /// Beyond this many steps between two observations, or between one and the plan, nothing is known.
    static constexpr int kLongestGap = 100;

    /// Precondition: that of Trials; interval [s] > 0. Only create allocates.
    Belief(const std::vector<Plant>& plants, double interval);

    std::size_t output_count() const { return output_count_; }
    std::size_t action_count() const { return action_count_; }
    void reset();

    /// Takes an observation. The state advances by the steps that have passed, under the actions in effect then; steps
    /// without an observation take what the model predicts, and after kLongestGap the state is reset. An observation
    /// older than the previous step is not used. Returns false, with nothing changed, for values that no model can
    /// take.
    bool observe(const Situation& situation);

    /// Predicts the steps from the last observation to `time` under the actions in effect until then. False if that is
    /// too far or the models run away. With `roll` false the plant stands still, but the actions are followed.
    bool predict(double time, std::span<const SentAction> sent, bool roll);

    // The result of predict:
    std::span<const States> states() const { return states_; }
    int slot() const { return kPredicted; }
    std::span<const double> outputs() const { return ahead_.outputs; } ///< [plants][outputs]
    /// The three previous actions, the newest last [3][actions]; NaN where not known
    std::span<const double> sent() const { return ahead_.sent; }
    long step() const { return ahead_.step; } ///< a count, which jumps when the state is reset

  private:
    static constexpr int kObserved = 0, kPredicted = 1; ///< slots

    struct Moment {
        std::vector<double> outputs; ///< [plants][outputs]
        std::vector<double> sent;    ///< [3][actions]
        long step;
    };

    void begin_anew();
    bool can_take(std::span<const double> values) const;
    /// Advances a slot and its moment by one step. False if the outputs leave the range that the models can take.
    bool advance(int slot, Moment& moment, double time, std::span<const SentAction> sent, bool roll);
    bool step_plant(std::size_t plant, int slot, std::span<double> outputs, std::span<const double> action);

    std::vector<Plant> plants_;
    double interval_;
    std::size_t output_count_, action_count_;
    std::vector<int> actions_;   ///< inputs that are not outputs
    std::vector<States> states_; ///< [plants]
    Moment now_{}, ahead_{};
    double at_ = 0; ///< time of the last observation [s]
    bool begun_ = false;
    std::vector<double> action_;
    std::vector<float> x_, y_;
};

} // namespace gatecast
