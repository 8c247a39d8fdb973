#include "core/train/adam.h"

#include <cmath>

namespace gatecast {

void Adam::step(std::span<float> parameters, std::span<const float> gradients, float learning_rate) {
    constexpr float beta1 = 0.9f, beta2 = 0.999f, epsilon = 1e-8f;
    ++steps_;
    const auto rate = static_cast<float>(learning_rate / (1.0 - std::pow(0.9, steps_)));
    const auto root_correction = static_cast<float>(std::sqrt(1.0 - std::pow(0.999, steps_)));
    const float keep = 1.0f - learning_rate * weight_decay_;
    for (std::size_t k = 0; k < parameters.size(); ++k) {
        mean_[k] = beta1 * mean_[k] + (1.0f - beta1) * gradients[k];
        square_[k] = beta2 * square_[k] + (1.0f - beta2) * gradients[k] * gradients[k];
        parameters[k] = parameters[k] * keep - rate * mean_[k] / (std::sqrt(square_[k]) / root_correction + epsilon);
    }
}

double clip_norm(std::span<float> gradients, float limit) {
    double sum = 0;
    for (const float gradient : gradients) sum += static_cast<double>(gradient) * gradient;
    const double norm = std::sqrt(sum);
    if (limit > 0 && norm > limit) {
        const auto factor = static_cast<float>(limit / norm);
        for (float& gradient : gradients) gradient *= factor;
    }
    return norm;
}

} // namespace gatecast
