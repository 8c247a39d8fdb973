#include "core/control/planner-controller.h"

#include <algorithm>

namespace gatecast {

PlannerController::PlannerController(const std::vector<Plant>& plants, Cost cost, std::vector<ActionLimits> limits,
                                     PlannerOptions options, double interval, bool compensate,
                                     const std::shared_ptr<Pool>& pool)
    : belief_(plants, interval), planner_(plants, std::move(cost), std::move(limits), std::move(options), pool),
      compensate_(compensate) {}

void PlannerController::reset() {
    belief_.reset();
    planner_.reset();
    planned_ = 0;
}

Answer PlannerController::decide(const Situation& situation, std::span<double> action) {
    if (!belief_.observe(situation) || !belief_.predict(situation.effect, situation.sent, compensate_))
        return {.good = false, .iterations = 0};
    const long passed = std::clamp<long>(belief_.step() - planned_, 0, planner_.horizon());
    planned_ = belief_.step();
    const double iterations = planner_.plan({
        .origin = {belief_.states(), belief_.slot(), belief_.outputs()},
        .sent = belief_.sent(),
        .passed = static_cast<int>(passed),
        .deadline = situation.deadline,
    });
    std::ranges::copy(planner_.actions().first(action.size()), action.begin());
    return {.good = !planner_.held(), .iterations = iterations, .undecided = planner_.held()};
}

} // namespace gatecast
