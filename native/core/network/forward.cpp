#include "core/network/forward.h"

#include <algorithm>
#include <atomic>
#include <new>

#include "core/denormals.h"
#include "core/network/groups.h"
#include "core/network/step-buffers.h"

namespace gatecast {
namespace {

/// How many floats of the input's products are computed ahead, over several steps: as many as stay in the cache.
constexpr std::size_t kGatesAhead = 32 * 1024;

/// Rows of values, by time and stream
template <class Float>
struct Sequence {
    Float* data;
    std::size_t step_stride, stream_stride;

    Float* at(std::size_t step, std::size_t stream) const { return data + step * step_stride + stream * stream_stride; }
};

template <class Float>
Sequence<Float> view(const SequenceShape& shape, Float* data, std::size_t width) {
    const std::size_t steps = shape.steps, batch = shape.batch;
    return shape.batch_first ? Sequence<Float>{data, width, steps * width}
                             : Sequence<Float>{data, batch * width, width};
}

/// Takes groups of streams through the network. Each thread has its own Runner.
class Runner {
  public:
    Runner(const Network& network, int steps, int streams);

    /// States of all streams: [cells][batch][R] and [cells][batch][H].
    struct States {
        std::span<const float> h0, c0;
        std::span<float> hn, cn;
        int batch;
    };

    void run(int first, int streams, Sequence<const float> input, Sequence<float> output, const States& states);

  private:
    void run_cell(int index, Sequence<const float> input, Sequence<float> output);
    void products_ahead(int index, int from, int count, Sequence<const float> input);
    void finish_layer(int layer, Sequence<const float> input, Sequence<float> output) const;

    const Network& network_;
    const NetworkSpec& spec_;
    int steps_, streams_, ahead_;
    StepBuffers cell_;
    AlignedBuffer gates_;
    AlignedBuffer between_[2]; ///< what one layer passes to the next, [steps][streams][output_size]
};

/// How many steps of products are computed ahead for `streams` streams
int steps_ahead(const Network& network, int steps, int streams) {
    return static_cast<int>(std::clamp<std::size_t>(kGatesAhead / (streams * network.gates_size()), 1, steps));
}

Runner::Runner(const Network& network, int steps, int streams)
    : network_(network), spec_(network.spec()), steps_(steps), streams_(streams),
      ahead_(steps_ahead(network, steps, streams)), cell_(network, streams, 1, std::max(streams, ahead_)),
      gates_(static_cast<std::size_t>(ahead_) * streams * network.gates_size()) {
    const std::size_t count = streams;
    for (int layer = 1; layer < std::min(spec_.num_layers, 3); ++layer) {
        between_[layer - 1] = AlignedBuffer(static_cast<std::size_t>(steps) * count * spec_.output_size());
    }
}

void Runner::run(int first, int streams, Sequence<const float> input, Sequence<float> output, const States& states) {
    streams_ = streams;
    const std::size_t count = streams, width = spec_.output_size();
    const std::size_t recurrent = spec_.recurrent_size(), hidden = spec_.c_size();
    for (int layer = 0; layer < spec_.num_layers; ++layer) {
        const bool last = layer + 1 == spec_.num_layers;
        const Sequence<float> out = last ? output : Sequence<float>{between_[layer % 2].data(), count * width, width};
        for (int direction = 0; direction < spec_.directions(); ++direction) {
            const int index = layer * spec_.directions() + direction;
            const std::size_t state = static_cast<std::size_t>(index) * states.batch + first;
            cell_.h.zero();
            cell_.c.zero();
            for (std::size_t s = 0; s < count; ++s) {
                if (!states.h0.empty()) {
                    std::copy_n(states.h0.data() + (state + s) * recurrent, recurrent,
                                cell_.h.data() + s * cell_.h_stride);
                }
                if (!states.c0.empty()) {
                    std::copy_n(states.c0.data() + (state + s) * hidden, hidden, cell_.c.data() + s * cell_.c_stride);
                }
            }
            run_cell(index, input, {out.data + direction * recurrent, out.step_stride, out.stream_stride});
            for (std::size_t s = 0; s < count; ++s) {
                std::copy_n(cell_.h.data() + s * cell_.h_stride, recurrent, states.hn.data() + (state + s) * recurrent);
                if (states.cn.empty()) continue;
                std::copy_n(cell_.c.data() + s * cell_.c_stride, hidden, states.cn.data() + (state + s) * hidden);
            }
        }
        if (spec_.changes_output(layer)) finish_layer(layer, input, out);
        input = {out.data, out.step_stride, out.stream_stride};
    }
}

/// Turns the h of a layer's cells at all steps into what the layer passes on, in the same place.
void Runner::finish_layer(int layer, Sequence<const float> input, Sequence<float> output) const {
    for (int t = 0; t < steps_; ++t) {
        network_.finish_layer(layer, {.batch = streams_,
                                      .h = output.at(t, 0),
                                      .h_stride = output.stream_stride,
                                      .x = input.at(t, 0),
                                      .x_stride = input.stream_stride,
                                      .y = output.at(t, 0),
                                      .y_stride = output.stream_stride});
    }
}

/// Takes all steps of one cell, in its direction, from the state in cell_
void Runner::run_cell(int index, Sequence<const float> input, Sequence<float> output) {
    const bool reverse = index % spec_.directions() == 1;
    const std::size_t row = network_.gates_size();
    for (int done = 0; done < steps_; done += ahead_) {
        const int count = std::min(ahead_, steps_ - done);
        const int from = reverse ? steps_ - done - count : done;
        products_ahead(index, from, count, input);
        for (int k = 0; k < count; ++k) {
            const int ahead = reverse ? count - 1 - k : k;
            CellStep step = cell_.step(streams_);
            step.gates = gates_.data() + static_cast<std::size_t>(ahead) * streams_ * row;
            step.backwards = (done + k) % 2 == 1;
            network_.step_cell(index, step);
            std::swap(cell_.h, cell_.h_out);
            for (int s = 0; s < streams_; ++s) {
                std::copy_n(cell_.h.data() + s * cell_.h_stride, spec_.recurrent_size(), output.at(from + ahead, s));
            }
        }
    }
}

/// The input's products of steps from .. from + count, [count][streams][gates]. They are computed step by step if there
/// are many streams, stream by stream if there are many steps, so that each weight that is read serves many rows.
void Runner::products_ahead(int index, int from, int count, Sequence<const float> input) {
    const std::size_t row = network_.gates_size();
    if (streams_ >= count) {
        for (int k = 0; k < count; ++k) {
            network_.input_products(index, streams_, input.at(from + k, 0), input.stream_stride,
                                    gates_.data() + k * streams_ * row, row, cell_.scratch.data());
        }
    } else {
        for (int s = 0; s < streams_; ++s) {
            network_.input_products(index, count, input.at(from, s), input.step_stride, gates_.data() + s * row,
                                    streams_ * row, cell_.scratch.data());
        }
    }
}

} // namespace

void forward(const Network& network, const SequenceShape& shape, std::span<const float> input,
             std::span<const float> h0, std::span<const float> c0, std::span<float> output, std::span<float> hn,
             std::span<float> cn, Pool* pool) {
    const int threads = pool != nullptr ? std::min(pool->threads(), shape.batch) : 1;
    const int streams = group_size(shape.batch, threads);
    const int groups = (shape.batch + streams - 1) / streams;
    const auto in = view<const float>(shape, input.data(), network.spec().input_size);
    const auto out = view<float>(shape, output.data(), network.spec().output_size());
    std::atomic<int> next = 0;
    auto part = [&](int) {
        if (next >= groups) return; // all turns are taken
        const FlushDenormals flush;
        try {
            // Made by the thread that uses it, because memory that another core has written arrives slowly.
            Runner runner(network, shape.steps, streams);
            for (int group = next++; group < groups; group = next++) {
                const int first = group * streams, count = std::min(streams, shape.batch - first);
                runner.run(first, count, {in.at(0, first), in.step_stride, in.stream_stride},
                           {out.at(0, first), out.step_stride, out.stream_stride}, {h0, c0, hn, cn, shape.batch});
            }
        } catch (const std::bad_alloc&) {
            // This thread has taken no turn, so the others take all of them. If no thread has memory, turns are left
            // over.
        }
    };
    if (threads > 1) {
        pool->run(threads, part);
    } else {
        part(0);
    }
    if (next < groups) throw std::bad_alloc();
}

} // namespace gatecast
