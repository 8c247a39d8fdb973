#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace gatecast {

/// What the outputs of a network mean: how many there are for each target and step, side by side, and their loss.
struct Head {
    /// The name of the loss, which chooses the head
    std::string_view loss;
    /// Outputs for each target and step; 0 if there is one for each level
    int fixed_outputs;
    /// True if the one output is the forecast itself, so that it can be an input of the next step
    bool point;
    /// The loss of the outputs of one target and step, and its gradient with respect to each, times `scale`; 0 where
    /// the loss has a kink. Returns the loss, not scaled; with levels, the sum over them.
    double (*loss_and_gradient)(std::span<const float> levels, float truth, const float* outputs, float scale,
                                float* gradient);

    bool has_levels() const { return fixed_outputs == 0; }
    std::size_t outputs(std::size_t levels) const { return has_levels() ? levels : fixed_outputs; }
    /// How many losses a target and step has: one for each level, or one
    std::size_t losses(std::size_t levels) const { return has_levels() ? levels : 1; }
};

} // namespace gatecast
