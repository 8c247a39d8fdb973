#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/aligned.h"
#include "core/isa/kernels.h"
#include "core/spec.h"

namespace gatecast {

/// What one cell reads and writes in one step of `batch` streams. Only x has a stride of its own; the rest are rows of
/// padded sizes: h [batch][padded(R)], c, unprojected [batch][padded(H)], tape [batch][tape_slots][padded(H)].
struct CellStep {
    int batch = 1;
    const float* x = nullptr;
    std::size_t x_stride = 0;
    const float* h = nullptr;
    float* h_out = nullptr;       ///< must not overlap h
    const float* c = nullptr;     ///< LSTM only
    float* c_out = nullptr;       ///< LSTM only; may be c
    float* unprojected = nullptr; ///< only with projection: o * tanh(c')
    float* tape = nullptr;        ///< may be null, except for gru_reset_before
};

/// A shape, its parameters, and the same parameters packed for the kernels it runs on.
class Network {
  public:
    /// All parameters zero. Precondition: is_valid(spec).
    Network(const NetworkSpec& spec, const Kernels& kernels);

    const NetworkSpec& spec() const { return spec_; }
    const ParameterLayout& layout() const { return layout_; }
    const Kernels& kernels() const { return kernels_; }
    std::span<const float> parameters() const { return parameters_; }

    /// Precondition: layout().size values, all finite.
    void set_parameters(std::span<const float> values);

    /// PyTorch's initialisation: uniform in +-1 / sqrt(H), the head in +-1 / sqrt(its inputs). The same seed gives the
    /// same values everywhere.
    void initialise(std::uint64_t seed);

    /// One step of cell `index` (layer * directions + direction). No allocation.
    void step_cell(int index, const CellStep& step) const;

    /// The head on `batch` rows of x; y [batch][padded(head_size)]. No allocation. Precondition: head_size > 0.
    void apply_head(int batch, const float* x, std::size_t x_stride, float* y) const;

  private:
    struct PackedCell {
        AlignedBuffer cell, projection;
    };

    NetworkSpec spec_;
    ParameterLayout layout_;
    const Kernels& kernels_;
    std::vector<float> parameters_;
    std::vector<PackedCell> packed_;
    AlignedBuffer packed_head_;
};

/// Slots of the tape of a cell, see isa/kernels.h
int tape_slots(Cell cell);

/// True if no value is NaN or infinite
bool all_finite(std::span<const float> values);

} // namespace gatecast
