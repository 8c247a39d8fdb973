#pragma once

#include "core/network/network.h"

namespace gatecast {

/// The buffers that the cells of a network read and write when up to `rows` streams step together. A buffer that the
/// cell does not need is empty.
struct StepBuffers {
    /// layers        how many layers' states stand one after the other
    /// scratch_rows  rows that are stepped, or given to input_products, at once
    StepBuffers(const Network& network, int rows, int layers, int scratch_rows);

    /// One step of the first `batch` rows, or of the rows of a later layer, which follow without a gap. The caller sets
    /// its input. No allocation.
    CellStep step(int batch, int layer = 0) {
        const std::size_t first = static_cast<std::size_t>(layer) * batch;
        float* state_c = c.data() + first * c_stride;
        return {
            .batch = batch,
            .x = nullptr,
            .x_stride = 0,
            .gates = nullptr,
            .h = h.data() + first * h_stride,
            .h_out = h_out.data() + first * h_stride,
            .c = state_c,
            .c_out = state_c,
            .unprojected = unprojected.data(),
            .tape = tape.data(),
            .scratch = scratch.data(),
            .backwards = false,
        };
    }

    std::size_t h_stride, c_stride; ///< padded(R) and padded(H)
    AlignedBuffer h, h_out, c;      ///< [layers][rows], rows h_stride or c_stride apart
    AlignedBuffer unprojected;      ///< [rows][padded(H)]
    AlignedBuffer tape;             ///< [rows][slots][padded(H)], of cells that need it as scratch
    AlignedBuffer scratch;
};

} // namespace gatecast
