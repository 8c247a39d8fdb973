#pragma once

#include <cmath>

#include "core/heads/head.h"
#include "core/heads/log-gamma.h"
#include "core/heads/softplus.h"

namespace gatecast {

/// -log of the density of Student's t distribution. The outputs are its location, an s for the scale log(1 + e^s) +
/// 1e-4 and a d for the degrees of freedom 2 + log(1 + e^d), of which more than 1e4 count as 1e4
inline double student_surprise(std::span<const float>, Truth truth, std::span<const float> outputs, float scale,
                               float* gradient) {
    constexpr double kLeast = 1e-4, kMostFreedom = 1e4, kPi = 3.14159265358979323846;
    const auto [above, slope] = softplus(outputs[1]);
    const auto [freedom_above, freedom_slope] = softplus(outputs[2]);
    const bool is_most = 2 + freedom_above > kMostFreedom;
    const double deviation = kLeast + above, freedom = is_most ? kMostFreedom : 2 + freedom_above;
    const double z = (static_cast<double>(truth.value) - outputs[0]) / deviation;
    const double log_tail = std::log1p(z * z / freedom), share = z * z / (freedom + z * z);
    const LogGamma half = log_gamma(freedom / 2), more = log_gamma((freedom + 1) / 2);
    const double by_z = (freedom + 1) * z / (freedom + z * z);
    const double by_freedom =
        0.5 * (1 / freedom + half.slope - more.slope + log_tail - (freedom + 1) * share / freedom);
    gradient[0] = static_cast<float>(-by_z / deviation * scale);
    gradient[1] = static_cast<float>((1 - (freedom + 1) * share) / deviation * slope * scale);
    gradient[2] = is_most ? 0.0f : static_cast<float>(by_freedom * freedom_slope * scale);
    return std::log(deviation) + 0.5 * std::log(freedom * kPi) + half.value - more.value +
           0.5 * (freedom + 1) * log_tail;
}

inline constexpr Head kStudentHead{.loss = "student-t",
                                   .fixed_outputs = 3,
                                   .point = false,
                                   .truths = Truths::scaled,
                                   .loss_and_gradient = student_surprise};

} // namespace gatecast
