#pragma once

#include <span>
#include <vector>

#include "core/aligned.h"
#include "core/network/network.h"

namespace gatecast {

/// The shape of a segment network (SegRNN; Lin et al., arXiv 2308.11200): one recurrent layer, run over the segments of
/// a window in place of its single values. All segments of the horizon are decoded side by side, each by one step of
/// the same cell from the last state. Every channel goes through the same weights.
struct SegmentSpec {
    Cell cell = Cell::gru; ///< without late gates
    int segment = 0;       ///< values of a segment
    int history = 0;       ///< segments of a window
    int horizon = 0;       ///< values to forecast; the last segment may have more than are used
    int hidden = 0;        ///< even with `embed_channels`
    int channels = 0;
    bool embed_channels = false; ///< half of what a decoding step reads is learned for the channel, not for the place
    /// Values are scaled by the mean and the deviation of their window (RevIN without its affine part), not shifted by
    /// its last value.
    bool instance = false;
    int outputs = 1; ///< of the head for each value
    /// How many of the last values of a window a linear map reads (NLinear; Zeng et al., 2023), beside the network;
    /// 0 for none. It does not learn by gradients.
    int linear = 0;

    int window() const { return segment * history; }
    int future() const { return (horizon + segment - 1) / segment; }
    /// The two embeddings: for each place among the segments of the horizon, and for each channel
    int place_size() const { return embed_channels ? hidden / 2 : hidden; }
    int channel_size() const { return embed_channels ? hidden / 2 : 0; }
    /// Inputs of decoding steps that differ
    int places() const { return future() * (embed_channels ? channels : 1); }
    int place_of(int step, int channel) const { return embed_channels ? step * channels + channel : step; }
    /// The recurrent layer and the head
    NetworkSpec network() const;

    bool operator==(const SegmentSpec&) const = default;
};

/// True if every size is in range and a group of windows fits in memory.
bool is_valid(const SegmentSpec& spec);

/// All parameters in one flat array: embed.weight, embed.bias, then those of `network()` with its head, then
/// place.weight [future][place_size], channel.weight [channels][channel_size] with `embed_channels`, and linear.weight
/// [horizon][linear] and linear.bias [horizon] with `linear`.
struct SegmentLayout {
    explicit SegmentLayout(const SegmentSpec& spec);

    MatrixRange embed_weight, embed_bias; ///< [hidden][segment] and [hidden]
    std::size_t network = 0;              ///< where the parameters of `network()` begin
    ParameterLayout cell;                 ///< their places from there on
    MatrixRange place, channel;
    MatrixRange linear_weight, linear_bias;
    std::size_t size = 0;
};

/// The parameters of a segment network, packed for the kernels.
class SegmentNetwork {
  public:
    /// All parameters are zero at first. Precondition: is_valid(spec).
    SegmentNetwork(const SegmentSpec& spec, const Kernels& kernels);

    const SegmentSpec& spec() const { return spec_; }
    const SegmentLayout& layout() const { return layout_; }
    const Kernels& kernels() const { return network_.kernels(); }
    std::span<const float> parameters() const { return parameters_; }
    /// The recurrent layer and the head
    const Network& network() const { return network_; }

    /// Precondition: layout().size values, all finite.
    void set_parameters(std::span<const float> values);

    /// relu(W s + b) for `rows` segments, which follow one another; out is [rows][padded(hidden)]. No allocation.
    void embed(int rows, const float* segments, float* out) const;

    /// The linear map of `rows` rows of `linear` values, which follow one another; out is [rows][padded(horizon)].
    /// Precondition: spec().linear > 0. No allocation.
    void map(int rows, const float* values, float* out) const;

    /// The input of the decoding step `place` (SegmentSpec::place_of), [hidden], and its input products.
    const float* place_input(int place) const { return place_inputs_.data() + place * place_stride_; }
    const float* place_products(int place) const { return place_gates_.data() + place * network_.gates_size(); }
    std::size_t place_stride() const { return place_stride_; }

  private:
    SegmentSpec spec_;
    SegmentLayout layout_;
    Network network_;
    std::size_t place_stride_;
    std::vector<float> parameters_;
    AlignedBuffer packed_embed_, place_inputs_, place_gates_;
    AlignedBuffer packed_linear_; ///< empty without `linear`
};

} // namespace gatecast
