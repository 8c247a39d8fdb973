#pragma once

#include <span>

#include "core/network/segment-pass.h"
#include "core/train/flow.h"

namespace gatecast {

/// The gradients of a segment network. Groups of rows add theirs to lists of sums, which have the layout of the
/// kernels; `finish` makes the gradients of the parameters of a list. One list and one set of buffers for each thread.
class SegmentBackward {
  public:
    explicit SegmentBackward(const SegmentNetwork& network);

    /// Packs the transposed weights. Call it after every change of the network's parameters.
    void update();

    /// Floats of a list of sums
    std::size_t sums_size() const { return sums_.size; }

    struct Buffers {
        explicit Buffers(const SegmentBackward& backward);

        AlignedBuffer dh, dc;                 ///< of the state behind a step of the encoder, [rows][padded(hidden)]
        AlignedBuffer decoder_dh, decoder_dc; ///< of what a step of the decoder gives, and then of the state before it
        AlignedBuffer gates, all_gates; ///< of a step, and summed over the decoder's, [rows][slots][padded(hidden)]
        AlignedBuffer embedded;         ///< [rows][padded(hidden)]
    };

    /// Adds the gradients of a pass that has kept its results. No allocation.
    ///   d_outputs  [future][rows][head_stride()], 0 beyond the outputs
    ///   dropped    whether the pass had dropout
    void run(const SegmentPass& pass, const float* d_outputs, bool dropped, Buffers& buffers, float* sums) const;

    /// Writes the gradients of the parameters (as in SegmentLayout). Changes the sums.
    void finish(float* sums, std::span<float> gradients) const;

    /// From now on, shows each step to `flow`; null ends it. While it does, `run` is for one thread.
    void watch(Flow* flow);

  private:
    /// Where the parts of a list begin. A weight has [columns][lanes], the gates as the tape has them.
    struct Sums {
        std::size_t weight_x, bias_x, weight_h, bias_h;
        std::size_t weight_embed, bias_embed, weight_head, bias_head;
        /// Gate gradients of the decoding steps that read the same, [places][slots][padded(hidden)]
        std::size_t places;
        std::size_t size;
    };

    void step_back(const FlowStep& step, const BackwardArgs& args) const;
    void show_segment(int lag, int rows, const float* d_embedded) const;
    void decode(const SegmentPass& pass, const float* d_outputs, bool dropped, Buffers& buffers, float* sums) const;
    void encode(const SegmentPass& pass, Buffers& buffers, float* sums) const;
    /// From the gradients of the gates in `slots` to that of what the gates read
    void multiply(const GateSlots& slots, const AlignedBuffer& transposed, int rows, const float* gates, float* out,
                  bool accumulate) const;
    /// Adds the gradients of the weight and of the bias in `slots`.
    void add_gates(const GateSlots& slots, int rows, const float* gates, const float* x, float* weight,
                   float* bias) const;
    void add(int rows, const float* g, int lanes, const float* x, int columns, std::size_t x_stride, float* weight,
             float* bias) const;
    void scatter(const GateSlots& slots, const MatrixRange& range, const float* from, std::span<float> gradients) const;
    std::size_t lanes(const GateSlots& slots) const { return slots.count * stride_; }

    const SegmentNetwork& network_;
    SegmentSpec spec_;
    const CellTraits& traits_;
    const Kernels& kernels_;
    std::size_t stride_, slots_size_, head_stride_;
    Sums sums_;
    AlignedBuffer from_x_, from_h_, from_head_; ///< transposed weights
    AlignedBuffer from_embed_;                  ///< the same, while `flow_` is shown the steps
    Flow* flow_ = nullptr;
};

} // namespace gatecast
