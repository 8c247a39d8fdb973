#include "core/network/network.h"

#include <algorithm>
#include <cmath>

#include "core/cells/pack.h"
#include "core/random.h"

namespace gatecast {

int tape_slots(Cell cell) {
    return cell == Cell::lstm ? kLstmSlots : kGruSlots;
}

bool all_finite(std::span<const float> values) {
    return std::ranges::all_of(values, [](float value) { return std::isfinite(value); });
}

Network::Network(const NetworkSpec& spec, const Kernels& kernels)
    : spec_(spec), layout_(spec), kernels_(kernels), parameters_(layout_.size), packed_(spec.cells()) {
    set_parameters(parameters_);
}

void Network::set_parameters(std::span<const float> values) {
    std::copy(values.begin(), values.end(), parameters_.begin());
    for (int index = 0; index < spec_.cells(); ++index) {
        const CellRanges& ranges = layout_.cells[index];
        packed_[index].cell = pack_cell(spec_, ranges, parameters_);
        if (spec_.proj_size > 0) packed_[index].projection = pack_matrix(ranges.weight_hr, {}, parameters_);
    }
    if (spec_.head_size > 0) packed_head_ = pack_matrix(layout_.head_weight, layout_.head_bias, parameters_);
}

void Network::initialise(std::uint64_t seed) {
    Random random(seed);
    const std::size_t head_start = spec_.head_size > 0 ? layout_.head_weight.offset : layout_.size;
    const float bound = 1.0f / std::sqrt(static_cast<float>(spec_.hidden_size));
    const float head_bound = 1.0f / std::sqrt(static_cast<float>(spec_.output_size()));
    std::vector<float> values(layout_.size);
    for (std::size_t k = 0; k < values.size(); ++k) {
        values[k] = (2.0f * random.uniform() - 1.0f) * (k < head_start ? bound : head_bound);
    }
    set_parameters(values);
}

void Network::step_cell(int index, const CellStep& step) const {
    const std::size_t recurrent = padded(spec_.recurrent_size()), hidden = padded(spec_.hidden_size);
    const bool projects = spec_.proj_size > 0;
    const StepArgs args{
        .panels = packed_[index].cell.data(),
        .inputs = layout_.cells[index].weight_ih.columns,
        .recurrent = spec_.recurrent_size(),
        .hidden = spec_.hidden_size,
        .batch = step.batch,
        .x = step.x,
        .x_stride = step.x_stride,
        .h = step.h,
        .h_stride = recurrent,
        .h_out = projects ? step.unprojected : step.h_out,
        .out_stride = hidden,
        .c = step.c,
        .c_out = step.c_out,
        .c_stride = hidden,
        .tape = step.tape,
        .tape_stride = tape_slots(spec_.cell) * hidden,
    };
    switch (spec_.cell) {
    case Cell::gru:
        kernels_.gru(args);
        break;
    case Cell::gru_reset_before:
        kernels_.gru_reset_before(args);
        break;
    case Cell::lstm:
        kernels_.lstm(args);
        break;
    }
    if (projects) {
        kernels_.linear({
            .panels = packed_[index].projection.data(),
            .inputs = spec_.hidden_size,
            .outputs = spec_.proj_size,
            .batch = step.batch,
            .x = step.unprojected,
            .x_stride = hidden,
            .y = step.h_out,
            .y_stride = recurrent,
            .accumulate = false,
        });
    }
}

void Network::apply_head(int batch, const float* x, std::size_t x_stride, float* y) const {
    kernels_.linear({
        .panels = packed_head_.data(),
        .inputs = spec_.output_size(),
        .outputs = spec_.head_size,
        .batch = batch,
        .x = x,
        .x_stride = x_stride,
        .y = y,
        .y_stride = static_cast<std::size_t>(padded(spec_.head_size)),
        .accumulate = false,
    });
}

} // namespace gatecast
