#include "core/train/readout.h"

#include <algorithm>

#include "core/cells/pack.h"

namespace gatecast {

Readout::Readout(const NetworkSpec& spec, const Kernels& kernels, int warmup, int rows)
    : spec_(spec), layout_(spec), kernels_(kernels), warmup_(warmup), width_(spec.output_size()),
      read_stride_(padded(spec.head_input_size())), query_stride_(padded(spec.output_size())) {
    if (spec.reads_newest()) return;
    const std::size_t count = rows;
    read_ = AlignedBuffer(count * read_stride_);
    d_read_ = AlignedBuffer(count * read_stride_);
    if (spec.attention == 0) return;
    queries_ = AlignedBuffer(count * query_stride_);
    d_queries_ = AlignedBuffer(count * query_stride_);
    weights_ = AlignedBuffer(count * spec.attention);
}

void Readout::set_parameters(std::span<const float> parameters) {
    head_transposed_ = pack_transposed(kernels_.f32, layout_.head_weight, parameters);
    if (spec_.attention > 0) {
        attention_transposed_ = pack_transposed(kernels_.f32, layout_.attention_weight, parameters);
    }
}

void Readout::run(const Network& network, const Trace& trace, Streams streams, int t, float* outputs) {
    if (spec_.reads_newest()) {
        const std::size_t row = static_cast<std::size_t>(t) * trace.batch() + streams.first;
        network.apply_head(streams.count, trace.output() + row * width_, width_, outputs);
        return;
    }
    read_newest(trace, streams, t);
    if (spec_.attention > 0) attend_all(network, trace, streams, t);
    const float* read = read_.data() + row_of(trace, t, streams.first) * read_stride_;
    network.apply_head(streams.count, read, read_stride_, outputs);
}

/// The newest output of each stream; the reverse direction ends at the first step.
void Readout::read_newest(const Trace& trace, Streams streams, int t) {
    const std::size_t recurrent = spec_.recurrent_size();
    for (int b = streams.first; b < streams.first + streams.count; ++b) {
        float* read = read_.data() + row_of(trace, t, b) * read_stride_;
        for (int direction = 0; direction < spec_.directions(); ++direction) {
            const std::size_t time = direction == 0 ? t : trace.lead(b);
            const float* output = trace.output() + (time * trace.batch() + b) * width_ + direction * recurrent;
            std::copy_n(output, recurrent, read + direction * recurrent);
        }
    }
}

LastOutputs Readout::last_outputs(const Trace& trace, int t, int stream) const {
    const int count =
        std::clamp(t + 1 - trace.lead(stream), 0, spec_.attention); // before are zeros, whatever a layer says
    return {
        .rows = trace.output() + static_cast<std::size_t>(stream) * width_,
        .stride = trace.batch() * width_,
        .capacity = trace.steps(),
        .first = t + 1 - count,
        .count = count,
    };
}

void Readout::attend_all(const Network& network, const Trace& trace, Streams streams, int t) {
    const std::size_t first = row_of(trace, t, streams.first);
    network.attention_queries(streams.count, read_.data() + first * read_stride_, read_stride_,
                              queries_.data() + first * query_stride_);
    for (int b = 0; b < streams.count; ++b) {
        const std::size_t row = first + b;
        attend(last_outputs(trace, t, streams.first + b), spec_.attention, static_cast<int>(width_),
               queries_.data() + row * query_stride_, weights_.data() + row * spec_.attention,
               read_.data() + row * read_stride_ + width_);
    }
}

void Readout::run_back(const Trace& trace, Streams streams, int t, const float* d_outputs, float* d_layers) {
    const std::size_t stride = query_stride_, first = static_cast<std::size_t>(t) * trace.batch() + streams.first;
    float* d_newest = d_layers + first * stride;
    if (spec_.reads_newest() && t >= warmup_) {
        multiply(head_transposed_, layout_.head_weight, streams.count, d_outputs, d_newest, stride, false);
        return;
    }
    std::fill_n(d_newest, streams.count * stride, 0.0f);
    if (t < warmup_) return;
    float* d_read = d_read_.data() + row_of(trace, t, streams.first) * read_stride_;
    multiply(head_transposed_, layout_.head_weight, streams.count, d_outputs, d_read, read_stride_, false);
    if (spec_.attention > 0) attend_all_back(trace, streams, t, d_layers);
    const std::size_t recurrent = spec_.recurrent_size();
    for (int b = streams.first; b < streams.first + streams.count; ++b, d_read += read_stride_) {
        for (int direction = 0; direction < spec_.directions(); ++direction) {
            const std::size_t time = direction == 0 ? t : trace.lead(b);
            float* d_output = d_layers + (time * trace.batch() + b) * stride + direction * recurrent;
            for (std::size_t k = 0; k < recurrent; ++k) d_output[k] += d_read[direction * recurrent + k];
        }
    }
}

/// From the gradient of the contexts to that of the last outputs, and to that of the newest ones in d_read_.
void Readout::attend_all_back(const Trace& trace, Streams streams, int t, float* d_layers) {
    const std::size_t first = row_of(trace, t, streams.first);
    for (int b = 0; b < streams.count; ++b) {
        const std::size_t row = first + b;
        const float* read = read_.data() + row * read_stride_;
        attend_back(last_outputs(trace, t, streams.first + b), spec_.attention, static_cast<int>(width_),
                    queries_.data() + row * query_stride_, weights_.data() + row * spec_.attention, read + width_,
                    d_read_.data() + row * read_stride_ + width_,
                    d_layers + static_cast<std::size_t>(streams.first + b) * query_stride_,
                    trace.batch() * query_stride_, d_queries_.data() + row * query_stride_);
    }
    multiply(attention_transposed_, layout_.attention_weight, streams.count, d_queries_.data() + first * query_stride_,
             d_read_.data() + first * read_stride_, read_stride_, true);
}

/// Products of rows of gradients, padded, with a transposed weight
void Readout::multiply(const AlignedBuffer& panels, const MatrixRange& weight, int rows, const float* g, float* out,
                       std::size_t out_stride, bool accumulate) const {
    kernels_.f32.linear({
        .panels = panels.data(),
        .inputs = weight.rows,
        .outputs = weight.columns,
        .batch = rows,
        .x = g,
        .x_stride = static_cast<std::size_t>(padded(weight.rows)),
        .y = out,
        .y_stride = out_stride,
        .accumulate = accumulate,
        .scratch = nullptr,
    });
}

void Readout::add_products(const Trace& trace, const float* d_outputs, WeightGradients& to) const {
    const auto add = [&](const float* x, std::size_t x_stride, const float* g, const MatrixRange& weight,
                         const MatrixRange& bias) {
        const auto stride = static_cast<std::size_t>(padded(weight.rows));
        to.add({
            .steps = trace.steps() - warmup_,
            .batch = trace.batch(),
            .x = x,
            .x_stride = x_stride,
            .columns = weight.columns,
            .g = g,
            .g_stride = stride,
            .slots = {.first = 0, .count = 1, .gates = {0}},
            .slot_size = stride,
            .units = weight.rows,
            .weight = weight,
            .bias = bias,
        });
    };
    const std::size_t first = static_cast<std::size_t>(warmup_) * trace.batch();
    const bool plain = spec_.reads_newest();
    add(plain ? trace.output() + first * width_ : read_.data(), plain ? width_ : read_stride_, d_outputs,
        layout_.head_weight, layout_.head_bias);
    if (spec_.attention > 0) {
        add(read_.data(), read_stride_, d_queries_.data(), layout_.attention_weight, layout_.attention_bias);
    }
}

} // namespace gatecast
