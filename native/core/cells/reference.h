// The plain reference: loops in the order of the equations, over canonical weights, in float or double. It is slow and
// it stays, because the kernels are tested against it.
#pragma once

#include <span>

#include "core/spec.h"

namespace gatecast {

/// One step of one cell. The weights are in the order of ParameterLayout. h [R] and, if the cell has it, c [H] become
/// the next state.
template <class Real>
void reference_step(const NetworkSpec& spec, const CellRanges& ranges, std::span<const Real> parameters, const Real* x,
                    Real* h, Real* c);

/// The whole stack over a sequence of one stream.
///   input   [steps][input_size]
///   h       [cells][R]   in: first state, out: last
///   c       [cells][H]   empty if the cell has no c
///   output  [steps][directions * R]
///   head    [steps][head_size], or empty
template <class Real>
void reference_forward(const NetworkSpec& spec, std::span<const Real> parameters, int steps,
                       std::span<const Real> input, std::span<Real> h, std::span<Real> c, std::span<Real> output,
                       std::span<Real> head);

} // namespace gatecast
