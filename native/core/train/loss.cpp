#include "core/train/loss.h"

#include <cmath>

namespace gatecast {

double loss_and_gradient(Loss loss, std::span<const float> levels, float truth, const float* predicted, float scale,
                         float* gradient) {
    const float error = predicted[0] - truth;
    switch (loss) {
    case Loss::mse:
        gradient[0] = 2.0f * error * scale;
        return static_cast<double>(error) * error;
    case Loss::mae:
        gradient[0] = error > 0 ? scale : error < 0 ? -scale : 0.0f;
        return std::fabs(error);
    case Loss::quantile:
        break;
    }
    double sum = 0;
    for (std::size_t k = 0; k < levels.size(); ++k) {
        const float above = truth - predicted[k];
        const float slope = above > 0 ? levels[k] : above < 0 ? levels[k] - 1.0f : 0.0f;
        sum += static_cast<double>(slope) * above;
        gradient[k] = -slope * scale;
    }
    return sum;
}

} // namespace gatecast
