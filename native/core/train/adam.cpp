#include "core/train/adam.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace gatecast {

bool are_valid(std::span<const LearnedPart> parts, std::size_t size) {
    std::size_t end = 0;
    for (const LearnedPart& part : parts) {
        if (part.begin < end || part.end <= part.begin || part.end > size) return false;
        end = part.end;
    }
    return true;
}

Adam::Adam(std::size_t size, float weight_decay, std::vector<LearnedPart> parts)
    : weight_decay_(weight_decay), parts_(std::move(parts)), mean_(size), square_(size) {
    if (parts_.empty()) parts_.push_back({.begin = 0, .end = size, .decays = true});
}

void Adam::leave_out(std::span<float> gradients) const {
    std::size_t end = 0;
    for (const LearnedPart& part : parts_) {
        std::fill(gradients.begin() + end, gradients.begin() + part.begin, 0.0f);
        end = part.end;
    }
    std::fill(gradients.begin() + end, gradients.end(), 0.0f);
}

void Adam::step(std::span<float> parameters, std::span<const float> gradients, float learning_rate) {
    constexpr float beta1 = 0.9f, beta2 = 0.999f, epsilon = 1e-8f;
    ++steps_;
    const auto rate = static_cast<float>(learning_rate / (1.0 - std::pow(0.9, static_cast<double>(steps_))));
    const auto root_correction = static_cast<float>(std::sqrt(1.0 - std::pow(0.999, static_cast<double>(steps_))));
    for (const LearnedPart& part : parts_) {
        const float keep = part.decays ? 1.0f - learning_rate * weight_decay_ : 1.0f;
        for (std::size_t k = part.begin; k < part.end; ++k) {
            mean_[k] = beta1 * mean_[k] + (1.0f - beta1) * gradients[k];
            square_[k] = beta2 * square_[k] + (1.0f - beta2) * gradients[k] * gradients[k];
            const float root = std::sqrt(square_[k]) / root_correction + epsilon;
            parameters[k] = parameters[k] * keep - rate * mean_[k] / root;
        }
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
