#pragma once

#include <span>
#include <vector>

#include "core/aligned.h"
#include "core/isa/kernels.h"

namespace gatecast {

enum class Activation {
    elu, ///< x; below 0, e^x - 1
    relu,
    tanh,
};

/// Linear layers with an activation before each: the layers of a head above its first layer. In 32-bit floats.
class DenseLayers {
  public:
    /// sizes       how many values come in, then how many each layer gives [layers + 1]
    /// parameters  of each layer its weight [given][taken], then its bias [given]
    /// Precondition: sizes are positive, parameters as many as they say and finite.
    DenseLayers(const Kernels& kernels, Activation activation, std::span<const int> sizes,
                std::span<const float> parameters);

    int input_size() const { return sizes_.front(); }
    int output_size() const { return sizes_.back(); }

    /// The output of the last layer for `values` [padded(input_size())], which are overwritten; valid until the next
    /// call. No allocation.
    std::span<const float> run(std::span<float> values);

    /// The number of parameters of layers with these sizes
    static std::size_t parameter_count(std::span<const int> sizes);

  private:
    void activate(std::span<float> values) const;

    const Kernels& kernels_;
    Activation activation_;
    std::vector<int> sizes_;
    std::vector<AlignedBuffer> panels_, outputs_; ///< one per layer
};

} // namespace gatecast
