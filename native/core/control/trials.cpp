#include "core/control/trials.h"

#include <algorithm>
#include <cmath>

namespace gatecast {

Trials::Trials(const std::vector<Plant>& plants, int samples, int horizon, const std::shared_ptr<Pool>& pool)
    : horizon_(horizon), pool_(pool) {
    for (const auto& [network, dynamics] : plants) rollouts_.emplace_back(network, dynamics, samples, horizon, pool);
    const std::size_t rows = static_cast<std::size_t>(samples) * horizon;
    batch_.actions.resize(rows * action_count());
    batch_.outputs.resize(rows * output_count());
    batch_.steps.resize(samples);
    batch_.costs.resize(samples);
    if (plants.size() == 1) return;
    scratch_.resize(threads());
    const std::size_t group = rollouts_.front().group_rows(), values = group * horizon * output_count();
    for (auto& [outputs, spread, steps] : scratch_) {
        outputs.resize(plants.size() * values);
        spread.resize(values);
        steps.resize(group);
    }
}

void Trials::begin(const PlanOrigin& origin) {
    origin_ = origin;
    for (std::size_t plant = 0; plant < rollouts_.size(); ++plant) {
        rollouts_[plant].begin(origin.states[plant], origin.slot);
    }
}

void Trials::roll_out(int thread, int row, int count) {
    const std::size_t plan = horizon_ * action_count(), predicted = horizon_ * output_count();
    const std::size_t group = rollouts_.front().group_rows() * predicted;
    for (std::size_t plant = 0; plant < rollouts_.size(); ++plant) {
        float* outputs = scratch_.empty() ? batch_.outputs.data() + row * predicted
                                          : scratch_[thread].outputs.data() + plant * group;
        rollouts_[plant].run_rows(thread,
                                  {
                                      .count = count,
                                      .measured = origin_.outputs.subspan(plant * output_count(), output_count()),
                                      .actions = batch_.actions.data() + row * plan,
                                      .outputs = outputs,
                                      .steps = plant == 0 ? batch_.steps.data() + row : scratch_[thread].steps.data(),
                                  });
        if (plant == 0) continue;
        for (int k = 0; k < count; ++k) {
            batch_.steps[row + k] = std::min(batch_.steps[row + k], scratch_[thread].steps[k]);
        }
    }
    if (!scratch_.empty()) take_mean(scratch_[thread], row, count);
}

/// Mean and standard deviation over the plants
void Trials::take_mean(Scratch& scratch, int row, int count) {
    const std::size_t predicted = horizon_ * output_count(), group = rollouts_.front().group_rows() * predicted;
    const std::size_t plants = rollouts_.size();
    for (std::size_t k = 0; k < count * predicted; ++k) {
        double sum = 0, squares = 0;
        for (std::size_t plant = 0; plant < plants; ++plant) sum += scratch.outputs[plant * group + k];
        const double mean = sum / plants;
        for (std::size_t plant = 0; plant < plants; ++plant) {
            const double off = scratch.outputs[plant * group + k] - mean;
            squares += off * off;
        }
        batch_.outputs[row * predicted + k] = static_cast<float>(mean);
        scratch.spread[k] = static_cast<float>(std::sqrt(squares / plants));
    }
}

TriedPlan Trials::trial(int thread, int row, int k) const {
    const std::size_t plan = horizon_ * action_count(), predicted = horizon_ * output_count();
    return {
        .horizon = horizon_,
        .steps = batch_.steps[row + k],
        .actions = std::span(batch_.actions).subspan((row + k) * plan, plan),
        .outputs = std::span(batch_.outputs).subspan((row + k) * predicted, predicted),
        .spread = scratch_.empty() ? std::span<const float>()
                                   : std::span(scratch_[thread].spread).subspan(k * predicted, predicted),
    };
}

TriedPlan Trials::run_one(std::span<const double> plan) {
    for (std::size_t k = 0; k < plan.size(); ++k) batch_.actions[k] = static_cast<float>(plan[k]);
    roll_out(0, 0, 1);
    return trial(0, 0, 0);
}

} // namespace gatecast
