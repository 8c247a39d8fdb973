#pragma once

#include "core/network/segment.h"
#include "core/random.h"

namespace gatecast {

/// What a value v of a window is for the network: (v - centre) / spread
struct WindowScale {
    float centre, spread;
};

/// One pass of a group of rows through a segment network; a row is one channel of one window. Each thread has its own.
/// A pass that keeps its results has all that the gradient needs. Gives a row the same bits whatever the other rows.
class SegmentPass {
  public:
    static constexpr int kRows = 64; ///< so that the vectors of a step stay in the cache

    /// Makes room for kRows rows.
    SegmentPass(const SegmentNetwork& network, bool keeps);

    /// Starts a pass of `rows` rows, 1 to kRows.
    void begin(int rows) { rows_ = rows; }

    /// Reads a row: the values of a window, `stride` floats apart, scaled in place.
    void load(int row, int channel, const float* values, std::size_t stride);

    /// Runs the rows. With dropout > 0, draws a mask for what the head reads.
    void run(float dropout, Random& random);

    int rows() const { return rows_; }
    int channel(int row) const { return channels_[row]; }
    const WindowScale& scale(int row) const { return scales_[row]; }

    /// The outputs of a row for the values of a segment of the horizon, [segment][outputs]
    const float* output(int step, int row) const { return outputs_.data() + at(step, row) * head_stride_; }
    std::size_t head_stride() const { return head_stride_; }

    /// What the linear map gives for a row, [horizon], on the scale of its window. Precondition: the spec has one.
    const float* mapped(int row) const {
        return mapped_.data() + row * static_cast<std::size_t>(padded(spec_.horizon));
    }

    // What the gradient needs. Rows of `hidden` values are padded(hidden) apart, times count from 0.
    const float* segments(int t) const { return segments_.data() + at(t, 0) * spec_.segment; }
    const float* embedded(int t) const { return embedded_.data() + at(t, 0) * stride_; }
    const float* h_before(int t) const { return h_.data() + at(t, 0) * stride_; }
    const float* c_before(int t) const { return c_.size() > 0 ? c_.data() + at(t, 0) * stride_ : nullptr; }
    const float* tape(int t) const { return tape_.data() + at(t, 0) * slots_ * stride_; }
    const float* decoded(int step) const { return decoded_.data() + at(step, 0) * stride_; } ///< after dropout
    const float* mask(int step) const { return masks_.data() + at(step, 0) * stride_; }
    const float* decoder_c(int step) const {
        return decoder_c_.size() > 0 ? decoder_c_.data() + at(step, 0) * stride_ : nullptr;
    }
    const float* decoder_tape(int step) const { return decoder_tape_.data() + at(step, 0) * slots_ * stride_; }

  private:
    std::size_t at(int step, int row) const { return static_cast<std::size_t>(step) * rows_ + row; }
    float* c_at(std::size_t offset) { return c_.size() > 0 ? c_.data() + offset : nullptr; }
    void encode();
    void decode();
    void drop(float probability, Random& random);

    const SegmentNetwork& network_;
    SegmentSpec spec_;
    std::size_t stride_, slots_, head_stride_;
    bool keeps_;
    int rows_ = 0;
    int channels_[kRows] = {};
    WindowScale scales_[kRows] = {};
    AlignedBuffer segments_, embedded_;    ///< [history][rows]
    AlignedBuffer mapped_from_, mapped_;   ///< [rows][linear] and [rows][padded(horizon)], empty without a linear map
    AlignedBuffer h_, c_;                  ///< [history + 1][rows] if kept, else [2][rows]
    AlignedBuffer tape_;                   ///< [history][rows][slots]
    AlignedBuffer gates_;                  ///< of one decoding step, [rows]
    AlignedBuffer decoder_c_;              ///< [future][rows] if kept, else [rows]
    AlignedBuffer decoded_, decoder_tape_; ///< [future][rows]
    AlignedBuffer masks_;                  ///< [future][rows], made with the first dropout
    AlignedBuffer outputs_;                ///< [future][rows][padded(segment * outputs)]
};

} // namespace gatecast
