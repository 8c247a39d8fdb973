#pragma once

#include <memory>
#include <span>
#include <vector>

#include "core/control/cost.h"
#include "core/control/search.h"
#include "core/control/steady-clock.h"
#include "core/control/trials.h"

namespace gatecast {

/// A cost that is told for all plans of an iteration at once
class BatchCost {
  public:
    virtual ~BatchCost() = default;
    /// Sets batch.costs. False: it could not, and the plan goes no further.
    virtual bool judge(Batch& batch) = 0;
};

struct PlannerOptions {
    SearchOptions search;
    int iterations;        ///< of a plan, at most
    double time;           ///< most time for a plan [s]; may be infinite
    Clock clock;           ///< that of the deadlines
    BatchCost* batch_cost; ///< in place of the cost as data; may be null
};

/// Where a plan begins
struct PlanStart {
    PlanOrigin origin;
    std::span<const double> sent; ///< see Search::begin
    int passed;                   ///< steps since the first step of the plan before; the horizon or more: begin anew
    double deadline;              ///< when it must be done [s]; infinity if there is none
};

/// Plans by trying: each iteration rolls `samples` plans out, all in one go, and learns from what they cost. A plan
/// goes on from the one before. When the time is over, the best plan so far is the answer. The same seed gives the same
/// plans to the bit, whatever the threads, as long as no deadline cuts them off.
class Planner {
  public:
    /// Create allocates, plan does not. Preconditions: those of Trials and Search; deviations, limits and the cost's
    /// terms are of the plants' actions and outputs.
    Planner(const std::vector<Plant>& plants, Cost cost, std::vector<ActionLimits> limits, PlannerOptions options,
            const std::shared_ptr<Pool>& pool);

    int horizon() const { return trials_.horizon(); }
    std::size_t action_count() const { return trials_.action_count(); }
    std::size_t output_count() const { return trials_.output_count(); }
    /// May be changed between plans, what it points to too; but not how many terms there are.
    Cost& cost() { return cost_; }

    void reset();
    /// Returns the iterations that were done to their end. With none, the plan is what is left of the one before.
    int plan(PlanStart start);

    // Of the last plan:
    std::span<const double> actions() const { return search_.plan(); } ///< [horizon][actions]
    std::span<const double> predicted() const { return predicted_; }   ///< [horizon][outputs]
    /// Of that plan; with a BatchCost the least that it told, NaN if it was not asked.
    double predicted_cost() const { return predicted_cost_; }

  private:
    bool iterate(int iteration, const PlanStart& start);
    void foretell(std::span<const double> sent);

    PlannerOptions options_;
    Cost cost_;
    Trials trials_;
    Search search_;
    std::vector<double> predicted_;
    double predicted_cost_ = 0;
    double iteration_time_ = 0, last_time_ = 0; ///< what an iteration and what comes after the last took [s]
};

} // namespace gatecast
