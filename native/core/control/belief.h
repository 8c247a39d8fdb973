#pragma once

#include <memory>
#include <span>
#include <vector>

#include "core/control/controller.h"
#include "core/control/rollout.h"

namespace gatecast {

/// What is known of a plant by what was observed and sent: of each model of it the state and the outputs at the step
/// of the last observation. A step is `interval` long; an action counts from the step that is nearest to when it takes
/// effect.
class Belief {
  public:
    /// With more steps than this between two observations, or between one and the plan, nothing is known.
    static constexpr int kLongestGap = 100;

    /// Precondition: what Trials asks for; interval [s] > 0. Create allocates, nothing else does.
    Belief(const std::vector<Plant>& plants, double interval);

    std::size_t output_count() const { return output_count_; }
    std::size_t action_count() const { return action_count_; }
    void reset();

    /// Takes what was observed: the state goes on by the steps that have passed, through the actions in effect then;
    /// steps without an observation take what the model predicts, and after kLongestGap the state is reset. What is
    /// older than the step before is not used. Returns false, nothing changed, for values that no model can take.
    bool observe(const Situation& situation);

    /// The steps from the last observation to `time`, and where they lead by the actions in effect until then. False
    /// if that is too far or the models run away. With `roll` false time stands still, but for the actions.
    bool foresee(double time, std::span<const SentAction> sent, bool roll);

    // After foresee:
    std::span<const States> states() const { return states_; }
    int slot() const { return kForeseen; }
    std::span<const double> outputs() const { return ahead_.outputs; } ///< [plants][outputs]
    /// The three actions before, the newest last [3][actions]; NaN where none is known
    std::span<const double> sent() const { return ahead_.sent; }
    long step() const { return ahead_.step; } ///< a count; where the state began anew it has jumped

  private:
    static constexpr int kObserved = 0, kForeseen = 1; ///< slots

    struct Moment {
        std::vector<double> outputs; ///< [plants][outputs]
        std::vector<double> sent;    ///< [3][actions]
        long step;
    };

    void begin_anew();
    bool can_take(std::span<const double> values) const;
    /// Puts a slot and its moment one step further. False if the outputs leave what the models can take.
    bool advance(int slot, Moment& moment, double time, std::span<const SentAction> sent, bool roll);
    bool step_plant(std::size_t plant, int slot, std::span<double> outputs, std::span<const double> action);

    std::vector<Plant> plants_;
    double interval_;
    std::size_t output_count_, action_count_;
    std::vector<int> actions_;   ///< inputs that are no outputs
    std::vector<States> states_; ///< [plants]
    Moment now_{}, ahead_{};
    double at_ = 0; ///< of the last observation [s]
    bool begun_ = false;
    std::vector<double> action_;
    std::vector<float> x_, y_;
};

} // namespace gatecast
