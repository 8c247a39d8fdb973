#include "core/network/step-buffers.h"

namespace gatecast {

StepBuffers::StepBuffers(const Network& network, int rows, int layers, int scratch_rows)
    : h_stride(padded(network.spec().recurrent_size())), c_stride(padded(network.spec().c_size())) {
    const NetworkSpec& spec = network.spec();
    const CellTraits& cell = spec.traits();
    const std::size_t count = rows, states = layers * count, hidden = padded(spec.hidden_size);
    h = AlignedBuffer(states * h_stride);
    h_out = AlignedBuffer(states * h_stride);
    c = AlignedBuffer(states * c_stride);
    if (spec.proj_size > 0) unprojected = AlignedBuffer(count * hidden);
    if (cell.late_gates > 0) tape = AlignedBuffer(count * cell.slots * hidden);
    scratch = AlignedBuffer(network.scratch_size(scratch_rows));
}

} // namespace gatecast
