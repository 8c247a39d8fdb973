#pragma once

#include <memory>
#include <span>

#include "core/network/network.h"

namespace gatecast {

/// The hidden (and cell) vectors of one stream. Holds its network; create allocates, step does not.
class State {
  public:
    /// The zero state. Precondition: the network is not bidirectional.
    explicit State(std::shared_ptr<const Network> network);

    const Network& network() const { return *network_; }

    /// Values that step writes: the head's, or h of the last layer where there is no head.
    int output_size() const;

    /// Advances by one sample x [input_size] and writes the answer to y [output_size()]. Returns false and changes
    /// nothing if x holds a value that is not finite. No allocation.
    bool step(const float* x, float* y);

    void reset();

    /// h of all layers [layers][R], then for an LSTM c of all layers [layers][H]
    std::size_t size() const;
    void read(std::span<float> values) const;
    /// Precondition: size() values, all finite.
    void write(std::span<const float> values);

    /// Takes over the vectors of another state. Precondition: of a network of the same spec.
    void copy_from(const State& other);

  private:
    float* h(int layer, int side) { return buffer_.data() + (2 * layer + side) * h_stride_; }
    float* c(int layer) { return buffer_.data() + c_offset_ + layer * c_stride_; }
    float* scratch() { return buffer_.data() + scratch_offset_; }
    template <class Visit>
    void for_each_vector(Visit visit) const;

    std::shared_ptr<const Network> network_;
    std::size_t h_stride_, c_stride_, c_offset_, scratch_offset_;
    AlignedBuffer buffer_;
    int current_ = 0; ///< which of the two sides holds h; a step reads one and writes the other
};

} // namespace gatecast
