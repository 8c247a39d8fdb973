// The kernels of one instruction set, written once over the vector vocabulary that stands before this text.
#include "core/cells/activations.inl.h"
// The cells use the activations.
#include "core/cells/gru.inl.h"
#include "core/cells/linear.inl.h"
#include "core/cells/lstm.inl.h"

constexpr Kernels make_kernels(const char* name) {
    return {
        .name = name,
        .gru = gru,
        .gru_reset_before = gru_reset_before,
        .lstm = lstm,
        .linear = linear,
        .gru_backward = gru_backward,
        .gru_reset_before_backward = gru_reset_before_backward,
        .gru_reset_before_backward_finish = gru_reset_before_backward_finish,
        .lstm_backward = lstm_backward,
        .outer = outer,
        .sigmoid = sigmoid_all,
        .tanh = tanh_all,
    };
}
