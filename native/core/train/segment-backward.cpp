#include "core/train/segment-backward.h"

#include <algorithm>

#include "core/cells/pack.h"

namespace gatecast {
namespace {

void add_to(float* to, const float* from, std::size_t count) {
    for (std::size_t k = 0; k < count; ++k) to[k] += from[k];
}

/// From [columns][lanes] to [rows][columns] of a matrix in the parameters
void transpose(const float* from, std::size_t lanes, const MatrixRange& range, std::span<float> gradients) {
    float* to = gradients.data() + range.offset;
    for (int row = 0; row < range.rows; ++row) {
        for (int k = 0; k < range.columns; ++k) *to++ = from[k * lanes + row];
    }
}

} // namespace

SegmentBackward::SegmentBackward(const SegmentNetwork& network)
    : network_(network), spec_(network.spec()), traits_(traits_of(spec_.cell)), kernels_(network.kernels()),
      stride_(padded(spec_.hidden)), slots_size_(traits_.slots * stride_),
      head_stride_(padded(spec_.segment * spec_.outputs)) {
    std::size_t size = 0;
    const auto place = [&](std::size_t columns, std::size_t lanes) {
        const std::size_t at = size;
        size += columns * lanes;
        return at;
    };
    const std::size_t hidden = spec_.hidden;
    sums_.weight_x = place(hidden, lanes(traits_.from_x));
    sums_.bias_x = place(1, lanes(traits_.from_x));
    sums_.weight_h = place(hidden, lanes(traits_.from_h));
    sums_.bias_h = place(1, lanes(traits_.from_h));
    sums_.weight_embed = place(spec_.segment, stride_);
    sums_.bias_embed = place(1, stride_);
    sums_.weight_head = place(hidden, head_stride_);
    sums_.bias_head = place(1, head_stride_);
    sums_.places = place(spec_.places(), slots_size_);
    sums_.size = size;
    update();
}

SegmentBackward::Buffers::Buffers(const SegmentBackward& backward) {
    const std::size_t state = SegmentPass::kRows * backward.stride_;
    for (AlignedBuffer* each : {&dh, &dc, &decoder_dh, &decoder_dc, &embedded}) *each = AlignedBuffer(state);
    const std::size_t all = SegmentPass::kRows * backward.slots_size_;
    gates = AlignedBuffer(all);
    all_gates = AlignedBuffer(all);
}

void SegmentBackward::update() {
    const SegmentLayout& layout = network_.layout();
    const CellRanges& cell = layout.cell.cells[0];
    const std::span<const float> parameters = network_.network().parameters();
    from_x_ = pack_gates_transposed(kernels_.f32, traits_.from_x, spec_.hidden, cell.weight_ih, parameters);
    from_h_ = pack_gates_transposed(kernels_.f32, traits_.from_h, spec_.hidden, cell.weight_hh, parameters);
    from_head_ = pack_transposed(kernels_.f32, layout.cell.head_weight, parameters);
}

void SegmentBackward::run(const SegmentPass& pass, const float* d_outputs, bool dropped, Buffers& buffers,
                          float* sums) const {
    buffers.dh.zero();
    buffers.dc.zero();
    buffers.all_gates.zero();
    decode(pass, d_outputs, dropped, buffers, sums);
    encode(pass, buffers, sums);
}

/// All steps of the decoder begin from the same state, so their gate gradients are summed before they pass its weights.
void SegmentBackward::decode(const SegmentPass& pass, const float* d_outputs, bool dropped, Buffers& buffers,
                             float* sums) const {
    const int rows = pass.rows(), last = spec_.history;
    const std::size_t state = rows * stride_;
    float *dh = buffers.decoder_dh.data(), *dc = buffers.decoder_dc.data(), *gates = buffers.gates.data();
    for (int step = 0; step < spec_.future(); ++step, d_outputs += rows * head_stride_) {
        add(rows, d_outputs, static_cast<int>(head_stride_), pass.decoded(step), spec_.hidden, stride_,
            sums + sums_.weight_head, sums + sums_.bias_head);
        kernels_.f32.linear({
            .panels = from_head_.data(),
            .inputs = spec_.segment * spec_.outputs,
            .outputs = spec_.hidden,
            .batch = rows,
            .x = d_outputs,
            .x_stride = head_stride_,
            .y = dh,
            .y_stride = stride_,
            .accumulate = false,
            .scratch = nullptr,
        });
        const float* mask = dropped ? pass.mask(step) : nullptr;
        for (std::size_t k = 0; dropped && k < state; ++k) dh[k] *= mask[k];
        buffers.decoder_dc.zero();
        step_back({.cell = 0,
                   .lag = 0,
                   .h_before = pass.h_before(last),
                   .h = pass.decoded(step),
                   .c = pass.decoder_c(step),
                   .dh = dh,
                   .ends = false,
                   .of = spec_.future()},
                  {
                      .hidden = spec_.hidden,
                      .batch = rows,
                      .tape = pass.decoder_tape(step),
                      .tape_stride = slots_size_,
                      .h_prev = pass.h_before(last),
                      .h_stride = stride_,
                      .c_prev = pass.c_before(last),
                      .c_stride = stride_,
                      .dh = dh,
                      .dc = dc,
                      .d_late_h = nullptr,
                      .gates = gates,
                      .gates_stride = slots_size_,
                  });
        if (traits_.carries_h) add_to(buffers.dh.data(), dh, state);
        if (traits_.has_c) add_to(buffers.dc.data(), dc, state);
        add_to(buffers.all_gates.data(), gates, rows * slots_size_);
        for (int row = 0; row < rows; ++row) {
            const std::size_t place = spec_.place_of(step, pass.channel(row));
            add_to(sums + sums_.places + place * slots_size_, gates + row * slots_size_, slots_size_);
        }
    }
    add_gates(traits_.from_h, rows, buffers.all_gates.data(), pass.h_before(last), sums + sums_.weight_h,
              sums + sums_.bias_h);
    multiply(traits_.from_h, from_h_, rows, buffers.all_gates.data(), buffers.dh.data(), true);
}

void SegmentBackward::encode(const SegmentPass& pass, Buffers& buffers, float* sums) const {
    const int rows = pass.rows();
    float *dh = buffers.dh.data(), *gates = buffers.gates.data(), *d_embedded = buffers.embedded.data();
    for (int t = spec_.history - 1; t >= 0; --t) {
        const int lag = spec_.history - t;
        step_back({.cell = 0,
                   .lag = lag,
                   .h_before = pass.h_before(t),
                   .h = pass.h_before(t + 1),
                   .c = pass.c_before(t + 1),
                   .dh = dh,
                   .ends = lag == 1},
                  {
                      .hidden = spec_.hidden,
                      .batch = rows,
                      .tape = pass.tape(t),
                      .tape_stride = slots_size_,
                      .h_prev = pass.h_before(t),
                      .h_stride = stride_,
                      .c_prev = pass.c_before(t),
                      .c_stride = stride_,
                      .dh = dh,
                      .dc = buffers.dc.data(),
                      .d_late_h = nullptr,
                      .gates = gates,
                      .gates_stride = slots_size_,
                  });
        add_gates(traits_.from_x, rows, gates, pass.embedded(t), sums + sums_.weight_x, sums + sums_.bias_x);
        add_gates(traits_.from_h, rows, gates, pass.h_before(t), sums + sums_.weight_h, sums + sums_.bias_h);
        multiply(traits_.from_x, from_x_, rows, gates, d_embedded, false);
        const float* embedded = pass.embedded(t);
        for (std::size_t k = 0; k < rows * stride_; ++k) d_embedded[k] = embedded[k] > 0 ? d_embedded[k] : 0.0f;
        add(rows, d_embedded, static_cast<int>(stride_), pass.segments(t), spec_.segment, spec_.segment,
            sums + sums_.weight_embed, sums + sums_.bias_embed);
        if (t > 0) multiply(traits_.from_h, from_h_, rows, gates, dh, traits_.carries_h);
        if (flow_ != nullptr) show_segment(lag, rows, d_embedded);
    }
}

/// Takes the gradient of a step to those of its gates.
void SegmentBackward::step_back(const FlowStep& step, const BackwardArgs& args) const {
    if (flow_ != nullptr) flow_->take_step(step, args);
    kernels_.gradient_of(spec_.cell).backward(args);
    if (flow_ != nullptr) flow_->take_gates(step.cell, step.lag, args);
}

void SegmentBackward::watch(Flow* flow) {
    flow_ = flow;
    if (flow == nullptr) return;
    from_embed_ = pack_transposed(kernels_.f32, network_.layout().embed_weight, network_.parameters());
}

/// Shows the gradient of a segment, from that of its embedding.
void SegmentBackward::show_segment(int lag, int rows, const float* d_embedded) const {
    const std::size_t stride = padded(spec_.segment);
    AlignedBuffer d_segment(rows * stride);
    kernels_.f32.linear({
        .panels = from_embed_.data(),
        .inputs = spec_.hidden,
        .outputs = spec_.segment,
        .batch = rows,
        .x = d_embedded,
        .x_stride = stride_,
        .y = d_segment.data(),
        .y_stride = stride,
        .accumulate = false,
        .scratch = nullptr,
    });
    flow_->take_inputs(lag, rows, d_segment.data(), stride);
}

void SegmentBackward::multiply(const GateSlots& slots, const AlignedBuffer& transposed, int rows, const float* gates,
                               float* out, bool accumulate) const {
    kernels_.f32.linear({
        .panels = transposed.data(),
        .inputs = static_cast<int>(lanes(slots)),
        .outputs = spec_.hidden,
        .batch = rows,
        .x = gates + slots.first * stride_,
        .x_stride = slots_size_,
        .y = out,
        .y_stride = stride_,
        .accumulate = accumulate,
        .scratch = nullptr,
    });
}

void SegmentBackward::add_gates(const GateSlots& slots, int rows, const float* gates, const float* x, float* weight,
                                float* bias) const {
    kernels_.outer({
        .rows = rows,
        .columns = spec_.hidden,
        .lanes = static_cast<int>(lanes(slots)),
        .x = x,
        .x_stride = stride_,
        .g = gates + slots.first * stride_,
        .g_stride = slots_size_,
        .out = weight,
        .out_stride = lanes(slots),
        .sums = bias,
    });
}

void SegmentBackward::add(int rows, const float* g, int lanes, const float* x, int columns, std::size_t x_stride,
                          float* weight, float* bias) const {
    kernels_.outer({
        .rows = rows,
        .columns = columns,
        .lanes = lanes,
        .x = x,
        .x_stride = x_stride,
        .g = g,
        .g_stride = static_cast<std::size_t>(lanes),
        .out = weight,
        .out_stride = static_cast<std::size_t>(lanes),
        .sums = bias,
    });
}

void SegmentBackward::finish(float* sums, std::span<float> gradients) const {
    const SegmentLayout& layout = network_.layout();
    const CellRanges& cell = layout.cell.cells[0];
    const std::span<float> own = gradients.subspan(layout.network, layout.cell.size);
    const int places = spec_.places(), half = spec_.place_size();
    std::fill(gradients.begin(), gradients.end(), 0.0f);
    float* gates = sums + sums_.places;
    add_gates(traits_.from_x, places, gates, network_.place_input(0), sums + sums_.weight_x, sums + sums_.bias_x);
    AlignedBuffer inputs(places * stride_);
    multiply(traits_.from_x, from_x_, places, gates, inputs.data(), false);
    for (int step = 0; step < spec_.future(); ++step) {
        for (int channel = 0; channel < (spec_.embed_channels ? spec_.channels : 1); ++channel) {
            const float* input = inputs.data() + spec_.place_of(step, channel) * stride_;
            add_to(gradients.data() + layout.place.offset + static_cast<std::size_t>(step) * half, input, half);
            if (!spec_.embed_channels) continue;
            const std::size_t size = spec_.channel_size();
            add_to(gradients.data() + layout.channel.offset + channel * size, input + half, size);
        }
    }
    scatter(traits_.from_x, cell.weight_ih, sums + sums_.weight_x, own);
    scatter(traits_.from_x, cell.bias_ih, sums + sums_.bias_x, own);
    scatter(traits_.from_h, cell.weight_hh, sums + sums_.weight_h, own);
    scatter(traits_.from_h, cell.bias_hh, sums + sums_.bias_h, own);
    transpose(sums + sums_.weight_embed, stride_, layout.embed_weight, gradients);
    transpose(sums + sums_.bias_embed, stride_, layout.embed_bias, gradients);
    transpose(sums + sums_.weight_head, head_stride_, layout.cell.head_weight, own);
    transpose(sums + sums_.bias_head, head_stride_, layout.cell.head_bias, own);
}

/// From [columns][lanes] to the rows of the gates in the parameters
void SegmentBackward::scatter(const GateSlots& slots, const MatrixRange& range, const float* from,
                              std::span<float> gradients) const {
    for (int slot = 0; slot < slots.count; ++slot) {
        const std::size_t first = static_cast<std::size_t>(slots.gates[slot]) * spec_.hidden;
        for (int unit = 0; unit < spec_.hidden; ++unit) {
            float* to = gradients.data() + range.offset + (first + unit) * range.columns;
            for (int k = 0; k < range.columns; ++k) to[k] = from[k * lanes(slots) + slot * stride_ + unit];
        }
    }
}

} // namespace gatecast
