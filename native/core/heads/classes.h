#pragma once

#include <algorithm>
#include <cmath>

#include "core/heads/head.h"

namespace gatecast {

/// -log of the probability of the true class. The outputs x are one for each class, whose probability is
/// e^x / the sum of all e^x
inline double class_surprise(std::span<const float>, Truth truth, std::span<const float> outputs, float scale,
                             float* gradient) {
    const double largest = *std::ranges::max_element(outputs);
    double sum = 0;
    for (const float output : outputs) sum += std::exp(output - largest);
    const auto place = static_cast<std::size_t>(truth.value);
    for (std::size_t k = 0; k < outputs.size(); ++k) {
        const double probability = std::exp(outputs[k] - largest) / sum;
        gradient[k] = static_cast<float>((probability - (k == place ? 1 : 0)) * scale);
    }
    return std::log(sum) + largest - outputs[place];
}

inline constexpr Head kClassHead{.loss = "classes",
                                 .fixed_outputs = 0,
                                 .point = false,
                                 .truths = Truths::classes,
                                 .loss_and_gradient = class_surprise};

} // namespace gatecast
