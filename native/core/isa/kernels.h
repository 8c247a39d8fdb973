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
    float* gates; ///< W x + b of all gates, [batch][gates * padded(hidden)]; `inputs` writes it
    std::size_t gates_stride;
    const float* h;
    std::size_t h_stride;
    float* h_out; ///< [batch][padded(hidden)]; with projection the vector before it
    std::size_t out_stride;
    const float* c; ///< of cells that have it
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

/// The element-wise part of the backward step. Slots are those of the tape (CellTraits).
struct BackwardArgs {
    int hidden;
    int batch;
    const float* tape;
    std::size_t tape_stride;
    const float* h_prev;
    std::size_t h_stride;
    const float* c_prev; ///< of cells that have it
    std::size_t c_stride;
    /// in: loss gradient of h', [batch][padded(hidden)]; out, where the cell carries h: what reaches h without passing
    /// a matrix
    float* dh;
    float* dc;       ///< of cells that have it. in: gradient of c', out: of c. [batch][padded(hidden)]
    float* d_late_h; ///< `finish` only: gradient of the h that late gates see. [batch][padded(hidden)]
    /// out: gradients before the activations, [batch][slots][padded(hidden)]. May be the tape, of which the slots that
    /// are not the place of a gate then stay as they are.
    float* gates;
    std::size_t gates_stride;
};

/// out[column][lane] += sum over rows of x[row][column] * g[row][lane]: the gradient of a weight matrix. That of its
/// bias is sums[lane] += sum over rows of g[row][lane]. The rows stand in runs; sums are taken in the order of the runs
/// and of the rows of each.
struct OuterArgs {
    int rows;               ///< of a run
    int runs = 1;           ///< if more than one,
    std::size_t period = 0; ///< each begins so many rows after the one before
    int columns;
    int lanes; ///< a multiple of 16
    const float* x;
    std::size_t x_stride;
    const float* g;
    std::size_t g_stride;
    float* out;
    std::size_t out_stride;
    float* sums; ///< may be null
};

/// What a layer passes on for `batch` rows of the h of its cells: y = h, normalised over the row if there is a gain
/// (layer normalisation; Ba, Kiros and Hinton 2016), plus x in a residual layer; saturated to finite floats. Rows need
/// no padding. Each row gets the same bits in every call.
struct LayerOutputArgs {
    int size; ///< values of a row
    int batch;
    const float* h;
    std::size_t h_stride;
    const float* gain; ///< [size], then the bias [size]; null: h is not normalised
    const float* x;    ///< may be null
    std::size_t x_stride;
    float* y; ///< may be h or x
    std::size_t y_stride;
    float* normal; ///< what the gain multiplies, kept for the gradient, or null
    std::size_t normal_stride;
    float* scale; ///< what h without its mean was multiplied with, [batch]; null if `normal` is
};

/// The gradient of the normalised h, without what was added.
struct LayerNormGradientArgs {
    int size;
    int batch;
    const float* gain;
    const float* scale;
    /// [batch][2][padded(size)]. in: as layer_output left it; out: the gradients of gain and bias from each row
    float* normal;
    std::size_t normal_stride;
    const float* dy;
    std::size_t dy_stride;
    float* dh; ///< out; must not overlap dy
    std::size_t dh_stride;
};

struct CellKernels {
    void (*inputs)(const StepArgs&); ///< fills args.gates for `batch` rows of x, which may be of many time steps
    void (*step)(const StepArgs&);   ///< with late gates it needs a tape
};

struct CellGradient {
    void (*backward)(const BackwardArgs&); ///< with late gates: what does not depend on d_late_h
    void (*finish)(const BackwardArgs&);   ///< the rest; adds to dh. Null without late gates
};

/// The kernels that read weights in one precision.
struct PrecisionKernels {
    Precision precision;
    int lanes;                     ///< of a panel
    int linear_blocks;             ///< vectors of rows in a panel of a linear map, at most
    CellKernels cells[kCellCount]; ///< in the order of Cell
    void (*linear)(const LinearArgs&);

    const CellKernels& of(Cell cell) const { return cells[static_cast<int>(cell)]; }
};

struct Kernels {
    const char* name;
    PrecisionKernels f32, bf16, int8;
    CellGradient gradients[kCellCount]; ///< in the order of Cell
    void (*outer)(const OuterArgs&);
    void (*layer_output)(const LayerOutputArgs&);
    void (*layer_norm_gradient)(const LayerNormGradientArgs&);
    void (*sigmoid)(const float* x, float* y, int size); ///< size: a multiple of 16
    void (*tanh)(const float* x, float* y, int size);

    const CellGradient& gradient_of(Cell cell) const { return gradients[static_cast<int>(cell)]; }
    const PrecisionKernels& of(Precision precision) const {
        return precision == Precision::f32 ? f32 : precision == Precision::bf16 ? bf16 : int8;
    }
};

/// The kernels that this machine can run, best first; ends with a null pointer. Scalar is always among them.
const Kernels* const* available_kernels();

/// The available kernels with this name, or null.
const Kernels* find_kernels(const char* name);

} // namespace gatecast
