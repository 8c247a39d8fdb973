// What one instruction set offers: a table of kernels over blocks of 16 lanes.
//
// A lane is an output row, so no kernel sums across lanes, and a vector has 16 lanes on every instruction set
// (one register, two, four, or a plain array): packed weights look the same everywhere. Every buffer that a kernel
// writes is padded to a multiple of 16 floats; the padded weights are zero, so the padding of a state stays zero.
#pragma once

#include <cstddef>

namespace gatecast {

constexpr int kLanes = 16;

/// Rounded up to whole vectors.
constexpr int padded(int size) {
    return (size + kLanes - 1) / kLanes * kLanes;
}

/// One time step of one layer and direction for `batch` streams. Row b of an array starts at b * its stride.
/// Strides are in floats. h_out must not overlap h; c_out may be c.
struct StepArgs {
    const float* panels; ///< see cells/pack.h
    int inputs;          ///< columns of x
    int recurrent;       ///< columns of h: the hidden size, or the projection size
    int hidden;          ///< rows of each gate
    int batch;
    const float* x;
    std::size_t x_stride;
    const float* h;
    std::size_t h_stride;
    float* h_out; ///< [batch][padded(hidden)]; for an LSTM with projection the vector before projection
    std::size_t out_stride;
    const float* c; ///< LSTM only
    float* c_out;
    std::size_t c_stride;
    float* tape; ///< gate values kept for the backward pass, [batch][slots][padded(hidden)], or null
    std::size_t tape_stride;
};

/// The part of the backward step that is element-wise. Slots are those of the tape.
struct BackwardArgs {
    int hidden;
    int batch;
    const float* tape;
    std::size_t tape_stride;
    const float* h_prev; ///< GRU only
    std::size_t h_stride;
    const float* c_prev; ///< LSTM only
    std::size_t c_stride;
    float* dh; ///< in: loss gradient of h'. GRU out: what reaches h without passing a matrix. [batch][padded(hidden)]
    float* dc; ///< LSTM only. in: gradient of c', out: of c. [batch][padded(hidden)]
    float* d_reset_h; ///< gru_reset_before_finish only: gradient of r * h. [batch][padded(hidden)]
    float* gates;     ///< out: gradients before the activations, [batch][slots][padded(hidden)]
    std::size_t gates_stride;
};

/// y = W x + b for `batch` rows, saturated to finite floats. y is written in whole vectors.
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

// Slots of the tape, and of the gate gradients in the backward pass. GRU keeps the rows that x sees (n, r, z) and
// those that h sees (r, z, q) next to each other, so that each product is over one range.
//   GRU               n  r  z  q = W_hn h + b_hn
//   GRU reset before  n  r  z  r * h
//   LSTM              i  f  g  o  tanh(c')
constexpr int kGruSlots = 4;
constexpr int kLstmSlots = 5;

struct Kernels {
    const char* name;
    void (*gru)(const StepArgs&);
    void (*gru_reset_before)(const StepArgs&); ///< needs a tape, as its scratch
    void (*lstm)(const StepArgs&);
    void (*linear)(const LinearArgs&);
    void (*gru_backward)(const BackwardArgs&);
    void (*gru_reset_before_backward)(const BackwardArgs&);        ///< n and z; dh becomes the direct part
    void (*gru_reset_before_backward_finish)(const BackwardArgs&); ///< r, from d_reset_h; adds to dh
    void (*lstm_backward)(const BackwardArgs&);
    void (*outer)(const OuterArgs&);
    void (*sigmoid)(const float* x, float* y, int size); ///< size: a multiple of 16
    void (*tanh)(const float* x, float* y, int size);
};

/// The kernels that this machine can run, best first; ends with a null pointer. Scalar is always among them.
const Kernels* const* available_kernels();

/// The available kernels of that name, or null.
const Kernels* find_kernels(const char* name);

} // namespace gatecast
