#include "core/train/trainer.h"

#include <algorithm>
#include <cmath>

#include "core/cells/pack.h"

namespace gatecast {

namespace {

constexpr int kMaxWindow = 1 << 20;
constexpr double kMaxTraceValues = 1 << 30;

/// Roughly the floats that one batch keeps for its backward pass
double trace_values(const TrainerSpec& spec) {
    const NetworkSpec& network = spec.network;
    const double rows = static_cast<double>(spec.window) * spec.batch;
    const double cell = 2.0 * (tape_slots(network.cell) + 2) * padded(network.hidden_size);
    return rows * (network.cells() * cell + 2.0 * padded(network.head_size) + network.input_size);
}

} // namespace

bool is_valid(const TrainerSpec& spec) {
    const auto is_level = [](float level) { return level > 0 && level < 1; };
    const auto is_column = [&](int column) { return column >= 0 && column < spec.network.input_size; };
    if (!is_valid(spec.network) || spec.window < 1 || spec.window > kMaxWindow) return false;
    if (spec.warmup < 0 || spec.warmup >= spec.window || spec.horizon < 1 || spec.horizon > kMaxSize) return false;
    if (spec.batch < 1 || spec.batch > kMaxSize || !(spec.dropout >= 0 && spec.dropout < 1)) return false;
    if (!(spec.weight_decay >= 0) || !(spec.clip >= 0)) return false;
    if (spec.targets.empty() || !std::ranges::all_of(spec.targets, is_column)) return false;
    if ((spec.loss == Loss::quantile) == spec.levels.empty() || !std::ranges::all_of(spec.levels, is_level))
        return false;
    if (trace_values(spec) > kMaxTraceValues) return false;
    const std::size_t outputs = spec.targets.size() * spec.horizon * std::max<std::size_t>(1, spec.levels.size());
    return static_cast<std::size_t>(spec.network.head_size) == outputs;
}

Trainer::Trainer(const TrainerSpec& spec, const Kernels& kernels, std::vector<float> rows,
                 std::span<const float> initial)
    : spec_(spec), rows_(std::move(rows)), network_(spec.network, kernels), backward_(spec.network, kernels),
      adam_(network_.layout().size, spec.weight_decay), random_(spec.seed),
      trace_(spec.network, spec.window, spec.batch), gradients_(network_.layout().size) {
    const std::size_t steps = trace_.rows(), with_loss = loss_rows();
    const std::size_t outputs = padded(spec.network.head_size), width = spec.network.output_size();
    head_ = AlignedBuffer(with_loss * outputs);
    d_head_ = AlignedBuffer(with_loss * outputs);
    d_output_ = AlignedBuffer(steps * padded(static_cast<int>(width)));
    outer_ = AlignedBuffer(width * outputs);
    set_parameters(initial);
}

bool Trainer::fits(int start) const {
    const std::size_t count = rows_.size() / spec_.network.input_size;
    return start >= 0 && static_cast<std::size_t>(start) + spec_.window + spec_.horizon <= count;
}

void Trainer::set_parameters(std::span<const float> values) {
    network_.set_parameters(values);
    backward_.set_parameters(values);
    head_transposed_ = pack_transposed(network_.kernels().f32, network_.layout().head_weight, values);
}

void Trainer::run(std::span<const int> starts, float dropout) {
    const std::size_t inputs = spec_.network.input_size, batch = starts.size();
    trace_.begin(static_cast<int>(batch));
    float* x = trace_.input(0);
    for (int t = 0; t < spec_.window; ++t) {
        for (const int start : starts) x = std::copy_n(rows_.data() + (start + t) * inputs, inputs, x);
    }
    run_layers(network_, trace_, dropout, random_);
    const std::size_t width = spec_.network.output_size();
    network_.apply_head(loss_rows(), trace_.output() + first_row() * width, width, head_.data());
}

/// The mean loss of the head's outputs; leaves its gradient in d_head_.
double Trainer::loss(std::span<const int> starts) {
    const std::size_t inputs = spec_.network.input_size, stride = padded(spec_.network.head_size);
    const std::size_t per_value = std::max<std::size_t>(1, spec_.levels.size());
    const double count = static_cast<double>(loss_rows()) * spec_.network.head_size;
    const auto scale = static_cast<float>(1.0 / count);
    const float* predicted = head_.data();
    float* gradient = d_head_.data();
    double sum = 0;
    for (int t = spec_.warmup; t < spec_.window; ++t) {
        for (const int start : starts) {
            const float* now = rows_.data() + (start + t) * inputs;
            std::size_t k = 0;
            for (const int column : spec_.targets) {
                const float anchor = spec_.anchor ? now[column] : 0.0f;
                for (int step = 1; step <= spec_.horizon; ++step, k += per_value) {
                    const float truth = now[step * inputs + column] - anchor;
                    sum += loss_and_gradient(spec_.loss, spec_.levels, truth, predicted + k, scale, gradient + k);
                }
            }
            predicted += stride;
            gradient += stride;
        }
    }
    return sum / count;
}

double Trainer::evaluate(std::span<const int> starts) {
    run(starts, 0);
    return loss(starts);
}

Trainer::Result Trainer::learn(std::span<const int> starts, float learning_rate) {
    run(starts, spec_.dropout);
    const double mean_loss = loss(starts);

    const ParameterLayout& layout = network_.layout();
    const Kernels& kernels = network_.kernels();
    const int outputs = spec_.network.head_size, width = spec_.network.output_size(), with_loss = loss_rows();
    const std::size_t head_stride = padded(outputs), stride = padded(width);
    std::fill(gradients_.begin(), gradients_.end(), 0.0f);

    // The head: gradients of its weights and of the layer below; steps without a loss pass nothing on.
    outer_.zero();
    kernels.outer({
        .rows = with_loss,
        .columns = width,
        .lanes = static_cast<int>(head_stride),
        .x = trace_.output() + static_cast<std::size_t>(first_row()) * width,
        .x_stride = static_cast<std::size_t>(width),
        .g = d_head_.data(),
        .g_stride = head_stride,
        .out = outer_.data(),
        .out_stride = head_stride,
    });
    for (int row = 0; row < outputs; ++row) {
        float* to = gradients_.data() + layout.head_weight.offset + static_cast<std::size_t>(row) * width;
        for (int k = 0; k < width; ++k) to[k] = outer_.data()[k * head_stride + row];
    }
    float* d_bias = gradients_.data() + layout.head_bias.offset;
    for (int row = 0; row < with_loss; ++row) {
        for (int k = 0; k < outputs; ++k) d_bias[k] += d_head_.data()[row * head_stride + k];
    }
    std::fill_n(d_output_.data(), first_row() * stride, 0.0f);
    kernels.f32.linear({
        .panels = head_transposed_.data(),
        .inputs = outputs,
        .outputs = width,
        .batch = with_loss,
        .x = d_head_.data(),
        .x_stride = head_stride,
        .y = d_output_.data() + first_row() * stride,
        .y_stride = stride,
        .accumulate = false,
        .scratch = nullptr,
    });

    backward_.run(trace_, d_output_.data(), stride, {}, gradients_);
    const double norm = clip_norm(gradients_, spec_.clip);
    if (!std::isfinite(norm)) return {mean_loss, norm}; // a step would spoil every weight
    std::vector<float> parameters(network_.parameters().begin(), network_.parameters().end());
    adam_.step(parameters, gradients_, learning_rate);
    set_parameters(parameters);
    return {mean_loss, norm};
}

} // namespace gatecast
