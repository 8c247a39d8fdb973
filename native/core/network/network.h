#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/aligned.h"
#include "core/isa/kernels.h"
#include "core/spec.h"

namespace gatecast {

/// What one cell reads and writes in one step of `batch` streams. Only x has its own stride; all others are rows of
/// padded sizes: h [batch][padded(R)], c, unprojected [batch][padded(H)], tape [batch][slots][padded(H)].
struct CellStep {
    int batch = 1;
    const float* x = nullptr; ///< null: `gates` holds its input_products
    std::size_t x_stride = 0;
    float* gates = nullptr; ///< [batch][gates_size()]
    const float* h = nullptr;
    float* h_out = nullptr;       ///< must not overlap h
    const float* c = nullptr;     ///< for cells that have it
    float* c_out = nullptr;       ///< may be c
    float* unprojected = nullptr; ///< only with projection: what is projected to h
    float* tape = nullptr;        ///< may be null, except with late gates
    float* scratch = nullptr;     ///< scratch_size(batch) floats
    bool backwards = false;       ///< walk the weights from the last to the first; the result is the same
};

/// What a layer makes of the h of its cells for the next layer or the head. Rows have output_size() values.
struct LayerOutput {
    int batch = 1;
    const float* h = nullptr;
    std::size_t h_stride = 0;
    const float* x = nullptr; ///< the input of the layer, which a residual layer adds
    std::size_t x_stride = 0;
    float* y = nullptr; ///< may be h or x
    std::size_t y_stride = 0;
    /// For the gradient of a normalisation, or null: [batch][2][padded(output_size())] and [batch]
    float* normal = nullptr;
    float* scale = nullptr;
};

/// A shape, its parameters, and the same parameters packed for the kernels that run it.
class Network {
  public:
    /// Makes a network whose parameters are all zero. Precondition: is_valid(spec).
    Network(const NetworkSpec& spec, const Kernels& kernels, Precision precision = Precision::f32);

    const NetworkSpec& spec() const { return spec_; }
    const ParameterLayout& layout() const { return layout_; }
    const Kernels& kernels() const { return kernels_; }
    Precision precision() const { return precision_; }
    std::span<const float> parameters() const { return parameters_; }

    /// Precondition: layout().size values, all finite.
    void set_parameters(std::span<const float> values);

    /// PyTorch's initialisation: uniform in +-1 / sqrt(H), attention and head in +-1 / sqrt(their inputs); a
    /// normalisation begins with gain 1 and bias 0. The same seed gives the same values everywhere.
    void initialise(std::uint64_t seed);

    /// How many floats of scratch a step of `batch` streams needs; 0 in f32
    std::size_t scratch_size(int batch) const;

    /// How many floats a row of gates has
    std::size_t gates_size() const { return static_cast<std::size_t>(spec_.gates()) * padded(spec_.hidden_size); }

    /// W x + b of all gates of cell `index` for `rows` rows of x, which may belong to many time steps. Rows of `gates`
    /// are gates_stride apart. No allocation.
    void input_products(int index, int rows, const float* x, std::size_t x_stride, float* gates,
                        std::size_t gates_stride, float* scratch) const;

    /// One step of cell `index` (layer * directions + direction). No allocation.
    void step_cell(int index, const CellStep& step) const;

    /// Normalises the h of a layer and adds its input, as the spec says. No allocation. Precondition:
    /// spec().changes_output(layer).
    void finish_layer(int layer, const LayerOutput& output) const;

    /// The queries of attention from `batch` rows of newest outputs; y is [batch][padded(output_size)]. No allocation.
    /// Precondition: attention > 0.
    void attention_queries(int batch, const float* x, std::size_t x_stride, float* y) const;

    /// Applies the head to `batch` rows of x [head_input_size]; y is [batch][padded(head_size)]. No allocation.
    /// Precondition: head_size > 0.
    void apply_head(int batch, const float* x, std::size_t x_stride, float* y) const;

  private:
    struct PackedCell {
        AlignedBuffer cell, projection;
    };

    StepArgs cell_args(int index, const CellStep& step) const;
    void apply(const AlignedBuffer& panels, const MatrixRange& weight, int batch, const float* x, std::size_t x_stride,
               float* y) const;

    NetworkSpec spec_;
    ParameterLayout layout_;
    const Kernels& kernels_;
    Precision precision_;
    std::vector<float> parameters_;
    std::vector<PackedCell> packed_;
    AlignedBuffer packed_attention_, packed_head_;
};

/// True if no value is NaN or infinite
bool all_finite(std::span<const float> values);

} // namespace gatecast
