// The weights in the order in which the kernels read them.
//
// A panel serves a block of hidden units, as many as the kernels have lanes, and is read once, front to back. It begins
// with the biases; then come the input's part and the hidden state's part. In a part, the weights of all gates for one
// group of columns are together. A group is as many columns as fit the 32 bits of a lane: one in f32, two in bf16, four
// in int8, the lower column in the lower bits.
//
//     bias gate 0 | bias gate 1 | ...                      one cell of this drawing is a vector, one lane a unit
//     ( correction gate 0 | scale gate 0 | ... )           int8 only, at the head of each part
//     x[0..] gate 0 | x[0..] gate 1 | x[0..] gate 2
//     x[1..] gate 0 | ...
//     ( correction gate 0 | scale gate 0 | ... )
//     h[0..] gate 0 | h[0..] gate 1 | h[0..] gate 2
//     ...
//
// The gates of a cell (CellTraits) have the order of the stacked weights. A bias is the sum of a gate's two biases. If
// these are split, it is that of x, and the biases of h come last. Late gates have no columns of h in these panels.
// Panels without biases hold those columns, after the panels of all blocks.
//
//     GRU               biases r, z, in, hn; gates r, z, n
//     GRU reset before  biases r, z, n; x columns r, z, n; h columns r, z. Then h columns n
//     LSTM              biases i, f, g, o; gates i, f, g, o
//     linear            up to kLinearBlocks blocks of rows, one after the other, stand where a cell has its gates; the
//                       last panel may have fewer
//
// In int8, a weight is q * scale with q in [-127, 127] and one scale for each row of a part. The correction is -128
// times the sum of the row's q (see cells/int8.inl.h). Rows and columns beyond the last are zero.
#pragma once

#include <span>

#include "core/aligned.h"
#include "core/isa/kernels.h"
#include "core/spec.h"

namespace gatecast {

/// The panels of a cell, from the network's flat parameters.
AlignedBuffer pack_cell(const PrecisionKernels& kernels, const NetworkSpec& spec, const CellRanges& ranges,
                        std::span<const float> parameters);

/// Where the weights of a linear map are: that of row r and column c is r * row_stride + c * column_stride floats after
/// the first.
struct Weights {
    const float* first;
    std::size_t row_stride, column_stride;
};

/// The panels of a linear map. `bias` may be null.
AlignedBuffer pack_linear(const PrecisionKernels& kernels, int rows, int columns, const float* bias,
                          const Weights& weights);

/// The panels of a matrix in the flat parameters.
AlignedBuffer pack_matrix(const PrecisionKernels& kernels, const MatrixRange& weight, const MatrixRange& bias,
                          std::span<const float> parameters);

/// The panels of the transpose of a matrix in the flat parameters.
AlignedBuffer pack_transposed(const PrecisionKernels& kernels, const MatrixRange& weight,
                              std::span<const float> parameters);

/// The panels of the transpose of the gates in these slots of a stacked matrix, for products with gate gradients
/// [slots.count][padded(hidden)].
AlignedBuffer pack_gates_transposed(const PrecisionKernels& kernels, const GateSlots& slots, int hidden,
                                    const MatrixRange& weight, std::span<const float> parameters);

} // namespace gatecast
