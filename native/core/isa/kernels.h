// What one instruction set offers: a table of kernels.
//
// A lane is an output row, so no kernel sums across lanes. How many lanes a panel of weights has is the kernels' own
// choice. Every buffer that a kernel writes is padded to a multiple of 16 floats; padded weights are zero, so the
// padding of a state stays zero.
#pragma once

#include <cstddef>

#include "core/spec.h"

namespace gatecast {

constexpr int kPadding = 16;

/// Rounded up to whole vectors of every instruction set.
constexpr int padded(int size) {
    return (size + kPadding - 1) / kPadding * kPadding;
}

/// One time step of one layer and direction for `batch` streams. Row b of an array starts at b * its stride. Strides
/// are in floats. h_out must not overlap h; c_out may be c.
///
/// Each sum is taken in one order, whatever the batch, the direction of the walk, and whether the input's part comes
/// with the step or from `inputs`: the same values give the same bits.
struct StepArgs {
    const float* panels; ///< see cells/pack.h
    int inputs;          ///< columns of x
    int recurrent;       ///< columns of h: the hidden size, or the projection size
    int hidden;          ///< rows of each gate
    int batch;
    const float* x; ///< step: null if `inputs` has filled `gates`
    std::size_t x_stride;
    float* gates; ///< W x + b of all gates, [batch][3 or 4 * padded(hidden)]; `inputs` writes it
    std::size_t gates_stride;
    const float* h;
    std::size_t h_stride;
    float* h_out; ///< [batch][padded(hidden)]; for an LSTM with projection the vector before projection
    std::size_t out_stride;
    const float* c; ///< LSTM only
    float* c_out;
    std::size_t c_stride;
    float* tape; ///< gate values kept for the backward pass, [batch][slots][padded(hidden)], or null
    std::size_t tape_stride;
    /// Walk the panels from the last to the first. Weights that overflow a cache are read faster if every second step
    /// begins with those that the previous step read last.
    bool backwards;
    float x_bound;  ///< int8: no |x| is larger; 0: not known, each row is measured
    float h_bound;  ///< the same for h
    float* scratch; ///< scratch_size() floats; f32 uses none
};

/// Floats of scratch for a step of `batch` streams in a precision other than f32.
constexpr std::size_t scratch_size(int inputs, int recurrent, int hidden, int batch) {
    const int row = padded(inputs) + padded(recurrent) + padded(hidden) + 3 * kPadding;
    return static_cast<std::size_t>(batch) * row;
}

/// y = W x + b for `batch` rows, saturated to finite floats. y is written in blocks of 16 floats.
struct LinearArgs {
    const float* panels; ///< see cells/pack.h
    int inputs;
    int outputs;
    int batch;
    const float* x;
    std::size_t x_stride;
    float* y;
    std::size_t y_stride;
    bool accumulate; ///< add to what y holds
    float* scratch;  ///< scratch_size(inputs, 0, 0, batch) floats; f32 uses none
};

/// The element-wise part of the backward step. Slots are those of the tape.
struct BackwardArgs {
    int hidden;
    int batch;
    const float* tape;
    std::size_t tape_stride;
    const float* h_prev; ///< GRU only
    std::size_t h_stride;
    const float* c_prev; ///< LSTM only
    std::size_t c_stride;
    float* dh; ///< in: gradient of h'. GRU out: the part that reaches h without a matrix. [batch][padded(hidden)]
    float* dc; ///< LSTM only. in: gradient of c', out: of c. [batch][padded(hidden)]
    float* d_reset_h; ///< gru_reset_before_finish only: gradient of r * h. [batch][padded(hidden)]
    float* gates;     ///< out: gradients before the activations, [batch][slots][padded(hidden)]
    std::size_t gates_stride;
};

/// out[column][lane] += sum over rows of x[row][column] * g[row][lane]: the gradient of a weight matrix.
struct OuterArgs {
    int rows;
    int columns;
    int lanes; ///< a multiple of 16
    const float* x;
    std::size_t x_stride;
    const float* g;
    std::size_t g_stride;
    float* out;
    std::size_t out_stride;
};

// Slots of the tape, and of the gate gradients in the backward pass. GRU keeps the rows that multiply x (n, r, z) and
// those that multiply h (r, z, q) next to each other, so that each product is over one range.
//   GRU               n  r  z  q = W_hn h + b_hn
//   GRU reset before  n  r  z  r * h
//   LSTM              i  f  g  o  tanh(c')
constexpr int kGruSlots = 4;
constexpr int kLstmSlots = 5;

struct CellKernels {
    void (*inputs)(const StepArgs&); ///< fills args.gates for `batch` rows of x, which may be of many time steps
    void (*step)(const StepArgs&);
};

/// The kernels that read weights in one precision.
struct PrecisionKernels {
    Precision precision;
    int lanes;         ///< of a panel
    int linear_blocks; ///< most vectors of rows in a panel of a linear map
    CellKernels gru;
    CellKernels gru_reset_before; ///< `step` needs a tape, as its scratch
    CellKernels lstm;
    void (*linear)(const LinearArgs&);

    const CellKernels& of(Cell cell) const {
        return cell == Cell::lstm ? lstm : cell == Cell::gru ? gru : gru_reset_before;
    }
};

struct Kernels {
    const char* name;
    PrecisionKernels f32, bf16, int8;
    void (*gru_backward)(const BackwardArgs&);
    void (*gru_reset_before_backward)(const BackwardArgs&);        ///< n and z; dh becomes the direct part
    void (*gru_reset_before_backward_finish)(const BackwardArgs&); ///< r, from d_reset_h; adds to dh
    void (*lstm_backward)(const BackwardArgs&);
    void (*outer)(const OuterArgs&);
    void (*sigmoid)(const float* x, float* y, int size); ///< size: a multiple of 16
    void (*tanh)(const float* x, float* y, int size);

    const PrecisionKernels& of(Precision precision) const {
        return precision == Precision::f32 ? f32 : precision == Precision::bf16 ? bf16 : int8;
    }
};

/// The kernels that this machine can run, best first; ends with a null pointer. Scalar is always among them.
const Kernels* const* available_kernels();

/// The available kernels with this name, or null.
const Kernels* find_kernels(const char* name);

} // namespace gatecast
