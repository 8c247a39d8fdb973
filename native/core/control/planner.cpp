#include "core/control/planner.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace gatecast {
namespace {

/// An iteration that was slow once is forgotten so fast: else no other might ever be begun.
constexpr double kForget = 0.9;

} // namespace

Planner::Planner(const std::vector<Plant>& plants, Cost cost, std::vector<ActionLimits> limits, PlannerOptions options,
                 const std::shared_ptr<Pool>& pool)
    : options_(std::move(options)), cost_(std::move(cost)),
      trials_(plants, options_.search.samples, options_.search.horizon, pool),
      search_(options_.search, std::move(limits), trials_.threads()),
      predicted_(trials_.horizon() * trials_.output_count()) {}

void Planner::reset() {
    search_.reset();
    iteration_time_ = last_time_ = 0;
}

int Planner::plan(PlanStart start) {
    start.deadline = std::min(start.deadline, options_.clock() + options_.time);
    if (start.passed >= horizon()) search_.forget_plan();
    search_.begin(start.passed, start.sent);
    trials_.begin(start.origin);
    predicted_cost_ = std::numeric_limits<double>::quiet_NaN();
    int done = 0;
    for (double now = options_.clock(); done < options_.iterations; ++done) {
        if (now + iteration_time_ + last_time_ > start.deadline) break;
        const bool whole = iterate(done, start);
        const double end = options_.clock();
        iteration_time_ = std::max(end - now, kForget * iteration_time_);
        now = end;
        if (!whole) break;
    }
    if (done == 0) iteration_time_ *= kForget;
    const double began = options_.clock();
    foretell(start.sent);
    last_time_ = std::max(options_.clock() - began, kForget * last_time_);
    return done;
}

bool Planner::iterate(int iteration, const PlanStart& start) {
    const std::span<const double> sent = start.sent.last(action_count());
    const auto draw = [&](int thread, int sample, std::span<float> plan) {
        search_.draw(thread, iteration, sample, plan);
    };
    const auto judge = [&](const TriedPlan& trial) {
        return options_.batch_cost != nullptr ? 0 : cost_of(cost_, trial, sent);
    };
    // The group that is begun and what comes after the last must be done too.
    const double reserve = last_time_ + iteration_time_ / trials_.turns();
    const auto stop = [&] { return options_.clock() + reserve > start.deadline; };
    if (!trials_.run(draw, judge, stop)) return false;
    Batch& batch = trials_.batch();
    if (options_.batch_cost != nullptr) {
        if (!options_.batch_cost->judge(batch)) return false;
        for (std::size_t k = 0; k < batch.costs.size(); ++k) {
            batch.costs[k] = finite_cost(batch.costs[k], batch.steps[k], horizon());
        }
        predicted_cost_ = std::fmin(predicted_cost_, *std::ranges::min_element(batch.costs));
    }
    search_.learn(batch.actions, batch.costs);
    return true;
}

/// What the plan that is the answer leads to.
void Planner::foretell(std::span<const double> sent) {
    const TriedPlan trial = trials_.run_one(search_.plan());
    std::ranges::copy(trial.outputs, predicted_.begin());
    if (options_.batch_cost == nullptr) predicted_cost_ = cost_of(cost_, trial, sent.last(action_count()));
}

} // namespace gatecast
