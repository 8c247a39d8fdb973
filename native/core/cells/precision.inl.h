// The kernels of one precision, whose policy is included before this file.
#include "core/cells/activations.inl.h"
// Uses the products.
#include "core/cells/linear.inl.h"

/// The fast body of a cell: `step<P>`, and for its gradient `backward` and, with late gates, `finish`.
template <Cell>
struct Body;
// One for each cell; they use the activations and the products.
#include "core/cells/gru.inl.h"
#include "core/cells/lstm.inl.h"

template <class P, int... kIndex>
constexpr PrecisionKernels precision_kernels(std::integer_sequence<int, kIndex...>) {
    return {
        .precision = P::kPrecision,
        .lanes = kLanes,
        .linear_blocks = kLinearBlocks,
        .cells = {{cell_inputs<P, kCellTraits[kIndex].cell>, Body<kCellTraits[kIndex].cell>::template step<P>}...},
        .linear = linear<P>,
    };
}

template <class P>
constexpr PrecisionKernels precision_kernels() {
    return precision_kernels<P>(std::make_integer_sequence<int, kCellCount>());
}
