#pragma once

#include "core/heads/head.h"

namespace gatecast {

/// Pinball at each level q: max(q (y - p), (q - 1) (y - p))
inline double pinball(std::span<const float> levels, Truth truth, std::span<const float> outputs, float scale,
                      float* gradient) {
    double sum = 0;
    for (std::size_t k = 0; k < levels.size(); ++k) {
        const float above = truth.value - outputs[k];
        const float slope = above > 0 ? levels[k] : above < 0 ? levels[k] - 1.0f : 0.0f;
        sum += static_cast<double>(slope) * above;
        gradient[k] = -slope * scale;
    }
    return sum;
}

inline constexpr Head kQuantileHead{
    .loss = "quantile", .fixed_outputs = 0, .point = false, .truths = Truths::scaled, .loss_and_gradient = pinball};

} // namespace gatecast
