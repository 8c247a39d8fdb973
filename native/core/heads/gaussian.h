#pragma once

#include <cmath>

#include "core/heads/head.h"
#include "core/heads/softplus.h"

namespace gatecast {

/// -log of the density of a normal distribution. The outputs are its mean and an s for the deviation log(1 + e^s) +
/// 1e-4
inline double gaussian_surprise(std::span<const float>, Truth truth, std::span<const float> outputs, float scale,
                                float* gradient) {
    constexpr double kLeast = 1e-4, kHalfLogTwoPi = 0.91893853320467274178;
    const auto [above, slope] = softplus(outputs[1]);
    const double deviation = kLeast + above;
    const double z = (static_cast<double>(truth.value) - outputs[0]) / deviation;
    gradient[0] = static_cast<float>(-z / deviation * scale);
    gradient[1] = static_cast<float>((1 - z * z) / deviation * slope * scale);
    return 0.5 * z * z + std::log(deviation) + kHalfLogTwoPi;
}

inline constexpr Head kGaussianHead{.loss = "gaussian",
                                    .fixed_outputs = 2,
                                    .point = false,
                                    .truths = Truths::scaled,
                                    .loss_and_gradient = gaussian_surprise};

} // namespace gatecast
