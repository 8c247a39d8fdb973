#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace gatecast {

/// The true value of one target and step, as its head reads it.
struct Truth {
    float value;    ///< on the network's scale; of a count, the count itself; of a class, its place among all
    float unit = 1; ///< of a count: the level of its series, > 0, in which the network tells the mean
};

/// What the true values of a head are.
enum class Truths { scaled, counts, classes };

/// What the outputs of a network mean: how many there are for each target and step, side by side, and their loss.
struct Head {
    /// The name of the loss, which chooses the head
    std::string_view loss;
    /// Outputs for each target and step; 0 if there is one for each level, or for each class
    int fixed_outputs;
    /// True if the one output is the forecast itself, so that it can be an input of the next step
    bool point;
    Truths truths;
    /// The loss of the outputs of one target and step, and its gradient with respect to each, times `scale`; 0 where
    /// the loss has a kink. Returns the loss, not scaled; with levels, the sum over them.
    double (*loss_and_gradient)(std::span<const float> levels, Truth truth, std::span<const float> outputs, float scale,
                                float* gradient);

    bool has_classes() const { return truths == Truths::classes; }
    bool has_levels() const { return fixed_outputs == 0 && !has_classes(); }
    /// Whether it has as many outputs for each target and step: any number of classes, or exactly one for each level
    bool takes(std::size_t outputs, std::size_t levels) const {
        if (has_classes()) return outputs > 0 && levels == 0;
        return outputs == (has_levels() ? levels : fixed_outputs) && has_levels() == (levels > 0);
    }
    /// How many losses a target and step has: one for each level, or one
    std::size_t losses(std::size_t levels) const { return has_levels() ? levels : 1; }
};

} // namespace gatecast
