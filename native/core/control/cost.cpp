#include "core/control/cost.h"

#include <algorithm>
#include <cmath>

namespace gatecast {
namespace {

double square(double x) {
    return x * x;
}

} // namespace

double cost_of(const Cost& cost, const TriedPlan& trial, std::span<const double> sent) {
    const std::size_t horizon = trial.horizon, outputs = trial.outputs.size() / horizon,
                      actions = trial.actions.size() / horizon;
    double total = 0;
    for (const auto& [output, weight, terminal, reference] : cost.track) {
        const float* y = trial.outputs.data() + output;
        double sum = 0;
        for (std::size_t t = 0; t < horizon; ++t) sum += square(y[t * outputs] - reference[t]);
        total += weight * sum + terminal * square(y[(horizon - 1) * outputs] - reference[horizon - 1]);
    }
    for (const auto& [output, min, max, weight] : cost.soft) {
        const float* y = trial.outputs.data() + output;
        double sum = 0;
        for (std::size_t t = 0; t < horizon; ++t) {
            const double value = y[t * outputs];
            sum += square(std::max({0.0, min - value, value - max}));
        }
        total += weight * sum;
    }
    if (!trial.spread.empty()) {
        for (const auto& [output, weight] : cost.risk) {
            double sum = 0;
            for (std::size_t t = 0; t < horizon; ++t) sum += square(trial.spread[t * outputs + output]);
            total += weight * sum;
        }
    }
    for (const auto& [action, weight, change, reference] : cost.effort) {
        double before = sent[action], sum = 0, changes = 0;
        for (std::size_t t = 0; t < horizon; ++t) {
            const double value = trial.actions[t * actions + action];
            sum += square(value - reference[t]);
            if (!std::isnan(before)) changes += square(value - before);
            before = value;
        }
        total += weight * sum + change * changes;
    }
    return finite_cost(total, trial.steps, trial.horizon);
}

double finite_cost(double cost, int steps, int horizon) {
    if (steps < horizon) return kNoCost * (2 + horizon - steps);
    return std::isfinite(cost) ? std::clamp(cost, -kNoCost, kNoCost) : kNoCost;
}

} // namespace gatecast
