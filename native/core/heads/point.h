#pragma once

#include <cmath>

#include "core/heads/head.h"

namespace gatecast {

/// (p - y)^2
inline double squared_error(std::span<const float>, Truth truth, std::span<const float> outputs, float scale,
                            float* gradient) {
    const float error = outputs[0] - truth.value;
    gradient[0] = 2.0f * error * scale;
    return static_cast<double>(error) * error;
}

/// |p - y|
inline double absolute_error(std::span<const float>, Truth truth, std::span<const float> outputs, float scale,
                             float* gradient) {
    const float error = outputs[0] - truth.value;
    gradient[0] = error > 0 ? scale : error < 0 ? -scale : 0.0f;
    return std::fabs(error);
}

inline constexpr Head kMeanHead{
    .loss = "mse", .fixed_outputs = 1, .point = true, .truths = Truths::scaled, .loss_and_gradient = squared_error};
inline constexpr Head kMedianHead{
    .loss = "mae", .fixed_outputs = 1, .point = true, .truths = Truths::scaled, .loss_and_gradient = absolute_error};

} // namespace gatecast
