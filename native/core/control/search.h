#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/control/action-limits.h"
#include "core/control/noise.h"

namespace gatecast {

/// How plans are improved:
///   mppi    the mean of all plans, weighted by exp(-(cost - least cost) / temperature), with the previous plan as the
///           base of the information-theoretic control (Williams et al. 2017, "Information theoretic MPC")
///   cem     the mean and the deviation of the best (Rubinstein & Kroese 2004); the answer is the mean
///   icem    the same with the best kept from iteration to iteration and from plan to plan; the answer is the best of
///           all (Pinneri et al. 2020, "Sample-efficient cross-entropy method for real-time planning")
///   random  random plans inside the bounds; the answer is the best of all
enum class Method { mppi, cem, icem, random };

struct SearchOptions {
    Method method;
    int samples, horizon;
    std::uint64_t seed;
    std::vector<double> deviation; ///< standard deviation of the noise on each action, in its unit
    double colour = 0;             ///< see Noise
    double temperature = 0;        ///< mppi; 0: a tenth of the range of costs among the best tenth of the plans
    int elites = 1;                ///< cem, icem: how many of the best are learned from
    int keep = 0;                  ///< icem: how many of the best are tried again
    double momentum = 0;           ///< cem, icem: share of the old mean and deviation in the new ones
};

/// The plans that a planner tries, and what it learns from their costs. A plan is [horizon][actions]; every plan that
/// it returns is inside the limits, starting from the actions that were sent. Only create allocates.
class Search {
  public:
    /// Precondition: limits and deviations for the same actions, samples > elites >= keep.
    Search(SearchOptions options, std::vector<ActionLimits> limits, int threads);

    std::size_t action_count() const { return limits_.size(); }
    void reset();
    /// The next plan does not continue the previous one.
    void forget_plan();

    /// A new plan begins `passed` steps after the previous one and continues it; the end is held. `sent`: the three
    /// actions before the first step, the newest last [3][actions]; NaN where not known.
    void begin(int passed, std::span<const double> sent);
    /// Draws a plan to try in this iteration. No two calls at a time with the same `thread`.
    void draw(int thread, int iteration, int sample, std::span<float> plan);
    /// Learns from plans of an iteration, [count][horizon][actions], and their costs. Plans without a cost are ignored.
    /// Precondition: at least one has a cost; count <= samples.
    void learn(std::span<const float> plans, std::span<const double> costs);
    /// Makes the plan hold the action that was sent last or, if there was none, the action nearest to 0.
    void hold();
    /// The best known plan
    std::span<const double> plan() const { return answer_; }
    /// Effective number of plans in the weighted mean that was learned last: (sum of w)^2 / sum of w^2
    double effective_samples() const { return effective_; }

  private:
    struct Scratch {
        std::vector<float> noise, white; ///< [actions][horizon]
    };

    template <class Wanted, class Out>
    void project(Wanted wanted, Out out) const;
    void learn_from_all(std::span<const float> plans, std::span<const double> costs);
    void learn_from_best(std::span<const float> plans, std::span<const double> costs);
    int elites_of(std::span<const double> costs) const;
    void sort_best(std::span<const double> costs, int count);
    void shift(std::span<double> plan, int steps) const;
    std::span<const float> plan_of(std::span<const float> plans, int sample) const;

    SearchOptions options_;
    std::vector<ActionLimits> limits_;
    std::vector<float> lowest_, highest_; ///< the bounds as floats, rounded inwards
    Noise noise_;
    std::uint32_t number_ = 0; ///< plans begun
    std::vector<ActionLimits::Motion> motions_;
    std::vector<double> mean_, deviation_, answer_; ///< [horizon][actions]
    std::vector<double> kept_, weights_;            ///< plans [keep]; one weight per sample
    std::vector<int> order_;                        ///< samples, the best first
    int kept_count_ = 0;
    double least_cost_ = 0, effective_ = 0;
    std::vector<Scratch> scratch_; ///< one per thread
};

} // namespace gatecast
