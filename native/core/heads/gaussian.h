#pragma once

#include <cmath>

#include "core/heads/head.h"

namespace gatecast {

/// -log of the density of a normal distribution. The outputs are its mean and an s for the deviation log(1 + e^s) +
/// 1e-4
inline double gaussian_surprise(std::span<const float>, float truth, const float* outputs, float scale,
                                float* gradient) {
    constexpr double kLeast = 1e-4, kHalfLogTwoPi = 0.91893853320467274178;
    const double s = outputs[1], decay = std::exp(-std::fabs(s));
    const double deviation = kLeast + std::fmax(s, 0) + std::log1p(decay);
    const double slope = (s >= 0 ? 1 : decay) / (1 + decay); // of the deviation
    const double z = (static_cast<double>(truth) - outputs[0]) / deviation;
    gradient[0] = static_cast<float>(-z / deviation * scale);
    gradient[1] = static_cast<float>((1 - z * z) / deviation * slope * scale);
    return 0.5 * z * z + std::log(deviation) + kHalfLogTwoPi;
}

inline constexpr Head kGaussianHead{
    .loss = "gaussian", .fixed_outputs = 2, .point = false, .loss_and_gradient = gaussian_surprise};

} // namespace gatecast
