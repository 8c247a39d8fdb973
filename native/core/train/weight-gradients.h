#pragma once

#include <span>
#include <vector>

#include "core/aligned.h"
#include "core/isa/kernels.h"
#include "core/pool.h"

namespace gatecast {

/// The gradient of one weight matrix W, and of its bias, from a pass that multiplied steps * batch rows of x with W.
struct WeightProduct {
    int steps;
    int batch;
    const float* x; ///< [steps][batch][columns]
    std::size_t x_stride;
    int columns;
    const float* g; ///< the gradients of the products, [steps][batch][slots.count][slot_size], from the first slot
    std::size_t g_stride;
    GateSlots slots;
    std::size_t slot_size; ///< a multiple of 16
    int units;             ///< of each slot; gate k is rows k * units and up of W
    MatrixRange weight, bias;
};

/// Computes the gradients of all weight matrices of a pass. A value is the sum over the first half of the batch, step
/// by step, plus that over the second: so each of two threads reads rows that it has written itself, because those of
/// another core arrive slowly.
class WeightGradients {
  public:
    explicit WeightGradients(const Kernels& kernels) : kernels_(kernels) {}

    void clear() { strips_.clear(); }
    /// What x and g point to must live until `run`.
    void add(const WeightProduct& product);

    /// Adds what the products give to `gradients`. The pool may be null; the numbers do not depend on it. Allocates
    /// only for more products than ever before.
    void run(std::span<float> gradients, Pool* pool);

  private:
    /// Some lanes of a product, and the place of their sums among those of a half
    struct Strip {
        WeightProduct product;
        int first, lanes;
        std::size_t at;

        std::size_t end() const { return at + (static_cast<std::size_t>(product.columns) + 1) * lanes; }
    };

    std::size_t sums_size() const { return strips_.empty() ? 0 : strips_.back().end(); }
    void add_up(const Strip& strip, int first, int rows, float* sums) const;
    static void scatter(const Strip& strip, const float* sums, std::size_t others, const MatrixRange& range,
                        std::span<float> gradients);

    const Kernels& kernels_;
    std::vector<Strip> strips_;
    AlignedBuffer sums_; ///< of each half
};

} // namespace gatecast
