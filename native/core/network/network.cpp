#include "core/network/network.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "core/cells/pack.h"
#include "core/random.h"

namespace gatecast {

bool all_finite(std::span<const float> values) {
    // Counts exponents of all ones without a branch, because the samples of every step pass through here.
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
    if (spec_.attention > 0) {
        packed_attention_ = pack_matrix(kernels_.f32, layout_.attention_weight, layout_.attention_bias, parameters_);
    }
    if (spec_.head_size > 0) {
        // The head stays in float, because its errors would go directly into the forecast.
        packed_head_ = pack_matrix(kernels_.f32, layout_.head_weight, layout_.head_bias, parameters_);
    }
}

void Network::initialise(std::uint64_t seed) {
    Random random(seed);
    const std::size_t head_start = spec_.head_size > 0 ? layout_.head_weight.offset : layout_.size;
    const std::size_t layers_end = spec_.attention > 0 ? layout_.attention_weight.offset : head_start;
    const auto bound_of = [](int inputs) { return 1.0f / std::sqrt(static_cast<float>(inputs)); };
    const float bound = bound_of(spec_.hidden_size), attention_bound = bound_of(spec_.output_size());
    const float head_bound = bound_of(spec_.head_input_size());
    std::vector<float> values(layout_.size);
    for (std::size_t k = 0; k < values.size(); ++k) {
        const float within = k < layers_end ? bound : k < head_start ? attention_bound : head_bound;
        values[k] = (2.0f * random.uniform() - 1.0f) * within;
    }
    for (const NormRanges& norm : layout_.norms) {
        std::fill_n(values.begin() + norm.gain.offset, norm.gain.size(), 1.0f);
        std::fill_n(values.begin() + norm.bias.offset, norm.bias.size(), 0.0f);
    }
    set_parameters(values);
}

std::size_t Network::scratch_size(int batch) const {
    if (precision_ == Precision::f32) return 0;
    const int inputs = std::max(spec_.input_size, spec_.num_layers > 1 ? spec_.output_size() : 0);
    return gatecast::scratch_size(inputs, spec_.recurrent_size(), spec_.hidden_size, batch);
}

/// Every field is named. The compiler would clear the others first, with an instruction that takes a third of a small
/// step's time.
StepArgs Network::cell_args(int index, const CellStep& step) const {
    const bool projects = spec_.proj_size > 0; // without a projection, |h| <= 1
    const bool reads_h = index >= spec_.directions() && !spec_.layer_norm && !spec_.residual;
    const std::size_t recurrent = padded(spec_.recurrent_size()), hidden = padded(spec_.hidden_size);
    return {
        .panels = packed_[index].cell.data(),
        .inputs = layout_.cells[index].weight_ih.columns,
        .recurrent = spec_.recurrent_size(),
        .hidden = spec_.hidden_size,
        .batch = step.batch,
        .x = step.x,
        .x_stride = step.x_stride,
        .gates = step.gates,
        .gates_stride = gates_size(),
        .h = step.h,
        .h_stride = recurrent,
        .h_out = projects ? step.unprojected : step.h_out,
        .out_stride = hidden,
        .c = step.c,
        .c_out = step.c_out,
        .c_stride = hidden,
        .tape = step.tape,
        .tape_stride = spec_.traits().slots * hidden,
        .backwards = step.backwards,
        .x_bound = !projects && reads_h ? 1.0f : 0.0f,
        .h_bound = projects ? 0.0f : 1.0f,
        .scratch = step.scratch,
    };
}

void Network::input_products(int index, int rows, const float* x, std::size_t x_stride, float* gates,
                             std::size_t gates_stride, float* scratch) const {
    StepArgs args = cell_args(index, {.batch = rows, .x = x, .x_stride = x_stride, .gates = gates, .scratch = scratch});
    args.gates_stride = gates_stride;
    kernels_.of(precision_).of(spec_.cell).inputs(args);
}

void Network::step_cell(int index, const CellStep& step) const {
    const PrecisionKernels& kernels = kernels_.of(precision_);
    kernels.of(spec_.cell).step(cell_args(index, step));
    if (spec_.proj_size > 0) {
        kernels.linear({
            .panels = packed_[index].projection.data(),
            .inputs = spec_.hidden_size,
            .outputs = spec_.proj_size,
            .batch = step.batch,
            .x = step.unprojected,
            .x_stride = static_cast<std::size_t>(padded(spec_.hidden_size)),
            .y = step.h_out,
            .y_stride = static_cast<std::size_t>(padded(spec_.recurrent_size())),
            .accumulate = false,
            .scratch = step.scratch,
        });
    }
}

void Network::finish_layer(int layer, const LayerOutput& output) const {
    const bool adds = spec_.residual && layer > 0;
    kernels_.layer_output({
        .size = spec_.output_size(),
        .batch = output.batch,
        .h = output.h,
        .h_stride = output.h_stride,
        .gain = spec_.layer_norm ? parameters_.data() + layout_.norms[layer].gain.offset : nullptr,
        .x = adds ? output.x : nullptr,
        .x_stride = output.x_stride,
        .y = output.y,
        .y_stride = output.y_stride,
        .normal = output.normal,
        .normal_stride = static_cast<std::size_t>(2 * padded(spec_.output_size())),
        .scale = output.scale,
    });
}

void Network::attention_queries(int batch, const float* x, std::size_t x_stride, float* y) const {
    apply(packed_attention_, layout_.attention_weight, batch, x, x_stride, y);
}

void Network::apply_head(int batch, const float* x, std::size_t x_stride, float* y) const {
    apply(packed_head_, layout_.head_weight, batch, x, x_stride, y);
}

void Network::apply(const AlignedBuffer& panels, const MatrixRange& weight, int batch, const float* x,
                    std::size_t x_stride, float* y) const {
    kernels_.f32.linear({
        .panels = panels.data(),
        .inputs = weight.columns,
        .outputs = weight.rows,
        .batch = batch,
        .x = x,
        .x_stride = x_stride,
        .y = y,
        .y_stride = static_cast<std::size_t>(padded(weight.rows)),
        .accumulate = false,
        .scratch = nullptr,
    });
}

} // namespace gatecast
