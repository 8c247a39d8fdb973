// Everything but the products in low precision, written once over the vector vocabulary that stands before this text.
#include "core/cells/products.inl.h"
// The cells use the products.
#include "core/cells/precision.inl.h"
// The backward pass uses the activations' derivatives only.
#include "core/cells/backward.inl.h"

void sigmoid_all(const float* x, float* y, int size) {
    for (int i = 0; i < size; i += kLanes) store(y + i, sigmoid(load(x + i)));
}

void tanh_all(const float* x, float* y, int size) {
    for (int i = 0; i < size; i += kLanes) store(y + i, tanh(load(x + i)));
}

constexpr Kernels make_kernels(const char* name, PrecisionKernels bf16, PrecisionKernels int8) {
    return {
        .name = name,
        .f32 = precision_kernels<F32>(),
        .bf16 = bf16,
        .int8 = int8,
        .gru_backward = gru_backward,
        .gru_reset_before_backward = gru_reset_before_backward,
        .gru_reset_before_backward_finish = gru_reset_before_backward_finish,
        .lstm_backward = lstm_backward,
        .outer = outer,
        .sigmoid = sigmoid_all,
        .tanh = tanh_all,
    };
}
