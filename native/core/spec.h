#pragma once

#include <cstddef>
#include <vector>

#include "core/cell.h"

namespace gatecast {

/// How a network stores the weights of its cells when it runs. Sums, states, biases and the head are always float.
enum class Precision {
    f32,
    bf16, ///< weights, and x and h in their products, rounded to bfloat16
    int8, ///< weights in bytes with a scale for each row, and x and h likewise with a scale for each step. An h beyond
          ///< [-1, 1], which only a caller can have set, is cut off there for the products
};

/// The shape of a network: a stack of recurrent layers and, if head_size > 0, a linear head. The head reads the newest
/// output; in two directions the last h of each, as in PyTorch's h_n: that of the forward direction at the last step,
/// that of the reverse one at the first.
struct NetworkSpec {
    Cell cell = Cell::gru;
    int input_size = 0;
    int hidden_size = 0;
    int proj_size = 0; ///< 0: no projection
    int num_layers = 1;
    bool bias = true;
    bool bidirectional = false;
    int head_size = 0;       ///< 0: no head
    bool layer_norm = false; ///< the output of each layer is normalised over its values, with a learned gain and bias
    bool residual = false;   ///< each layer but the first adds its input to its output
    /// How many of the last outputs the head also reads by attention (network/attention.h); 0: none. Only with a head.
    int attention = 0;

    int directions() const { return bidirectional ? 2 : 1; }
    const CellTraits& traits() const { return traits_of(cell); }
    int gates() const { return traits().gates; }
    /// Values of h: P with projection, else H
    int recurrent_size() const { return proj_size > 0 ? proj_size : hidden_size; }
    /// Values of c: H, or 0 where the cell has none
    int c_size() const { return traits().has_c ? hidden_size : 0; }
    int output_size() const { return directions() * recurrent_size(); }
    int head_input_size() const { return (attention > 0 ? 2 : 1) * output_size(); }
    /// Whether the head reads the newest output and nothing else
    bool reads_newest() const { return !bidirectional && attention == 0; }
    int layer_input_size(int layer) const { return layer == 0 ? input_size : output_size(); }
    /// True if the layer passes on something else than the h of its cells.
    bool changes_output(int layer) const { return layer_norm || (residual && layer > 0); }
    /// Layers times directions; the index of one is layer * directions() + direction, as in PyTorch's h_n
    int cells() const { return num_layers * directions(); }

    bool operator==(const NetworkSpec&) const = default;
};

constexpr int kMaxSize = 1 << 16;
constexpr int kMaxLayers = 64;
constexpr std::size_t kMaxParameters = std::size_t{1} << 27;

/// True if every size is in range, the options fit together and there are at most kMaxParameters parameters.
bool is_valid(const NetworkSpec& spec);

/// The place of a matrix in the flat array of parameters; a bias has one column. Row-major.
struct MatrixRange {
    std::size_t offset = 0;
    int rows = 0; ///< 0: the network has no such matrix
    int columns = 0;

    std::size_t size() const { return static_cast<std::size_t>(rows) * columns; }
};

struct CellRanges {
    MatrixRange weight_ih, weight_hh, bias_ih, bias_hh, weight_hr;
};

/// Gain and bias of a layer's normalisation, [output_size] each. The bias follows the gain.
struct NormRanges {
    MatrixRange gain, bias;
};

/// All parameters: of each layer the cells in the order of PyTorch's state_dict (per direction weight_ih, weight_hh,
/// bias_ih, bias_hh, weight_hr), then its normalisation; last weight and bias of the attention and of
/// the head. Gates are in PyTorch's order, r z n or i f g o.
struct ParameterLayout {
    explicit ParameterLayout(const NetworkSpec& spec);

    std::vector<CellRanges> cells;
    std::vector<NormRanges> norms; ///< of each layer; none without layer_norm
    MatrixRange attention_weight, attention_bias, head_weight, head_bias;
    std::size_t size = 0;
};

} // namespace gatecast
