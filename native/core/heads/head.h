#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace gatecast {

/// What the outputs of a network stand for: how many there are for each target and step, side by side, and how far they
/// are from the truth.
struct Head {
    /// Name of the loss, by which a head is chosen
    std::string_view loss;
    /// Outputs for each target and step; 0 for one for each level
    int fixed_outputs;
    /// True if the one output is the forecast itself, so that it can be an input of the next step
    bool point;
    /// The loss of the outputs of one target and step, and its gradient with respect to each, times `scale`; 0 where
    /// the loss has a kink. Returns the loss, with levels the sum over them, not scaled.
    double (*loss_and_gradient)(std::span<const float> levels, float truth, const float* outputs, float scale,
                                float* gradient);

    bool has_levels() const { return fixed_outputs == 0; }
    std::size_t outputs(std::size_t levels) const { return has_levels() ? levels : fixed_outputs; }
    /// Losses of a target and step: one for each level, or one
    std::size_t losses(std::size_t levels) const { return has_levels() ? levels : 1; }
};

} // namespace gatecast
