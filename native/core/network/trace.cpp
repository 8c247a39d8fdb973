#include "core/network/trace.h"

#include <algorithm>

namespace gatecast {
namespace {

/// Moves rows of `width` floats between a packed array [cells][batch] and padded rows.
template <class Row>
void for_each_state_row(const Trace& trace, Row row) {
    std::size_t k = 0;
    for (int index = 0; index < trace.spec().cells(); ++index) {
        for (int b = 0; b < trace.batch(); ++b) row(index, b, k++);
    }
}

void step_cell(const Network& network, Trace& trace, int index, int t) {
    const int layer = index / trace.spec().directions();
    const std::size_t width = trace.spec().layer_input_size(layer);
    network.step_cell(index, {
                                 .batch = trace.batch(),
                                 .x = trace.input(layer) + t * trace.batch() * width,
                                 .x_stride = width,
                                 .h = trace.h_before(index, t),
                                 .h_out = trace.h_after(index, t),
                                 .c = trace.c_before(index, t),
                                 .c_out = trace.c_after(index, t),
                                 .unprojected = trace.unprojected(index, t),
                                 .tape = trace.tape(index, t),
                             });
    trace.clear_unbegun(t, trace.h_after(index, t), padded(trace.spec().recurrent_size()));
    if (float* c = trace.c_after(index, t)) trace.clear_unbegun(t, c, padded(trace.spec().hidden_size));
}

/// Copies the output of one cell at time t to its columns of the next layer's input.
void collect_output(Trace& trace, int index, int t) {
    const NetworkSpec& spec = trace.spec();
    const int layer = index / spec.directions(), direction = index % spec.directions();
    const int width = spec.output_size(), recurrent = spec.recurrent_size();
    float* out = trace.input(layer + 1) + static_cast<std::size_t>(t) * trace.batch() * width + direction * recurrent;
    const float* h = trace.h_after(index, t);
    for (int b = 0; b < trace.batch(); ++b, out += width, h += padded(recurrent)) std::copy_n(h, recurrent, out);
}

void drop(Trace& trace, int layer, float probability, Random& random) {
    const std::size_t count = static_cast<std::size_t>(trace.rows()) * trace.spec().layer_input_size(layer);
    AlignedBuffer& mask = trace.mask(layer);
    if (mask.size() < count) mask = AlignedBuffer(count);
    const float keep = 1.0f / (1.0f - probability);
    float* x = trace.input(layer);
    for (std::size_t k = 0; k < count; ++k) {
        mask.data()[k] = random.uniform() < probability ? 0.0f : keep;
        x[k] *= mask.data()[k];
    }
}

} // namespace

Trace::Trace(const NetworkSpec& spec, int steps, int batch)
    : spec_(spec), steps_(steps), batch_(batch), hidden_(padded(spec.hidden_size)),
      recurrent_(padded(spec.recurrent_size())), slots_(spec.traits().slots), masks_(spec.num_layers) {
    const std::size_t rows = static_cast<std::size_t>(steps) * batch, states = rows + batch;
    for (int layer = 0; layer <= spec.num_layers; ++layer) {
        inputs_.emplace_back(rows * spec.layer_input_size(layer));
    }
    for (int index = 0; index < spec.cells(); ++index) {
        CellBuffers cell;
        cell.h = AlignedBuffer(states * recurrent_);
        cell.c = AlignedBuffer(states * padded(spec.c_size()));
        if (spec.proj_size > 0) cell.unprojected = AlignedBuffer(rows * hidden_);
        cell.tape = AlignedBuffer(rows * slots_ * hidden_);
        cells_.push_back(std::move(cell));
    }
}

void Trace::begin(int batch, std::span<const int> leads) {
    batch_ = batch;
    leads_.assign(leads.begin(), leads.end());
    for (int index = 0; index < spec_.cells(); ++index) {
        std::fill_n(h_before(index, time_of(index, 0)), batch * recurrent_, 0.0f);
        if (float* c = c_before(index, time_of(index, 0))) std::fill_n(c, batch * hidden_, 0.0f);
    }
}

void Trace::forget_after(int t) {
    for (int index = 0; index < spec_.cells(); ++index) {
        std::fill_n(h_after(index, t), batch_ * recurrent_, 0.0f);
        if (float* c = c_after(index, t)) std::fill_n(c, batch_ * hidden_, 0.0f);
    }
}

void run_layers(const Network& network, Trace& trace, float dropout, Random& random) {
    const NetworkSpec& spec = trace.spec();
    for (int layer = 0; layer < spec.num_layers; ++layer) {
        if (layer > 0 && dropout > 0) drop(trace, layer, dropout, random);
        for (int direction = 0; direction < spec.directions(); ++direction) {
            const int index = layer * spec.directions() + direction;
            for (int s = 0; s < trace.steps(); ++s) step_cell(network, trace, index, trace.time_of(index, s));
            for (int t = 0; t < trace.steps(); ++t) collect_output(trace, index, t);
        }
    }
}

void run_step(const Network& network, Trace& trace, int t) {
    for (int layer = 0; layer < trace.spec().num_layers; ++layer) {
        step_cell(network, trace, layer, t);
        collect_output(trace, layer, t);
    }
}

void to_time_major(const SequenceShape& shape, int width, const float* from, float* to) {
    const std::size_t count = static_cast<std::size_t>(shape.steps) * shape.batch * width;
    if (!shape.batch_first) {
        std::copy_n(from, count, to);
        return;
    }
    for (int b = 0; b < shape.batch; ++b) {
        for (std::size_t t = 0; t < static_cast<std::size_t>(shape.steps); ++t, from += width) {
            std::copy_n(from, width, to + (t * shape.batch + b) * width);
        }
    }
}

void from_time_major(const SequenceShape& shape, int width, const float* from, float* to) {
    to_time_major({shape.batch, shape.steps, shape.batch_first}, width, from, to);
}

void set_first_state(Trace& trace, std::span<const float> h, std::span<const float> c) {
    const int recurrent = trace.spec().recurrent_size(), hidden = trace.spec().hidden_size;
    for_each_state_row(trace, [&](int index, int b, std::size_t k) {
        const int t = trace.time_of(index, 0);
        if (!h.empty()) {
            std::copy_n(h.data() + k * recurrent, recurrent, trace.h_before(index, t) + b * padded(recurrent));
        }
        if (!c.empty()) std::copy_n(c.data() + k * hidden, hidden, trace.c_before(index, t) + b * padded(hidden));
    });
}

void get_last_state(Trace& trace, std::span<float> h, std::span<float> c) {
    const int recurrent = trace.spec().recurrent_size(), hidden = trace.spec().hidden_size;
    for_each_state_row(trace, [&](int index, int b, std::size_t k) {
        const int t = trace.time_of(index, trace.steps() - 1);
        std::copy_n(trace.h_after(index, t) + b * padded(recurrent), recurrent, h.data() + k * recurrent);
        if (!c.empty()) std::copy_n(trace.c_after(index, t) + b * padded(hidden), hidden, c.data() + k * hidden);
    });
}

} // namespace gatecast
