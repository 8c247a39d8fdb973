#pragma once

#include <span>

#include "core/network/network.h"
#include "core/pool.h"

namespace gatecast {

/// The shape of a batch of sequences in the caller's order: [steps][batch][values] or [batch][steps][values].
struct SequenceShape {
    int steps;
    int batch;
    bool batch_first;
};

/// Runs the whole stack over whole sequences, without the head, as PyTorch's forward does in evaluation mode. Gives the
/// same bits as stepping each stream alone, with or without a pool.
///   input   [steps][batch][input_size]  (or batch first)
///   h0, c0  first states [cells][batch][R] and [cells][batch][H]; empty for zero
///   output  [steps][batch][output_size] (or batch first)
///   hn, cn  last states; cn is empty if the cell has no c
///   pool    shares the streams among its threads; may be null
void forward(const Network& network, const SequenceShape& shape, std::span<const float> input,
             std::span<const float> h0, std::span<const float> c0, std::span<float> output, std::span<float> hn,
             std::span<float> cn, Pool* pool = nullptr);

} // namespace gatecast
