// The kernels of one precision, once its policy stands before this text.
#include "core/cells/activations.inl.h"
// The cells use the activations and the products.
#include "core/cells/gru.inl.h"
#include "core/cells/linear.inl.h"
#include "core/cells/lstm.inl.h"

template <class P>
constexpr PrecisionKernels precision_kernels() {
    return {
        .precision = P::kPrecision,
        .lanes = kLanes,
        .linear_blocks = kLinearBlocks,
        .gru = {cell_inputs<P, GruTile<P>>, gru<P>},
        .gru_reset_before = {cell_inputs<P, ResetBeforeTile<P>>, gru_reset_before<P>},
        .lstm = {cell_inputs<P, LstmTile<P>>, lstm<P>},
        .linear = linear<P>,
    };
}
