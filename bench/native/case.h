// One network to measure: its shape, its numbers, and the right results.
#pragma once

#include <string>
#include <vector>

#include "core/gatecast.h"
#include "native/adapter.h"

namespace gatecast::bench {

constexpr Cell kCells[] = {Cell::gru, Cell::lstm};

std::string name_of(Cell cell);

NetworkSpec spec_of(Cell cell, int inputs, int hidden);

/// Bytes of the two matrices, without biases: what a step of batch 1 has to read.
std::size_t weight_bytes(const NetworkSpec& spec, Precision precision);

/// Multiplications and additions of one step of one stream, in both matrices.
double flops_per_step(const NetworkSpec& spec);

/// Rows of samples, uniform in [-1, 1): [rows][inputs].
std::vector<float> random_inputs(int rows, int inputs, std::uint64_t seed = 7);

/// The results of the float64 reference for one stream from the zero state: h after every step, [steps][hidden]. The
/// cell may be the network's, or a GRU's other form over the same weights.
std::vector<double> reference_outputs(const Network& network, Cell cell, int steps, const std::vector<float>& inputs);

/// Infinite if a value is not a number.
double max_error(const std::vector<float>& got, const std::vector<double>& wanted);

} // namespace gatecast::bench
