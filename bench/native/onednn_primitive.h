// One recurrent layer as a oneDNN primitive with packed weights. The gate order of a GRU in oneDNN is z r n, of an LSTM
// i f g o; weights are [layers][directions][inputs][gates][hidden].
#pragma once

#include <span>
#include <vector>

#include <oneapi/dnnl/dnnl.hpp>

#include "native/case.h"

namespace gatecast::bench {

/// The coding of int8 data: u8 = value * scale + shift, for values in [-1, 1].
constexpr float kDataScale = 127, kDataShift = 128;

struct OneDnnLayer {
    Cell cell; ///< the equations
    dnnl::primitive primitive;
    dnnl::memory weights_layer, weights_iter, bias;
    dnnl::memory::desc data_layer, result_layer, state_h, state_c; ///< state_c is empty for a GRU
};

/// Throws dnnl::error if the machine or the version has no such primitive.
OneDnnLayer make_layer(const dnnl::engine& engine, const Network& network, Precision precision, int steps, int batch);

/// A filled memory of floats, of the given shape and order.
dnnl::memory from_floats(const dnnl::engine& engine, const dnnl::memory::desc& shape, std::span<const float> values);

/// Attributes that set how int8 data and weights are scaled; empty ones for other precisions.
dnnl::primitive_attr attributes_of(const Network& network, Precision precision);

} // namespace gatecast::bench
