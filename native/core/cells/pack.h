// Weights in the order in which the kernels read them.
//
// A panel serves a block of 16 hidden units and is read once, front to back. It begins with the biases; then, for each
// column of the input and each column of the hidden state, the weights of all gates to the 16 units stand together:
//
//     bias gate 0 | bias gate 1 | ...             one cell of this drawing is 16 floats, one lane a unit
//     x[0] gate 0 | x[0] gate 1 | x[0] gate 2
//     x[1] gate 0 | x[1] gate 1 | x[1] gate 2
//     ...
//     h[0] gate 0 | h[0] gate 1 | h[0] gate 2
//     ...
//
//     GRU               biases r, z, in, hn (r and z merged); gates r, z, n
//     GRU reset before  biases r, z, n (all merged); x columns r, z, n; h columns r, z. After the panels of all
//                       blocks come panels without bias for the candidate: h columns n
//     LSTM              biases i, f, g, o (merged); gates i, f, g, o
//     linear            one bias, one "gate"
//
// Rows beyond the last unit are zero.
#pragma once

#include <span>

#include "core/aligned.h"
#include "core/isa/kernels.h"
#include "core/spec.h"

namespace gatecast {

/// The panels of cell `index` of the network whose flat parameters are given.
AlignedBuffer pack_cell(const NetworkSpec& spec, const CellRanges& ranges, std::span<const float> parameters);

/// The panels of a linear map whose weight at (row, column) is weight(row, column); bias may be null.
template <class Weight>
AlignedBuffer pack_linear(int rows, int columns, const float* bias, Weight weight) {
    AlignedBuffer panels(static_cast<std::size_t>(padded(rows)) * (columns + 1));
    float* out = panels.data();
    for (int block = 0; block < rows; block += kLanes) {
        for (int column = -1; column < columns; ++column, out += kLanes) {
            for (int row = block; row < rows && row < block + kLanes; ++row) {
                if (column >= 0) {
                    out[row - block] = weight(row, column);
                } else if (bias != nullptr) {
                    out[row - block] = bias[row];
                }
            }
        }
    }
    return panels;
}

/// The panels of a matrix as it stands in the flat parameters.
AlignedBuffer pack_matrix(const MatrixRange& weight, const MatrixRange& bias, std::span<const float> parameters);

/// The panels of the transpose of such a matrix.
AlignedBuffer pack_transposed(const MatrixRange& weight, std::span<const float> parameters);

} // namespace gatecast
