#include "core/network/network.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "core/cells/pack.h"
#include "core/random.h"

namespace gatecast {

int tape_slots(Cell cell) {
    return cell == Cell::lstm ? kLstmSlots : kGruSlots;
}

bool all_finite(std::span<const float> values) {
    // Exponents of all ones, counted without a branch: the samples of a step pass here.
    std::uint32_t bad = 0;
    for (const float value : values) {
        bad |= static_cast<std::uint32_t>((std::bit_cast<std::uint32_t>(value) & 0x7f800000u) == 0x7f800000u);
    }
    return bad == 0;
}

Network::Network(const NetworkSpec& spec, const Kernels& kernels, Precision precision)
    : spec_(spec), layout_(spec), kernels_(kernels), precision_(precision), parameters_(layout_.size),
      packed_(spec.cells()) {
    set_parameters(parameters_);
}

void Network::set_parameters(std::span<const float> values) {
    std::copy(values.begin(), values.end(), parameters_.begin());
    const PrecisionKernels& kernels = kernels_.of(precision_);
    for (int index = 0; index < spec_.cells(); ++index) {
        const CellRanges& ranges = layout_.cells[index];
        packed_[index].cell = pack_cell(kernels, spec_, ranges, parameters_);
        if (spec_.proj_size > 0) packed_[index].projection = pack_matrix(kernels, ranges.weight_hr, {}, parameters_);
    }
    if (spec_.head_size > 0) {
        // The head stays in float: its errors would go straight into the forecast.
        packed_head_ = pack_matrix(kernels_.f32, layout_.head_weight, layout_.head_bias, parameters_);
    }
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

std::size_t Network::scratch_size(int batch) const {
    if (precision_ == Precision::f32) return 0;
    const int inputs = std::max(spec_.input_size, spec_.num_layers > 1 ? spec_.output_size() : 0);
    return gatecast::scratch_size(inputs, spec_.recurrent_size(), spec_.hidden_size, batch);
}

/// What every call on cell `index` has in common
StepArgs Network::cell_args(int index) const {
    const bool bounded = spec_.proj_size == 0; // |h| <= 1 but for a projection
    StepArgs args{};
    args.panels = packed_[index].cell.data();
    args.inputs = layout_.cells[index].weight_ih.columns;
    args.recurrent = spec_.recurrent_size();
    args.hidden = spec_.hidden_size;
    args.x_bound = bounded && index >= spec_.directions() ? 1.0f : 0.0f;
    args.h_bound = bounded ? 1.0f : 0.0f;
    return args;
}

void Network::input_products(int index, int rows, const float* x, std::size_t x_stride, float* gates,
                             std::size_t gates_stride, float* scratch) const {
    StepArgs args = cell_args(index);
    args.batch = rows;
    args.x = x;
    args.x_stride = x_stride;
    args.gates = gates;
    args.gates_stride = gates_stride;
    args.scratch = scratch;
    kernels_.of(precision_).of(spec_.cell).inputs(args);
}

void Network::step_cell(int index, const CellStep& step) const {
    const PrecisionKernels& kernels = kernels_.of(precision_);
    const std::size_t recurrent = padded(spec_.recurrent_size()), hidden = padded(spec_.hidden_size);
    const bool projects = spec_.proj_size > 0;
    StepArgs args = cell_args(index);
    args.batch = step.batch;
    args.x = step.x;
    args.x_stride = step.x_stride;
    args.gates = step.gates;
    args.gates_stride = gates_size();
    args.h = step.h;
    args.h_stride = recurrent;
    args.h_out = projects ? step.unprojected : step.h_out;
    args.out_stride = hidden;
    args.c = step.c;
    args.c_out = step.c_out;
    args.c_stride = hidden;
    args.tape = step.tape;
    args.tape_stride = tape_slots(spec_.cell) * hidden;
    args.backwards = step.backwards;
    args.scratch = step.scratch;
    kernels.of(spec_.cell).step(args);
    if (projects) {
        kernels.linear({
            .panels = packed_[index].projection.data(),
            .inputs = spec_.hidden_size,
            .outputs = spec_.proj_size,
            .batch = step.batch,
            .x = step.unprojected,
            .x_stride = hidden,
            .y = step.h_out,
            .y_stride = recurrent,
            .accumulate = false,
            .scratch = step.scratch,
        });
    }
}

void Network::apply_head(int batch, const float* x, std::size_t x_stride, float* y) const {
    kernels_.f32.linear({
        .panels = packed_head_.data(),
        .inputs = spec_.output_size(),
        .outputs = spec_.head_size,
        .batch = batch,
        .x = x,
        .x_stride = x_stride,
        .y = y,
        .y_stride = static_cast<std::size_t>(padded(spec_.head_size)),
        .accumulate = false,
        .scratch = nullptr,
    });
}

} // namespace gatecast
