#pragma once

#include <cmath>

#include "core/heads/head.h"
#include "core/heads/log-gamma.h"
#include "core/heads/softplus.h"

namespace gatecast {

/// -log of the probability of a count under a negative binomial distribution, whose variance is mean + alpha * mean^2.
/// The outputs are an m for the mean, unit * (log(1 + e^m) + 1e-6), and an a for alpha, log(1 + e^a) / sqrt(unit) +
/// 1e-4 (Salinas et al., 2020, "DeepAR"; the least values are ours)
inline double count_surprise(std::span<const float>, Truth truth, std::span<const float> outputs, float scale,
                             float* gradient) {
    constexpr double kLeastMean = 1e-6, kLeastAlpha = 1e-4;
    const auto [mean_above, mean_slope] = softplus(outputs[0]);
    const auto [alpha_above, alpha_slope] = softplus(outputs[1]);
    const double unit = truth.unit, y = truth.value;
    const double mean = unit * (mean_above + kLeastMean), alpha = alpha_above / std::sqrt(unit) + kLeastAlpha;
    const double r = 1 / alpha, product = alpha * mean, log_product = std::log1p(product);
    const LogGamma counted = log_gamma(y + r), own = log_gamma(r);
    const double by_mean = (mean - y) / (mean * (1 + product));
    const double by_alpha = (counted.slope - own.slope - log_product) * r * r + (mean - y) / (alpha * (1 + product));
    gradient[0] = static_cast<float>(by_mean * unit * mean_slope * scale);
    gradient[1] = static_cast<float>(by_alpha * alpha_slope / std::sqrt(unit) * scale);
    return log_gamma(y + 1).value + own.value - counted.value + (r + y) * log_product - y * std::log(product);
}

inline constexpr Head kCountHead{.loss = "negative-binomial",
                                 .fixed_outputs = 2,
                                 .point = false,
                                 .truths = Truths::counts,
                                 .loss_and_gradient = count_surprise};

} // namespace gatecast
