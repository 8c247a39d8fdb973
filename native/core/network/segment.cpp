#include "core/network/segment.h"

#include <algorithm>

#include "core/cells/pack.h"
#include "core/network/segment-pass.h"

namespace gatecast {
namespace {

constexpr int kMaxWindow = 1 << 20, kMaxChannels = 4096;
constexpr double kMaxPlaceValues = 1 << 28, kMaxPassValues = 1 << 30;

/// Roughly the floats that a pass over one group of windows keeps for its gradient
double pass_values(const SegmentSpec& spec) {
    const double hidden = padded(spec.hidden), head = padded(spec.segment * spec.outputs);
    const double step = hidden * (traits_of(spec.cell).slots + 4) + padded(spec.segment);
    const double mapped = spec.linear > 0 ? spec.linear + padded(spec.horizon) : 0;
    return SegmentPass::kRows * ((spec.history + 2.0 * spec.future()) * step + 2.0 * spec.future() * head + mapped);
}

} // namespace

NetworkSpec SegmentSpec::network() const {
    return {
        .cell = cell,
        .input_size = hidden,
        .hidden_size = hidden,
        .head_size = segment * outputs,
    };
}

bool is_valid(const SegmentSpec& spec) {
    const auto in_range = [](int value, int most) { return value >= 1 && value <= most; };
    if (traits_of(spec.cell).late_gates > 0) return false;
    if (!in_range(spec.segment, kMaxSize) || !in_range(spec.history, kMaxWindow / spec.segment)) return false;
    if (!in_range(spec.horizon, kMaxSize) || !in_range(spec.hidden, kMaxSize)) return false;
    if (spec.linear < 0 || spec.linear > spec.window()) return false;
    if (!in_range(spec.channels, kMaxChannels) || !in_range(spec.outputs, kMaxSize / spec.segment)) return false;
    if (spec.embed_channels && spec.hidden % 2 != 0) return false;
    if (!is_valid(spec.network())) return false;
    const double gates = static_cast<double>(traits_of(spec.cell).slots + 2) * padded(spec.hidden);
    if (spec.places() * gates > kMaxPlaceValues || pass_values(spec) > kMaxPassValues) return false;
    return SegmentLayout(spec).size <= kMaxParameters;
}

SegmentLayout::SegmentLayout(const SegmentSpec& spec) : cell(spec.network()) {
    const auto place_next = [this](int rows, int columns) {
        const MatrixRange range{size, rows, columns};
        size += range.size();
        return range;
    };
    embed_weight = place_next(spec.hidden, spec.segment);
    embed_bias = place_next(spec.hidden, 1);
    network = size;
    size += cell.size;
    place = place_next(spec.future(), spec.place_size());
    if (spec.embed_channels) channel = place_next(spec.channels, spec.channel_size());
    if (spec.linear == 0) return;
    linear_weight = place_next(spec.horizon, spec.linear);
    linear_bias = place_next(spec.horizon, 1);
}

SegmentNetwork::SegmentNetwork(const SegmentSpec& spec, const Kernels& kernels)
    : spec_(spec), layout_(spec), network_(spec.network(), kernels), place_stride_(padded(spec.hidden)),
      parameters_(layout_.size), place_inputs_(spec.places() * place_stride_),
      place_gates_(spec.places() * network_.gates_size()) {
    set_parameters(parameters_);
}

void SegmentNetwork::set_parameters(std::span<const float> values) {
    std::copy(values.begin(), values.end(), parameters_.begin());
    network_.set_parameters(std::span(parameters_).subspan(layout_.network, layout_.cell.size));
    if (spec_.linear > 0) {
        packed_linear_ = pack_matrix(kernels().f32, layout_.linear_weight, layout_.linear_bias, parameters_);
    }
    packed_embed_ = pack_matrix(kernels().f32, layout_.embed_weight, layout_.embed_bias, parameters_);
    const int half = spec_.place_size();
    for (int step = 0; step < spec_.future(); ++step) {
        for (int channel = 0; channel < (spec_.embed_channels ? spec_.channels : 1); ++channel) {
            float* input = place_inputs_.data() + spec_.place_of(step, channel) * place_stride_;
            std::copy_n(parameters_.data() + layout_.place.offset + static_cast<std::size_t>(step) * half, half, input);
            if (!spec_.embed_channels) continue;
            const std::size_t from = layout_.channel.offset + static_cast<std::size_t>(channel) * spec_.channel_size();
            std::copy_n(parameters_.data() + from, spec_.channel_size(), input + half);
        }
    }
    network_.input_products(0, spec_.places(), place_inputs_.data(), place_stride_, place_gates_.data(),
                            network_.gates_size(), nullptr);
}

void SegmentNetwork::embed(int rows, const float* segments, float* out) const {
    const std::size_t stride = padded(spec_.hidden);
    kernels().f32.linear({
        .panels = packed_embed_.data(),
        .inputs = spec_.segment,
        .outputs = spec_.hidden,
        .batch = rows,
        .x = segments,
        .x_stride = static_cast<std::size_t>(spec_.segment),
        .y = out,
        .y_stride = stride,
        .accumulate = false,
        .scratch = nullptr,
    });
    for (std::size_t k = 0; k < rows * stride; ++k) out[k] = std::max(out[k], 0.0f);
}

void SegmentNetwork::map(int rows, const float* values, float* out) const {
    kernels().f32.linear({
        .panels = packed_linear_.data(),
        .inputs = spec_.linear,
        .outputs = spec_.horizon,
        .batch = rows,
        .x = values,
        .x_stride = static_cast<std::size_t>(spec_.linear),
        .y = out,
        .y_stride = static_cast<std::size_t>(padded(spec_.horizon)),
        .accumulate = false,
        .scratch = nullptr,
    });
}

} // namespace gatecast
