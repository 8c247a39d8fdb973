#include "core/train/bptt.h"

#include <algorithm>

#include "core/cells/pack.h"

namespace gatecast {
namespace {

void grow(AlignedBuffer& buffer, std::size_t size) {
    if (buffer.size() < size) buffer = AlignedBuffer(size);
}

/// Moves rows of `width` floats between PyTorch's [cells][batch][width] and the padded rows of a cell's streams.
void load_rows(std::span<const float> from, std::size_t first_row, int count, int width, float* to) {
    std::fill_n(to, static_cast<std::size_t>(count) * padded(width), 0.0f);
    if (from.empty()) return;
    const float* source = from.data() + first_row * width;
    for (int b = 0; b < count; ++b) std::copy_n(source + b * width, width, to + b * padded(width));
}

void store_rows(const float* from, std::size_t first_row, int count, int width, std::span<float> to) {
    if (to.empty()) return;
    float* target = to.data() + first_row * width;
    for (int b = 0; b < count; ++b) std::copy_n(from + b * padded(width), width, target + b * width);
}

} // namespace

Backward::Backward(const NetworkSpec& spec, const Kernels& kernels)
    : spec_(spec), traits_(spec.traits()), layout_(spec), kernels_(kernels), hidden_(padded(spec.hidden_size)),
      recurrent_(padded(spec.recurrent_size())), slots_(traits_.slots), width_(padded(spec.output_size())),
      packed_(spec.cells()), d_inputs_(spec.num_layers), cells_(spec.cells()), weights_(kernels) {}

void Backward::set_parameters(std::span<const float> parameters) {
    for (int index = 0; index < spec_.cells(); ++index) {
        PackedCell& cell = packed_[index];
        const CellRanges& ranges = layout_.cells[index];
        const auto pack = [&](const GateSlots& slots, const MatrixRange& weight) {
            return pack_gates_transposed(kernels_.f32, slots, spec_.hidden_size, weight, parameters);
        };
        cell.from_x = pack(traits_.from_x, ranges.weight_ih);
        cell.from_h = pack(traits_.from_h, ranges.weight_hh);
        if (traits_.late_gates > 0) cell.from_late_h = pack(traits_.from_late_h, ranges.weight_hh);
        if (spec_.proj_size > 0) cell.projection = pack_transposed(kernels_.f32, ranges.weight_hr, parameters);
    }
    gains_.clear();
    for (const NormRanges& norm : layout_.norms) {
        const std::span<const float> gain = parameters.subspan(norm.gain.offset, norm.gain.size());
        gains_.insert(gains_.end(), gain.begin(), gain.end());
    }
}

void Backward::begin(const Trace& trace) {
    batch_ = trace.batch();
    const std::size_t rows = trace.rows(), batch = trace.batch();
    for (int layer = 0; layer < spec_.num_layers; ++layer) {
        grow(d_inputs_[layer], rows * padded(spec_.layer_input_size(layer)));
    }
    for (CellGradients& cell : cells_) {
        grow(cell.dh, batch * recurrent_);
        grow(cell.dc, batch * padded(spec_.c_size()));
        if (spec_.proj_size > 0) grow(cell.d_projected, rows * recurrent_);
    }
    if (spec_.layer_norm) grow(d_normalised_, rows * width_);
    grow(dm_, batch * hidden_);
    if (traits_.late_gates > 0) grow(d_late_h_, batch * hidden_);
    forget(trace.all());
}

void Backward::run(Trace& trace, const float* d_output, std::size_t d_output_stride, const StateGradients& ends,
                   std::span<float> gradients) {
    begin(trace);
    run_layers_back(trace, trace.all(), d_output, d_output_stride, ends);
    run_input_back(trace);
    finish(trace, gradients);
}

void Backward::run_layers_back(Trace& trace, Streams streams, const float* d_output, std::size_t d_output_stride,
                               const StateGradients& ends) {
    for (int layer = spec_.num_layers - 1; layer >= 0; --layer) {
        const float* d_h = d_output;
        std::size_t d_h_stride = d_output_stride;
        if (spec_.layer_norm) {
            for (int t = 0; t < trace.steps(); ++t) {
                const std::size_t row = static_cast<std::size_t>(t) * batch_ + streams.first;
                through_norm(trace, streams, layer, t, d_output + row * d_output_stride, d_output_stride);
            }
            d_h = d_normalised_.data();
            d_h_stride = width_;
        }
        for (int direction = 0; direction < spec_.directions(); ++direction) {
            const int index = layer * spec_.directions() + direction;
            run_cell(trace, streams, index, d_h + direction * spec_.recurrent_size(), d_h_stride, ends);
        }
        if (layer == 0) break;
        input_gradient(trace, streams, layer, d_output, d_output_stride);
        d_output = d_inputs_[layer].data();
        d_output_stride = padded(spec_.layer_input_size(layer));
    }
}

/// Takes the gradient of what a layer passes on at time t, rows of these streams, through its normalisation to that of
/// the h of its cells. Returns its rows, padded(output_size) apart.
const float* Backward::through_norm(Trace& trace, Streams streams, int layer, int t, const float* d_output,
                                    std::size_t d_output_stride) {
    float* d_h = d_normalised_.data() + (static_cast<std::size_t>(t) * batch_ + streams.first) * width_;
    kernels_.layer_norm_gradient({
        .size = spec_.output_size(),
        .batch = streams.count,
        .gain = gains_.data() + static_cast<std::size_t>(layer) * spec_.output_size(),
        .scale = trace.scale(layer, t) + streams.first,
        .normal = trace.normal(layer, t) + streams.first * 2 * width_,
        .normal_stride = 2 * width_,
        .dy = d_output,
        .dy_stride = d_output_stride,
        .dh = d_h,
        .dh_stride = width_,
    });
    return d_h;
}

/// Of a residual layer: adds the gradient of its output at one time to that of its input, rows of these streams.
void Backward::add_input(Streams streams, int layer, const float* d_output, std::size_t d_output_stride,
                         float* d_input) {
    if (!spec_.residual || layer == 0) return;
    for (int b = 0; b < streams.count; ++b, d_input += width_, d_output += d_output_stride) {
        for (int k = 0; k < spec_.output_size(); ++k) d_input[k] += d_output[k];
    }
}

/// The gradient of a layer's input, before dropout, from that of its gates and of its output.
void Backward::input_gradient(Trace& trace, Streams streams, int layer, const float* d_output,
                              std::size_t d_output_stride) {
    const int inputs = spec_.layer_input_size(layer);
    const std::size_t width = inputs, stride = padded(inputs);
    const AlignedBuffer& mask = trace.mask(layer);
    for (int t = 0; t < trace.steps(); ++t) {
        const std::size_t row = static_cast<std::size_t>(t) * batch_ + streams.first;
        float* d_input = d_inputs_[layer].data() + row * stride;
        for (int direction = 0; direction < spec_.directions(); ++direction) {
            const int index = layer * spec_.directions() + direction;
            multiply(traits_.from_x, packed_[index].from_x, gates_at(trace, index, streams, t), streams.count, inputs,
                     d_input, direction > 0);
        }
        add_input(streams, layer, d_output + row * d_output_stride, d_output_stride, d_input);
        if (mask.size() == 0) continue;
        const float* kept = mask.data() + row * width;
        for (int b = 0; b < streams.count; ++b, d_input += stride, kept += width) {
            for (std::size_t k = 0; k < width; ++k) d_input[k] *= kept[k];
        }
    }
}

const float* Backward::step(Trace& trace, Streams streams, int t, const float* d_output, std::size_t d_output_stride) {
    for (int layer = spec_.num_layers - 1; layer >= 0; --layer) {
        const int inputs = spec_.layer_input_size(layer);
        const std::size_t row = static_cast<std::size_t>(t) * batch_ + streams.first;
        float* d_input = d_inputs_[layer].data() + row * padded(inputs);
        const bool normalised = spec_.layer_norm;
        const float* d_h = normalised ? through_norm(trace, streams, layer, t, d_output, d_output_stride) : d_output;
        add_output(streams, layer, d_h, normalised ? width_ : d_output_stride);
        step_back(trace, streams, layer, t);
        multiply(traits_.from_x, packed_[layer].from_x, gates_at(trace, layer, streams, t), streams.count, inputs,
                 d_input, false);
        add_input(streams, layer, d_output, d_output_stride, d_input);
        d_output = d_input;
        d_output_stride = padded(inputs);
    }
    return d_output;
}

void Backward::forget(Streams streams) {
    const std::size_t hidden = padded(spec_.c_size());
    for (CellGradients& cell : cells_) {
        std::fill_n(cell.dh.data() + streams.first * recurrent_, streams.count * recurrent_, 0.0f);
        std::fill_n(cell.dc.data() + streams.first * hidden, streams.count * hidden, 0.0f);
    }
}

void Backward::finish(Trace& trace, std::span<float> gradients) {
    weights_.clear();
    add_products(trace, weights_);
    weights_.run(gradients, nullptr);
}

void Backward::run_cell(Trace& trace, Streams streams, int index, const float* d_output, std::size_t d_output_stride,
                        const StateGradients& ends) {
    const int recurrent = spec_.recurrent_size(), hidden = spec_.c_size();
    const std::size_t first = static_cast<std::size_t>(index) * batch_ + streams.first;
    float* dh = cells_[index].dh.data() + streams.first * recurrent_;
    float* dc = cells_[index].dc.data() + streams.first * padded(hidden);
    load_rows(ends.hn, first, streams.count, recurrent, dh);
    load_rows(ends.cn, first, streams.count, hidden, dc);
    for (int s = trace.steps() - 1; s >= 0; --s) {
        const int t = trace.time_of(index, s);
        const std::size_t row = static_cast<std::size_t>(t) * batch_ + streams.first;
        add_output(streams, index, d_output + row * d_output_stride, d_output_stride);
        step_back(trace, streams, index, t);
    }
    store_rows(dh, first, streams.count, recurrent, ends.h0);
    store_rows(dc, first, streams.count, hidden, ends.c0);
}

void Backward::add_output(Streams streams, int index, const float* d_output, std::size_t d_output_stride) {
    float* dh = cells_[index].dh.data() + streams.first * recurrent_;
    for (int b = 0; b < streams.count; ++b, dh += recurrent_, d_output += d_output_stride) {
        for (int k = 0; k < spec_.recurrent_size(); ++k) dh[k] += d_output[k];
    }
}

/// Takes the gradient of h' (and c') in dh (and dc) to that of h (and c), in the same place, and to that of the gates.
void Backward::step_back(Trace& trace, Streams streams, int index, int t) {
    const PackedCell& cell = packed_[index];
    const std::size_t first = streams.first;
    const auto from_first = [first](auto* rows, std::size_t size) {
        return rows == nullptr ? nullptr : rows + first * size;
    };
    float* gates = gates_at(trace, index, streams, t);
    float* dh = cells_[index].dh.data() + first * recurrent_;
    trace.clear_unbegun(streams, t, cells_[index].dh.data(), recurrent_); // their state is 0, whatever the parameters
    if (spec_.c_size() > 0) trace.clear_unbegun(streams, t, cells_[index].dc.data(), hidden_);
    BackwardArgs args{
        .hidden = spec_.hidden_size,
        .batch = streams.count,
        .tape = gates,
        .tape_stride = slots_ * hidden_,
        .h_prev = from_first(trace.h_before(index, t), recurrent_),
        .h_stride = recurrent_,
        .c_prev = from_first(trace.c_before(index, t), hidden_),
        .c_stride = hidden_,
        .dh = dh,
        .dc = from_first(cells_[index].dc.data(), hidden_),
        .d_late_h = from_first(d_late_h_.data(), hidden_),
        .gates = gates,
        .gates_stride = slots_ * hidden_,
    };
    if (spec_.proj_size > 0) {
        const std::size_t row = static_cast<std::size_t>(t) * batch_ + first;
        std::copy_n(dh, streams.count * recurrent_, cells_[index].d_projected.data() + row * recurrent_);
        args.dh = dm_.data() + first * hidden_;
        kernels_.f32.linear({
            .panels = cell.projection.data(),
            .inputs = spec_.proj_size,
            .outputs = spec_.hidden_size,
            .batch = streams.count,
            .x = dh,
            .x_stride = recurrent_,
            .y = args.dh,
            .y_stride = hidden_,
            .accumulate = false,
            .scratch = nullptr,
        });
    }
    const int lag = trace.steps() - 1 - t;
    if (flow_ != nullptr) {
        flow_->take_step(
            {
                .cell = index,
                .lag = lag,
                .h_before = trace.h_before(index, t),
                .h = trace.h_after(index, t),
                .c = trace.c_after(index, t),
                .dh = dh,
                .ends = t == trace.time_of(index, trace.steps() - 1),
            },
            args);
    }
    const CellGradient& gradient = kernels_.gradient_of(spec_.cell);
    gradient.backward(args);
    if (traits_.late_gates > 0) {
        multiply(traits_.from_late_h, cell.from_late_h, gates, streams.count, spec_.hidden_size, args.d_late_h, false);
        gradient.finish(args);
    }
    if (flow_ != nullptr) flow_->take_gates(index, lag, args);
    multiply(traits_.from_h, cell.from_h, gates, streams.count, spec_.recurrent_size(), dh, traits_.carries_h);
}

void Backward::multiply(const GateSlots& slots, const AlignedBuffer& transposed, const float* gates, int rows,
                        int outputs, float* out, bool accumulate) {
    kernels_.f32.linear({
        .panels = transposed.data(),
        .inputs = slots.count * static_cast<int>(hidden_),
        .outputs = outputs,
        .batch = rows,
        .x = gates + slots.first * hidden_,
        .x_stride = slots_ * hidden_,
        .y = out,
        .y_stride = static_cast<std::size_t>(padded(outputs)),
        .accumulate = accumulate,
        .scratch = nullptr,
    });
}

void Backward::add_products(Trace& trace, WeightGradients& to) {
    for (int index = 0; index < spec_.cells(); ++index) {
        const CellRanges& ranges = layout_.cells[index];
        const int layer = index / spec_.directions(), inputs = ranges.weight_ih.columns;
        // Rows of all times follow one another, and the state before time t is row t of its buffer.
        const float *h = trace.h_before(index, 0), *gates = trace.tape(index, 0);
        const auto add = [&](const GateSlots& slots, const float* x, std::size_t x_stride, const MatrixRange& weight,
                             const MatrixRange& bias) {
            to.add({
                .steps = trace.steps(),
                .batch = trace.batch(),
                .x = x,
                .x_stride = x_stride,
                .columns = weight.columns,
                .g = gates + slots.first * hidden_,
                .g_stride = slots_ * hidden_,
                .slots = slots,
                .slot_size = hidden_,
                .units = spec_.hidden_size,
                .weight = weight,
                .bias = bias,
            });
        };
        add(traits_.from_x, trace.input(layer), inputs, ranges.weight_ih, ranges.bias_ih);
        add(traits_.from_h, h, recurrent_, ranges.weight_hh, ranges.bias_hh);
        if (traits_.late_gates > 0) {
            const float* late_h = gates + (slots_ - 1) * hidden_;
            add(traits_.from_late_h, late_h, slots_ * hidden_, ranges.weight_hh, ranges.bias_hh);
        }
        if (spec_.proj_size > 0) {
            to.add({
                .steps = trace.steps(),
                .batch = trace.batch(),
                .x = trace.unprojected(index, 0),
                .x_stride = hidden_,
                .columns = spec_.hidden_size,
                .g = cells_[index].d_projected.data(),
                .g_stride = recurrent_,
                .slots = {.first = 0, .count = 1, .gates = {0}},
                .slot_size = recurrent_,
                .units = spec_.proj_size,
                .weight = ranges.weight_hr,
                .bias = {},
            });
        }
    }
    for (int layer = 0; spec_.layer_norm && layer < spec_.num_layers; ++layer) {
        const NormRanges& norm = layout_.norms[layer];
        to.add({
            .steps = trace.steps(),
            .batch = trace.batch(),
            .x = nullptr, // a gain and a bias multiply no other value: the rows are only added up
            .x_stride = 0,
            .columns = 0,
            .g = trace.normal(layer, 0),
            .g_stride = 2 * width_,
            .slots = {.first = 0, .count = 2, .gates = {0, 1}},
            .slot_size = width_,
            .units = spec_.output_size(),
            .weight = {},
            .bias = {norm.gain.offset, 2 * norm.gain.rows, 1}, // and the bias after it
        });
    }
}

void vector_jacobian(const Network& network, const SequenceShape& shape, std::span<const float> input,
                     std::span<const float> h0, std::span<const float> c0, const VectorJacobian& io) {
    const NetworkSpec& spec = network.spec();
    Trace trace(spec, shape.steps, shape.batch);
    Random unused(0);
    to_time_major(shape, spec.input_size, input.data(), trace.input(0));
    trace.begin(shape.batch);
    set_first_state(trace, h0, c0);
    run_layers(network, trace, 0, unused);

    Backward backward(spec, network.kernels());
    backward.set_parameters(network.parameters());
    AlignedBuffer d_output(io.d_output.size());
    to_time_major(shape, spec.output_size(), io.d_output.data(), d_output.data());
    std::fill(io.parameters.begin(), io.parameters.end(), 0.0f);
    const StateGradients ends{io.d_hn, io.d_cn, io.d_h0, io.d_c0};
    backward.run(trace, d_output.data(), spec.output_size(), ends, io.parameters);

    AlignedBuffer d_input(io.d_input.size());
    for (int row = 0; row < trace.rows(); ++row) {
        const float* from = backward.d_input() + static_cast<std::size_t>(row) * padded(spec.input_size);
        std::copy_n(from, spec.input_size, d_input.data() + static_cast<std::size_t>(row) * spec.input_size);
    }
    from_time_major(shape, spec.input_size, d_input.data(), io.d_input.data());
}

} // namespace gatecast
