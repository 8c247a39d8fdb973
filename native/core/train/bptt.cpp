#include "core/train/bptt.h"

#include <algorithm>

#include "core/cells/pack.h"

namespace gatecast {
namespace {

void grow(AlignedBuffer& buffer, std::size_t size) {
    if (buffer.size() < size) buffer = AlignedBuffer(size);
}

/// Moves rows of `width` floats between PyTorch's [cells][batch][width] and a cell's padded rows.
void load_rows(std::span<const float> from, int index, int batch, int width, float* to) {
    std::fill_n(to, static_cast<std::size_t>(batch) * padded(width), 0.0f);
    if (from.empty()) return;
    const float* source = from.data() + static_cast<std::size_t>(index) * batch * width;
    for (int b = 0; b < batch; ++b) std::copy_n(source + b * width, width, to + b * padded(width));
}

void store_rows(const float* from, int index, int batch, int width, std::span<float> to) {
    if (to.empty()) return;
    float* target = to.data() + static_cast<std::size_t>(index) * batch * width;
    for (int b = 0; b < batch; ++b) std::copy_n(from + b * padded(width), width, target + b * width);
}

} // namespace

Backward::Backward(const NetworkSpec& spec, const Kernels& kernels)
    : spec_(spec), traits_(spec.traits()), layout_(spec), kernels_(kernels), hidden_(padded(spec.hidden_size)),
      recurrent_(padded(spec.recurrent_size())), slots_(traits_.slots), packed_(spec.cells()),
      d_inputs_(spec.num_layers), cells_(spec.cells()) {}

void Backward::set_parameters(std::span<const float> parameters) {
    for (int index = 0; index < spec_.cells(); ++index) {
        PackedCell& cell = packed_[index];
        const CellRanges& ranges = layout_.cells[index];
        cell.from_x = pack(traits_.from_x, ranges.weight_ih, parameters);
        cell.from_h = pack(traits_.from_h, ranges.weight_hh, parameters);
        if (traits_.late_gates > 0) cell.from_late_h = pack(traits_.from_late_h, ranges.weight_hh, parameters);
        if (spec_.proj_size > 0) cell.projection = pack_transposed(kernels_.f32, ranges.weight_hr, parameters);
    }
}

AlignedBuffer Backward::pack(const GateSlots& slots, const MatrixRange& weight, std::span<const float> parameters) {
    const int slot_size = static_cast<int>(hidden_), columns = slots.count * slot_size;
    return pack_linear(kernels_.f32, weight.columns, columns, nullptr, [&](int row, int column) {
        const int unit = column % slot_size;
        if (unit >= spec_.hidden_size) return 0.0f;
        const std::size_t from = static_cast<std::size_t>(slots.gates[column / slot_size]) * spec_.hidden_size + unit;
        return parameters[weight.offset + from * weight.columns + row];
    });
}

void Backward::reserve(const Trace& trace) {
    batch_ = trace.batch();
    const std::size_t rows = trace.rows(), batch = trace.batch();
    std::size_t most_columns = spec_.hidden_size;
    for (int layer = 0; layer < spec_.num_layers; ++layer) {
        grow(d_inputs_[layer], rows * padded(spec_.layer_input_size(layer)));
        most_columns = std::max<std::size_t>(most_columns, spec_.layer_input_size(layer));
    }
    for (CellGradients& cell : cells_) {
        grow(cell.gates, rows * slots_ * hidden_);
        grow(cell.dh, batch * recurrent_);
        grow(cell.dc, batch * padded(spec_.c_size()));
        if (spec_.proj_size > 0) grow(cell.d_projected, rows * recurrent_);
    }
    grow(dm_, batch * hidden_);
    if (traits_.late_gates > 0) grow(d_late_h_, batch * hidden_);
    grow(outer_, (most_columns + 1) * slots_ * hidden_);
}

void Backward::run(Trace& trace, const float* d_output, std::size_t d_output_stride, const StateGradients& ends,
                   std::span<float> gradients) {
    reserve(trace);
    for (int layer = spec_.num_layers - 1; layer >= 0; --layer) {
        const int inputs = spec_.layer_input_size(layer);
        float* d_input = d_inputs_[layer].data();
        for (int direction = 0; direction < spec_.directions(); ++direction) {
            const int index = layer * spec_.directions() + direction;
            run_cell(trace, index, d_output + direction * spec_.recurrent_size(), d_output_stride, ends);
            weight_gradients(trace, index, gradients);
            multiply(traits_.from_x, packed_[index].from_x, gates_at(index, 0), trace.rows(), inputs, d_input,
                     direction > 0);
        }
        const AlignedBuffer& mask = trace.mask(layer);
        for (std::size_t row = 0; mask.size() > 0 && row < static_cast<std::size_t>(trace.rows()); ++row) {
            for (int k = 0; k < inputs; ++k) d_input[row * padded(inputs) + k] *= mask.data()[row * inputs + k];
        }
        d_output = d_input;
        d_output_stride = padded(inputs);
    }
}

void Backward::begin(const Trace& trace) {
    reserve(trace);
    forget();
}

const float* Backward::step(Trace& trace, int t, const float* d_output, std::size_t d_output_stride) {
    for (int layer = spec_.num_layers - 1; layer >= 0; --layer) {
        const int inputs = spec_.layer_input_size(layer);
        float* d_input = d_inputs_[layer].data() + static_cast<std::size_t>(t) * batch_ * padded(inputs);
        add_output(layer, d_output, d_output_stride);
        step_back(trace, layer, t);
        multiply(traits_.from_x, packed_[layer].from_x, gates_at(layer, t), batch_, inputs, d_input, false);
        d_output = d_input;
        d_output_stride = padded(inputs);
    }
    return d_output;
}

void Backward::forget() {
    for (CellGradients& cell : cells_) {
        cell.dh.zero();
        cell.dc.zero();
    }
}

void Backward::finish(Trace& trace, std::span<float> gradients) {
    for (int layer = 0; layer < spec_.num_layers; ++layer) weight_gradients(trace, layer, gradients);
}

void Backward::run_cell(Trace& trace, int index, const float* d_output, std::size_t d_output_stride,
                        const StateGradients& ends) {
    const int recurrent = spec_.recurrent_size(), hidden = spec_.c_size();
    CellGradients& cell = cells_[index];
    load_rows(ends.hn, index, batch_, recurrent, cell.dh.data());
    load_rows(ends.cn, index, batch_, hidden, cell.dc.data());
    for (int s = trace.steps() - 1; s >= 0; --s) {
        const int t = trace.time_of(index, s);
        add_output(index, d_output + static_cast<std::size_t>(t) * batch_ * d_output_stride, d_output_stride);
        step_back(trace, index, t);
    }
    store_rows(cell.dh.data(), index, batch_, recurrent, ends.h0);
    store_rows(cell.dc.data(), index, batch_, hidden, ends.c0);
}

void Backward::add_output(int index, const float* d_output, std::size_t d_output_stride) {
    for (int b = 0; b < batch_; ++b, d_output += d_output_stride) {
        float* dh = cells_[index].dh.data() + b * recurrent_;
        for (int k = 0; k < spec_.recurrent_size(); ++k) dh[k] += d_output[k];
    }
}

/// Takes the gradient of h' (and c') in dh (and dc) to that of h (and c), in the same place, and to that of the gates.
void Backward::step_back(Trace& trace, int index, int t) {
    const PackedCell& cell = packed_[index];
    float* gates = gates_at(index, t);
    float* dh = cells_[index].dh.data();
    trace.clear_unbegun(t, dh, recurrent_); // their state is 0, whatever the parameters
    if (spec_.c_size() > 0) trace.clear_unbegun(t, cells_[index].dc.data(), hidden_);
    BackwardArgs args{
        .hidden = spec_.hidden_size,
        .batch = batch_,
        .tape = trace.tape(index, t),
        .tape_stride = slots_ * hidden_,
        .h_prev = trace.h_before(index, t),
        .h_stride = recurrent_,
        .c_prev = trace.c_before(index, t),
        .c_stride = hidden_,
        .dh = dh,
        .dc = cells_[index].dc.data(),
        .d_late_h = d_late_h_.data(),
        .gates = gates,
        .gates_stride = slots_ * hidden_,
    };
    if (spec_.proj_size > 0) {
        std::copy_n(dh, batch_ * recurrent_, cells_[index].d_projected.data() + t * batch_ * recurrent_);
        kernels_.f32.linear({
            .panels = cell.projection.data(),
            .inputs = spec_.proj_size,
            .outputs = spec_.hidden_size,
            .batch = batch_,
            .x = dh,
            .x_stride = recurrent_,
            .y = dm_.data(),
            .y_stride = hidden_,
            .accumulate = false,
            .scratch = nullptr,
        });
        args.dh = dm_.data();
    }
    const CellGradient& gradient = kernels_.gradient_of(spec_.cell);
    gradient.backward(args);
    if (traits_.late_gates > 0) {
        multiply(traits_.from_late_h, cell.from_late_h, gates, batch_, spec_.hidden_size, d_late_h_.data(), false);
        gradient.finish(args);
    }
    multiply(traits_.from_h, cell.from_h, gates, batch_, spec_.recurrent_size(), dh, traits_.carries_h);
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

void Backward::weight_gradients(Trace& trace, int index, std::span<float> gradients) {
    const CellRanges& ranges = layout_.cells[index];
    const int layer = index / spec_.directions(), inputs = ranges.weight_ih.columns, rows = trace.rows();
    // Rows of all times follow one another, and the state before time t is row t of its buffer.
    const float *h = trace.h_before(index, 0), *gates = gates_at(index, 0);
    accumulate(traits_.from_x, gates, rows, inputs, trace.input(layer), inputs, ranges.weight_ih, ranges.bias_ih,
               gradients);
    accumulate(traits_.from_h, gates, rows, spec_.recurrent_size(), h, recurrent_, ranges.weight_hh, ranges.bias_hh,
               gradients);
    if (traits_.late_gates > 0) {
        const float* late_h = trace.tape(index, 0) + (slots_ - 1) * hidden_;
        accumulate(traits_.from_late_h, gates, rows, spec_.hidden_size, late_h, slots_ * hidden_, ranges.weight_hh,
                   ranges.bias_hh, gradients);
    }
    if (spec_.proj_size > 0) {
        outer_into(rows, static_cast<int>(recurrent_), spec_.hidden_size, trace.unprojected(index, 0), hidden_,
                   cells_[index].d_projected.data(), recurrent_);
        for (int row = 0; row < spec_.proj_size; ++row) {
            float* to = gradients.data() + ranges.weight_hr.offset + static_cast<std::size_t>(row) * spec_.hidden_size;
            for (int k = 0; k < spec_.hidden_size; ++k) to[k] += outer_.data()[k * recurrent_ + row];
        }
    }
}

/// Adds the gradients of the rows of a weight matrix, and of its bias, for the gates in these slots.
void Backward::accumulate(const GateSlots& slots, const float* gates, int rows, int columns, const float* x,
                          std::size_t x_stride, const MatrixRange& weight, const MatrixRange& bias,
                          std::span<float> gradients) {
    const std::size_t lanes = slots.count * hidden_;
    const float* g = gates + slots.first * hidden_;
    const auto scatter = [&](const MatrixRange& range) {
        for (int slot = 0; slot < slots.count; ++slot) {
            for (int unit = 0; unit < spec_.hidden_size; ++unit) {
                const std::size_t row = static_cast<std::size_t>(slots.gates[slot]) * spec_.hidden_size + unit;
                float* to = gradients.data() + range.offset + row * range.columns;
                const float* from = outer_.data() + slot * hidden_ + unit;
                for (int k = 0; k < range.columns; ++k) to[k] += from[k * lanes];
            }
        }
    };
    outer_into(rows, static_cast<int>(lanes), columns, x, x_stride, g, slots_ * hidden_);
    scatter(weight);
    if (bias.rows > 0) {
        const float one = 1.0f;
        outer_into(rows, static_cast<int>(lanes), 1, &one, 0, g, slots_ * hidden_);
        scatter(bias);
    }
}

void Backward::outer_into(int rows, int lanes, int columns, const float* x, std::size_t x_stride, const float* g,
                          std::size_t g_stride) {
    std::fill_n(outer_.data(), static_cast<std::size_t>(columns) * lanes, 0.0f);
    kernels_.outer({
        .rows = rows,
        .columns = columns,
        .lanes = lanes,
        .x = x,
        .x_stride = x_stride,
        .g = g,
        .g_stride = g_stride,
        .out = outer_.data(),
        .out_stride = static_cast<std::size_t>(lanes),
    });
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
