#pragma once

#include <span>

namespace gatecast {

enum class Loss {
    mse,      ///< (p - y)^2
    mae,      ///< |p - y|
    quantile, ///< pinball at each level q: max(q (y - p), (q - 1) (y - p))
};

/// The loss of one true value against its predictions (one, or one for each quantile level) and its gradient with
/// respect to each, times `scale`; 0 where the loss has a kink. Returns the sum over the predictions, not scaled.
double loss_and_gradient(Loss loss, std::span<const float> levels, float truth, const float* predicted, float scale,
                         float* gradient);

} // namespace gatecast
