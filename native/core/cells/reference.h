// The plain reference: loops in the order of the equations, over canonical weights, in float or double. It is slow and
// it stays: the kernels are measured against it.
#pragma once

#include <span>

#include "core/spec.h"

namespace gatecast {

/// One cell, one step. Weights as in ParameterLayout; h [R] and, where the cell has it, c [H] are replaced by the next
/// state.
template <class Real>
void reference_step(const NetworkSpec& spec, const CellRanges& ranges, std::span<const Real> parameters, const Real* x,
                    Real* h, Real* c);

/// The whole stack over a sequence of one stream.
///   input   [steps][input_size]
///   h       [cells][R]   in: first state, out: last
///   c       [cells][H]   empty where the cell has none
///   output  [steps][directions * R]
///   head    [steps][head_size], or empty
template <class Real>
void reference_forward(const NetworkSpec& spec, std::span<const Real> parameters, int steps,
                       std::span<const Real> input, std::span<Real> h, std::span<Real> c, std::span<Real> output,
                       std::span<Real> head);

} // namespace gatecast
