#include "core/control/rollout.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/denormals.h"
#include "core/network/groups.h"

namespace gatecast {

Rollout::Workspace::Workspace(const Network& network, int rows, std::size_t outputs)
    : cell(network, rows, network.spec().num_layers, rows),
      x(static_cast<std::size_t>(rows) * network.spec().input_size),
      head(static_cast<std::size_t>(rows) * padded(network.spec().head_size)), values(rows * outputs), next(outputs),
      scaled(outputs) {
    const NetworkSpec& spec = network.spec();
    if (spec.changes_output(spec.num_layers - 1)) between = AlignedBuffer(rows * cell.h_stride);
}

Rollout::Rollout(std::shared_ptr<const Network> network, Dynamics dynamics, int samples, int horizon,
                 std::shared_ptr<Pool> pool)
    : network_(std::move(network)), pool_(std::move(pool)), dynamics_(std::move(dynamics)), samples_(samples),
      horizon_(horizon) {
    for (int input = 0; input < network_->spec().input_size; ++input) {
        if (std::ranges::find(dynamics_.outputs, input) == dynamics_.outputs.end()) actions_.push_back(input);
    }
    for (const int input : dynamics_.outputs) {
        mean_.push_back(dynamics_.mean[input]);
        deviation_.push_back(dynamics_.deviation[input]);
    }
    state_.resize(States(network_).size());
    const int threads = std::min(pool_ != nullptr ? pool_->threads() : 1, samples);
    group_rows_ = group_size(samples, threads);
    for (int k = 0; k < threads; ++k) workspaces_.emplace_back(*network_, group_rows_, output_count());
}

void Rollout::run(const States& from, int slot, std::span<const double> measured, std::span<const float> actions,
                  std::span<float> outputs, std::span<int> steps) {
    begin(from, slot);
    const std::size_t action_row = horizon_ * action_count(), output_row = horizon_ * output_count();
    share_groups(pool_.get(), threads(), samples_, group_rows_, [&](int thread, int first, int count) {
        run_rows(thread, {
                             .count = count,
                             .measured = measured,
                             .actions = actions.data() + first * action_row,
                             .outputs = outputs.data() + first * output_row,
                             .steps = steps.data() + first,
                         });
    });
}

void Rollout::run_rows(int thread, const Rows& rows) {
    const FlushDenormals flush;
    Workspace& work = workspaces_[thread];
    spread_state(work, rows);
    for (int step = 0; step < horizon_; ++step) {
        if (dynamics_.feed_forward && step > 0) {
            work.cell.h.zero();
            work.cell.c.zero();
        }
        take_actions(work, rows, step);
        step_network(work, rows.count, step);
        take_outputs(work, rows, step);
    }
}

/// Gives every row the state and the measured values.
void Rollout::spread_state(Workspace& work, const Rows& rows) const {
    const NetworkSpec& spec = network_->spec();
    const std::size_t count = rows.count, outputs = output_count();
    const float* from = state_.data(); // h of all layers, then c
    work.cell.h.zero();
    work.cell.c.zero();
    const auto spread = [&](AlignedBuffer& to, std::size_t size) {
        for (std::size_t layer = 0; layer < static_cast<std::size_t>(spec.num_layers); ++layer, from += size) {
            for (std::size_t row = 0; row < count; ++row) {
                std::copy_n(from, size, to.data() + (layer * count + row) * padded(static_cast<int>(size)));
            }
        }
    };
    if (!dynamics_.feed_forward) {
        spread(work.cell.h, spec.recurrent_size());
        spread(work.cell.c, spec.c_size());
    }
    for (std::size_t row = 0; row < count; ++row) {
        std::ranges::copy(rows.measured, work.values.begin() + row * outputs);
        for (std::size_t o = 0; o < outputs; ++o) {
            const int input = dynamics_.outputs[o];
            work.x.data()[row * spec.input_size + input] = scale(rows.measured[o], input);
        }
    }
    std::fill_n(rows.steps, count, horizon_);
}

void Rollout::take_actions(Workspace& work, const Rows& rows, int step) const {
    const std::size_t inputs = network_->spec().input_size, count = action_count();
    for (int row = 0; row < rows.count; ++row) {
        const float* actions = rows.actions + (static_cast<std::size_t>(row) * horizon_ + step) * count;
        float* x = work.x.data() + row * inputs;
        bool in_range = true;
        for (std::size_t a = 0; a < count; ++a) {
            const float scaled = scale(actions[a], actions_[a]);
            const bool fits = std::abs(scaled) <= dynamics_.limit;
            x[actions_[a]] = fits ? scaled : 0.0f;
            in_range &= fits;
        }
        if (!in_range) rows.steps[row] = std::min(rows.steps[row], step);
    }
}

void Rollout::step_network(Workspace& work, int rows, int step) const {
    const NetworkSpec& spec = network_->spec();
    const float* x = work.x.data();
    std::size_t x_stride = spec.input_size;
    for (int layer = 0; layer < spec.num_layers; ++layer) {
        CellStep cell = work.cell.step(rows, layer);
        cell.x = x;
        cell.x_stride = x_stride;
        cell.backwards = step % 2 == 1;
        network_->step_cell(layer, cell);
        const float* h = cell.h_out;
        if (spec.changes_output(layer)) {
            network_->finish_layer(layer, {.batch = rows,
                                           .h = h,
                                           .h_stride = work.cell.h_stride,
                                           .x = x,
                                           .x_stride = x_stride,
                                           .y = work.between.data(),
                                           .y_stride = work.cell.h_stride});
            h = work.between.data();
        }
        x = h;
        x_stride = work.cell.h_stride;
    }
    std::swap(work.cell.h, work.cell.h_out);
    network_->apply_head(rows, x, x_stride, work.head.data());
}

/// Turns the head's outputs into the outputs of this step and the inputs of the next. In double, as when stepping one
/// by one.
void Rollout::take_outputs(Workspace& work, const Rows& rows, int step) const {
    constexpr double kLargest = std::numeric_limits<float>::max();
    const NetworkSpec& spec = network_->spec();
    const std::size_t count = output_count(), head_stride = padded(spec.head_size);
    double* next = work.next.data();
    float* scaled = work.scaled.data();
    for (int row = 0; row < rows.count; ++row) {
        const float* head = work.head.data() + row * head_stride;
        double* values = work.values.data() + row * count;
        const double* base = dynamics_.anchor ? values : mean_.data();
        bool in_range = true;
        for (std::size_t o = 0; o < count; ++o) {
            next[o] = base[o] + deviation_[o] * head[o];
            scaled[o] = static_cast<float>((next[o] - mean_[o]) / deviation_[o]);
            in_range &= std::abs(next[o]) <= kLargest && std::abs(scaled[o]) <= dynamics_.limit;
        }
        if (!in_range) rows.steps[row] = std::min(rows.steps[row], step);
        if (rows.steps[row] > step) {
            float* x = work.x.data() + static_cast<std::size_t>(row) * spec.input_size;
            for (std::size_t o = 0; o < count; ++o) x[dynamics_.outputs[o]] = scaled[o];
            std::copy_n(next, count, values);
        }
        std::copy_n(values, count, rows.outputs + (static_cast<std::size_t>(row) * horizon_ + step) * count);
    }
}

} // namespace gatecast
