// All kernels except the products in low precision, written once over the vector vocabulary that is included before
// this file.
#include "core/cells/products.inl.h"
// The cells use the products.
#include "core/cells/precision.inl.h"
// Uses the vector only.
#include "core/cells/outer.inl.h"
// Uses the vector, and saturate of the linear map.
#include "core/cells/layer-output.inl.h"

void sigmoid_all(const float* x, float* y, int size) {
    for (int i = 0; i < size; i += kLanes) store(y + i, sigmoid(load(x + i)));
}

void tanh_all(const float* x, float* y, int size) {
    for (int i = 0; i < size; i += kLanes) store(y + i, tanh(load(x + i)));
}

template <Cell kCell>
constexpr CellGradient gradient_of() {
    if constexpr (traits_of(kCell).late_gates > 0) {
        return {Body<kCell>::backward, Body<kCell>::finish};
    } else {
        return {Body<kCell>::backward, nullptr};
    }
}

template <int... kIndex>
constexpr Kernels make_kernels(const char* name, PrecisionKernels bf16, PrecisionKernels int8,
                               std::integer_sequence<int, kIndex...>) {
    return {
        .name = name,
        .f32 = precision_kernels<F32>(),
        .bf16 = bf16,
        .int8 = int8,
        .gradients = {gradient_of<kCellTraits[kIndex].cell>()...},
        .outer = outer,
        .layer_output = layer_output,
        .layer_norm_gradient = layer_norm_gradient,
        .sigmoid = sigmoid_all,
        .tanh = tanh_all,
    };
}

constexpr Kernels make_kernels(const char* name, PrecisionKernels bf16, PrecisionKernels int8) {
    return make_kernels(name, bf16, int8, std::make_integer_sequence<int, kCellCount>());
}
