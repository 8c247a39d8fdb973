#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <span>
#include <vector>

#include "core/control/cost.h"
#include "core/control/rollout.h"
#include "core/network/groups.h"

namespace gatecast {

/// From where plans are rolled out: for each plant a state that has not yet taken its outputs at the first step.
struct PlanOrigin {
    std::span<const States> states; ///< [plants]
    int slot;
    std::span<const double> outputs; ///< [plants][outputs]
};

/// All plans of an iteration, [samples] in each array
struct Batch {
    std::vector<float> actions; ///< [horizon][actions]
    std::vector<float> outputs; ///< after each action, [horizon][outputs]; the mean of several plants
    std::vector<int> steps;     ///< how many steps all plants could predict
    std::vector<double> costs;
};

/// Rolls plans out on one plant, or on an ensemble of models of it, and hands each to `judge` while it is in the cache.
/// A plan costs what its mean trajectory does; how far the models are apart is the spread, which the risk terms weigh.
/// (For a quadratic cost the mean over the models is exactly that, with a risk of the same weight.)
class Trials {
  public:
    /// Precondition: all plants have the same inputs and outputs, and meet that of Rollout. samples, horizon >= 1.
    Trials(const std::vector<Plant>& plants, int samples, int horizon, const std::shared_ptr<Pool>& pool);

    int horizon() const { return horizon_; }
    int threads() const { return rollouts_.front().threads(); }
    std::size_t action_count() const { return rollouts_.front().action_count(); }
    std::size_t output_count() const { return rollouts_.front().output_count(); }
    Batch& batch() { return batch_; }
    /// How many of `rows` plans a thread takes at once if there is enough time
    int group_rows(int rows) const { return group_size(rows, threads()); }

    void begin(const PlanOrigin& origin);
    /// Tries the first `rows` samples, up to `group` at once in each thread. draw(thread, sample, plan) makes a plan
    /// [horizon][actions]; judge(trial) returns its cost. stop() is called before each group of plans; once it is true,
    /// no group begins. Returns how many plans have a cost, counted from the first without a gap. No allocation.
    /// Precondition: 1 <= rows <= samples, 1 <= group <= group_rows(rows).
    template <class Draw, class Judge, class Stop>
    int run(int rows, int group, Draw draw, Judge judge, Stop stop) {
        std::atomic<int> judged = rows; // the first row that was left out
        const std::size_t plan = horizon_ * action_count();
        share_groups(pool_.get(), threads(), rows, group, [&](int thread, int row, int count) {
            int end = judged;
            if (row >= end || stop()) {
                while (row < end && !judged.compare_exchange_weak(end, row)) {
                }
                return;
            }
            for (int k = row; k < row + count; ++k) {
                draw(thread, k, std::span(batch_.actions).subspan(k * plan, plan));
            }
            roll_out(thread, row, count);
            for (int k = 0; k < count; ++k) batch_.costs[row + k] = judge(trial(thread, row, k));
        });
        return judged;
    }

    /// Rolls out one plan alone, in place of the first sample
    TriedPlan run_one(std::span<const double> plan);

  private:
    /// Predictions of the plants for one thread's group
    struct Scratch {
        std::vector<float> outputs; ///< [plants][group][horizon][outputs]
        std::vector<float> spread;  ///< [group][horizon][outputs]
        std::vector<int> steps;     ///< [group]
    };

    void roll_out(int thread, int row, int count);
    void take_mean(Scratch& scratch, int row, int count);
    TriedPlan trial(int thread, int row, int k) const;

    int horizon_;
    std::shared_ptr<Pool> pool_;
    std::vector<Rollout> rollouts_; ///< one per plant
    PlanOrigin origin_{};
    Batch batch_;
    std::vector<Scratch> scratch_; ///< one per thread, if there are several plants
};

} // namespace gatecast
