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

void step_cell(const Network& network, Trace& trace, int index, Streams streams, int t) {
    const NetworkSpec& spec = trace.spec();
    const int layer = index / spec.directions();
    const std::size_t width = spec.layer_input_size(layer), first = streams.first;
    const std::size_t recurrent = padded(spec.recurrent_size()), hidden = padded(spec.hidden_size);
    const auto from_first = [first](float* rows, std::size_t size) {
        return rows == nullptr ? nullptr : rows + first * size;
    };
    network.step_cell(index, {
                                 .batch = streams.count,
                                 .x = trace.input(layer) + (t * trace.batch() + first) * width,
                                 .x_stride = width,
                                 .h = from_first(trace.h_before(index, t), recurrent),
                                 .h_out = from_first(trace.h_after(index, t), recurrent),
                                 .c = from_first(trace.c_before(index, t), hidden),
                                 .c_out = from_first(trace.c_after(index, t), hidden),
                                 .unprojected = from_first(trace.unprojected(index, t), hidden),
                                 .tape = from_first(trace.tape(index, t), spec.traits().slots * hidden),
                             });
    trace.clear_unbegun(streams, t, trace.h_after(index, t), recurrent);
    if (float* c = trace.c_after(index, t)) trace.clear_unbegun(streams, t, c, hidden);
}

/// Copies the output of one cell at time t to its columns of the next layer's input.
void collect_output(Trace& trace, int index, Streams streams, int t) {
    const NetworkSpec& spec = trace.spec();
    const int layer = index / spec.directions(), direction = index % spec.directions();
    const std::size_t width = spec.output_size(), recurrent = spec.recurrent_size();
    const std::size_t row = static_cast<std::size_t>(t) * trace.batch() + streams.first;
    float* out = trace.input(layer + 1) + row * width + direction * recurrent;
    const float* h = trace.h_after(index, t) + streams.first * padded(spec.recurrent_size());
    for (int b = 0; b < streams.count; ++b, out += width, h += padded(spec.recurrent_size())) {
        std::copy_n(h, recurrent, out);
    }
}

/// Turns the h of a layer's cells at time t into what the layer passes on, in the same place.
void finish_layer(const Network& network, Trace& trace, int layer, Streams streams, int t) {
    const NetworkSpec& spec = trace.spec();
    if (!spec.changes_output(layer)) return;
    const std::size_t row = static_cast<std::size_t>(t) * trace.batch() + streams.first;
    const std::size_t width = spec.output_size(), inputs = spec.layer_input_size(layer);
    float *normal = trace.normal(layer, t), *scale = trace.scale(layer, t), *y = trace.input(layer + 1) + row * width;
    network.finish_layer(
        layer, {.batch = streams.count,
                .h = y,
                .h_stride = width,
                .x = trace.input(layer) + row * inputs,
                .x_stride = inputs,
                .y = y,
                .y_stride = width,
                .normal = normal == nullptr ? nullptr : normal + streams.first * 2 * padded(spec.output_size()),
                .scale = scale == nullptr ? nullptr : scale + streams.first});
}

/// Draws the mask of a layer's input, and applies it. `random` stands at the first value of the layer's mask.
void drop(Trace& trace, int layer, Streams streams, float probability, const Random& random) {
    const std::size_t width = trace.spec().layer_input_size(layer), count = streams.count * width;
    const float keep = 1.0f / (1.0f - probability);
    for (int t = 0; t < trace.steps(); ++t) {
        const std::size_t from = (static_cast<std::size_t>(t) * trace.batch() + streams.first) * width;
        Random here = random;
        here.skip(from);
        float *mask = trace.mask(layer).data() + from, *x = trace.input(layer) + from;
        for (std::size_t k = 0; k < count; ++k) {
            mask[k] = here.uniform() < probability ? 0.0f : keep;
            x[k] *= mask[k];
        }
    }
}

} // namespace

Trace::Trace(const NetworkSpec& spec, int steps, int batch)
    : spec_(spec), steps_(steps), batch_(batch), hidden_(padded(spec.hidden_size)),
      recurrent_(padded(spec.recurrent_size())), slots_(spec.traits().slots), width_(padded(spec.output_size())),
      masks_(spec.num_layers) {
    const std::size_t rows = static_cast<std::size_t>(steps) * batch, states = rows + batch;
    for (int layer = 0; layer <= spec.num_layers; ++layer) {
        inputs_.emplace_back(rows * spec.layer_input_size(layer));
    }
    for (int layer = 0; spec.layer_norm && layer < spec.num_layers; ++layer) {
        normals_.emplace_back(rows * 2 * width_);
        scales_.emplace_back(rows);
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

void Trace::forget_after(Streams streams, int t) {
    for (int index = 0; index < spec_.cells(); ++index) {
        std::fill_n(h_after(index, t) + streams.first * recurrent_, streams.count * recurrent_, 0.0f);
        if (float* c = c_after(index, t)) std::fill_n(c + streams.first * hidden_, streams.count * hidden_, 0.0f);
    }
}

void Trace::reserve_masks() {
    for (int layer = 1; layer < spec_.num_layers; ++layer) {
        const std::size_t count = static_cast<std::size_t>(rows()) * spec_.layer_input_size(layer);
        if (masks_[layer].size() < count) masks_[layer] = AlignedBuffer(count);
    }
}

void run_layers(const Network& network, Trace& trace, float dropout, Random& random) {
    if (dropout > 0) trace.reserve_masks();
    run_layers(network, trace, trace.all(), dropout, random);
    if (dropout > 0) random.skip(masked_values(trace));
}

void run_layers(const Network& network, Trace& trace, Streams streams, float dropout, const Random& random) {
    const NetworkSpec& spec = trace.spec();
    Random of_layer = random;
    for (int layer = 0; layer < spec.num_layers; ++layer) {
        if (layer > 0 && dropout > 0) {
            drop(trace, layer, streams, dropout, of_layer);
            of_layer.skip(static_cast<std::uint64_t>(trace.rows()) * spec.layer_input_size(layer));
        }
        for (int direction = 0; direction < spec.directions(); ++direction) {
            const int index = layer * spec.directions() + direction;
            for (int s = 0; s < trace.steps(); ++s) step_cell(network, trace, index, streams, trace.time_of(index, s));
            for (int t = 0; t < trace.steps(); ++t) collect_output(trace, index, streams, t);
        }
        for (int t = 0; t < trace.steps(); ++t) finish_layer(network, trace, layer, streams, t);
    }
}

std::uint64_t masked_values(const Trace& trace) {
    std::uint64_t width = 0;
    for (int layer = 1; layer < trace.spec().num_layers; ++layer) width += trace.spec().layer_input_size(layer);
    return width * static_cast<std::uint64_t>(trace.rows());
}

void run_step(const Network& network, Trace& trace, Streams streams, int t) {
    for (int layer = 0; layer < trace.spec().num_layers; ++layer) {
        step_cell(network, trace, layer, streams, t);
        collect_output(trace, layer, streams, t);
        finish_layer(network, trace, layer, streams, t);
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
