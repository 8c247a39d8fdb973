#pragma once

#include <span>
#include <vector>

#include "core/aligned.h"
#include "core/isa/kernels.h"
#include "core/pool.h"

namespace gatecast {

/// The gradient of one weight matrix W, and of its bias, from a pass that multiplied `rows` rows of x with W.
struct WeightProduct {
    int rows;
    const float* x; ///< [rows][columns]
    std::size_t x_stride;
    int columns;
    const float* g; ///< the gradients of the products, [rows][slots.count][slot_size], from the first slot on
    std::size_t g_stride;
    GateSlots slots;
    std::size_t slot_size; ///< a multiple of 16
    int units;             ///< of each slot; gate k is rows k * units and up of W
    MatrixRange weight, bias;
};

/// Computes the gradients of all weight matrices of a pass, each value over all rows in their order.
class WeightGradients {
  public:
    explicit WeightGradients(const Kernels& kernels) : kernels_(kernels) {}

    void clear() { parts_.clear(); }
    /// What x and g point to must live until `run`.
    void add(const WeightProduct& product);

    /// Adds what the products give to `gradients`. The pool may be null; the numbers do not depend on it. Allocates
    /// only for more products than ever before.
    void run(std::span<float> gradients, Pool* pool);

  private:
    /// Some lanes of a product, and the place of their sums in sums_
    struct Part {
        WeightProduct product;
        int first, lanes;
        std::size_t at;
    };

    void run_part(const Part& part, std::span<float> gradients);
    static void scatter(const Part& part, const float* sums, std::size_t stride, const MatrixRange& range,
                        std::span<float> gradients);

    const Kernels& kernels_;
    std::vector<Part> parts_;
    AlignedBuffer sums_;
};

} // namespace gatecast
