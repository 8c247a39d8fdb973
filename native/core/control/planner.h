#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/control/cost.h"
#include "core/control/search.h"
#include "core/control/steady-clock.h"
#include "core/control/trials.h"

namespace gatecast {

/// A cost that is computed for all plans of an iteration at once
class BatchCost {
  public:
    virtual ~BatchCost() = default;
    /// Sets batch.costs. Returns false if it could not; the plan then ends here. Plans left out for lack of time come
    /// last and have no steps; their costs are ignored.
    virtual bool judge(Batch& batch) = 0;
};

struct PlannerOptions {
    SearchOptions search;
    int iterations;        ///< most iterations of a plan
    double time;           ///< longest time for a plan [s]; may be infinite
    Clock clock;           ///< the clock of the deadlines
    BatchCost* batch_cost; ///< takes the place of the cost as data; may be null
    bool adapt = false;    ///< an iteration tries only as many samples as there is time for
};

/// Why nothing was learned for a plan. The order is that of lib/control/planning/plan-notice.ts.
enum class PlanFault : std::uint8_t {
    none,
    no_time,  ///< not even one group of plans would have been rolled out by the deadline
    diverged, ///< the models run away under every plan
    no_cost,  ///< no plan has a cost that is a number, all costs are too large, or the BatchCost failed
    alike,    ///< the plans that were tried are all equal
};

/// Where a plan begins
struct PlanStart {
    PlanOrigin origin;
    std::span<const double> sent; ///< see Search::begin
    int passed;      ///< steps since the first step of the previous plan; the horizon or more: start without that plan
    double deadline; ///< when the plan must be done [s]; infinity if there is none
};

/// Plans by trial: each iteration rolls out `samples` plans at once and learns from their costs. A plan continues the
/// previous one. The clock is checked before each group of plans; at the deadline the planner learns from the plans
/// evaluated so far. The same seed gives the same plans to the bit for any number of threads, as long as no deadline
/// cuts them off.
class Planner {
  public:
    /// A plan is continued at most this many times without learning; after that there is no plan.
    static constexpr int kMostAge = 3;

    /// Create allocates, plan does not. Preconditions: those of Trials and Search; deviations, limits and the cost's
    /// terms match the plants' actions and outputs.
    Planner(const std::vector<Plant>& plants, Cost cost, std::vector<ActionLimits> limits, PlannerOptions options,
            const std::shared_ptr<Pool>& pool);

    int horizon() const { return trials_.horizon(); }
    std::size_t action_count() const { return trials_.action_count(); }
    std::size_t output_count() const { return trials_.output_count(); }
    /// May be changed between plans, including what it points to, but not the number of terms.
    Cost& cost() { return cost_; }

    /// Forgets the plan, but not how long planning takes.
    void reset();
    /// Measures how long plans take. Allocates. Precondition: no plan was made since the last reset.
    void measure(const PlanOrigin& origin);
    /// Returns the number of iterations done; the last may be partial. With 0, the plan is the rest of the previous one
    /// or, if there is none, holds the action that was sent last.
    double plan(PlanStart start);
    /// How many samples one iteration can evaluate in `time` [s]; infinity if not known
    double fitting_samples(double time) const;

    // The last plan:
    std::span<const double> actions() const { return search_.plan(); } ///< [horizon][actions]
    /// [horizon][outputs]; without a plan, the outputs from which it would have started
    std::span<const double> predicted() const { return predicted_; }
    /// Cost of that plan; with a BatchCost the least that it gave, NaN if it was not called.
    double predicted_cost() const { return predicted_cost_; }
    bool held() const { return age_ > kMostAge; }
    /// Why nothing new was learned
    PlanFault fault() const { return fault_; }
    double effective_samples() const { return search_.effective_samples(); }

  private:
    struct Portions {
        int rows, group;
    };

    double improve(const PlanStart& start);
    Portions portions_until(double deadline) const;
    int try_plans(int iteration, Portions portions, const PlanStart& start);
    bool ask(int rows);
    PlanFault fault_of(int rows);
    void predict(std::span<const double> sent);
    void predict_nothing(const PlanOrigin& origin);

    PlannerOptions options_;
    Cost cost_;
    Trials trials_;
    Search search_;
    std::vector<double> predicted_;
    double predicted_cost_ = 0;
    PlanFault fault_ = PlanFault::none;
    int age_ = kMostAge + 1; ///< plans since something was last learned
    double row_time_ = 0;    ///< time of one plan among others, at worst [s]
    double usual_row_time_ = 0;
    double learn_time_ = 0; ///< time of the rest of an iteration [s]
    int learned_ = 0;       ///< how often that was measured, 2 for more
    double last_time_ = 0;  ///< time after the last iteration [s]
};

} // namespace gatecast
