#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "core/network/forward.h"
#include "core/network/network.h"
#include "core/random.h"

namespace gatecast {

/// Streams first .. first + count of a batch. Nothing that is computed of a stream depends on the others, so shares of
/// a batch may be computed one after the other or at once.
struct Streams {
    int first;
    int count;
};

/// All results of a pass over whole sequences, kept for the backward pass. Every buffer is in the order of time, also
/// for the reverse direction, so [steps][batch] can be read as one list of rows.
class Trace {
  public:
    /// Makes room for up to `batch` streams.
    Trace(const NetworkSpec& spec, int steps, int batch);

    /// Starts a new pass of `batch` streams from the zero state. Stream b stays in it for its first leads[b] steps; an
    /// empty list is one of zeros. The reverse direction ends after them. Precondition: there is room for the streams.
    void begin(int batch, std::span<const int> leads = {});

    int steps() const { return steps_; }
    int batch() const { return batch_; }
    int rows() const { return steps_ * batch_; }
    Streams all() const { return {0, batch_}; }
    const NetworkSpec& spec() const { return spec_; }

    /// Input of a layer [steps][batch][layer_input_size]; the input of the layer past the last is the output.
    float* input(int layer) { return inputs_[layer].data(); }
    const float* input(int layer) const { return inputs_[layer].data(); }
    float* output() { return input(spec_.num_layers); }
    const float* output() const { return input(spec_.num_layers); }

    /// Dropout mask on the input of layer > 0, [steps][batch][layer_input_size]: 0 or 1 / (1 - p). Only with dropout.
    AlignedBuffer& mask(int layer) { return masks_[layer]; }
    const AlignedBuffer& mask(int layer) const { return masks_[layer]; }

    /// For the gradient of a layer's normalisation at time t: [batch][2][padded(output_size)] and [batch]. Null without
    /// one.
    float* normal(int layer, int t) { return row_at(normals_, layer, t, 2 * width_); }
    float* scale(int layer, int t) { return row_at(scales_, layer, t, 1); }

    // h [batch][padded(R)], c and unprojected [batch][padded(H)], tape [batch][slots][padded(H)] of cell `index`:
    // before and after time t, in the order of the cell's direction.
    float* h_before(int index, int t) { return at(cells_[index].h, t + reverse(index), recurrent_); }
    float* h_after(int index, int t) { return at(cells_[index].h, t + 1 - reverse(index), recurrent_); }
    float* c_before(int index, int t) { return at(cells_[index].c, t + reverse(index), hidden_); }
    float* c_after(int index, int t) { return at(cells_[index].c, t + 1 - reverse(index), hidden_); }
    float* unprojected(int index, int t) { return at(cells_[index].unprojected, t, hidden_); }
    float* tape(int index, int t) { return at(cells_[index].tape, t, slots_ * hidden_); }

    /// Makes the cells of these streams start time t + 1 from the zero state. Precondition: one direction.
    void forget_after(Streams streams, int t);

    /// The first steps of a stream of the pass, in which it stays in the zero state
    int lead(int stream) const { return leads_.empty() ? 0 : leads_[stream]; }

    /// Sets the rows at time t of those of these streams that have not begun then to 0. `rows` is [batch][width].
    void clear_unbegun(Streams streams, int t, float* rows, std::size_t width) const {
        if (leads_.empty()) return;
        for (int b = streams.first; b < streams.first + streams.count; ++b) {
            if (t < leads_[b]) std::fill_n(rows + b * width, width, 0.0f);
        }
    }

    /// Makes room for the masks of dropout.
    void reserve_masks();

    /// The time of the s-th step of cell `index`. Its first state is before time_of(0).
    int time_of(int index, int s) const { return reverse(index) ? steps_ - 1 - s : s; }

  private:
    struct CellBuffers {
        AlignedBuffer h, c, unprojected, tape;
    };

    int reverse(int index) const { return index % spec_.directions(); }
    float* at(AlignedBuffer& buffer, int t, std::size_t row) {
        return buffer.size() == 0 ? nullptr : buffer.data() + static_cast<std::size_t>(t) * batch_ * row;
    }
    float* row_at(std::vector<AlignedBuffer>& layers, int layer, int t, std::size_t row) {
        return layers.empty() ? nullptr : at(layers[layer], t, row);
    }

    NetworkSpec spec_;
    int steps_, batch_;
    std::size_t hidden_, recurrent_, slots_, width_;
    std::vector<int> leads_;
    std::vector<AlignedBuffer> inputs_, masks_, normals_, scales_;
    std::vector<CellBuffers> cells_;
};

/// Runs the layers over trace.input(0) in f32. With dropout > 0, draws a mask for the input of each layer except the
/// first.
void run_layers(const Network& network, Trace& trace, float dropout, Random& random);

/// The same for a share of the streams, with the same numbers: the masks depend only on the state in which `random`
/// is before the pass. Precondition: with dropout > 0, trace.reserve_masks() has been called.
void run_layers(const Network& network, Trace& trace, Streams streams, float dropout, const Random& random);

/// How many random numbers a pass with dropout takes
std::uint64_t masked_values(const Trace& trace);

/// Runs time t of all layers for a share of the streams, for inputs that are known only after the output of t - 1.
/// Gives the same numbers as run_layers without dropout. Precondition: one direction.
void run_step(const Network& network, Trace& trace, Streams streams, int t);

/// Copies between the caller's order and [steps][batch][width].
void to_time_major(const SequenceShape& shape, int width, const float* from, float* to);
void from_time_major(const SequenceShape& shape, int width, const float* from, float* to);

/// The first states of all cells, in the form of PyTorch's h_n and c_n: h [cells][batch][R], c [cells][batch][H], not
/// padded. c is empty if the cell has no c.
void set_first_state(Trace& trace, std::span<const float> h, std::span<const float> c);
void get_last_state(Trace& trace, std::span<float> h, std::span<float> c);

} // namespace gatecast
