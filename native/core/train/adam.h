#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace gatecast {

/// Parameters [begin, end) that are learned.
struct LearnedPart {
    std::size_t begin, end;
    bool decays; ///< whether the weight decay pulls at them
};

/// True if the parts are in order, apart from one another, and within `size` parameters.
bool are_valid(std::span<const LearnedPart> parts, std::size_t size);

/// Adam with decoupled weight decay (Kingma, Ba 2015; Loshchilov, Hutter 2019), with PyTorch's defaults
/// beta 0.9 and 0.999, epsilon 1e-8.
class Adam {
  public:
    /// Learns the parameters in `parts`, all of them with decay if there is no part. The others keep their bits.
    /// Precondition: are_valid(parts, size).
    Adam(std::size_t size, float weight_decay, std::vector<LearnedPart> parts = {});

    /// Sets the gradients of the parameters that are not learned to zero.
    void leave_out(std::span<float> gradients) const;

    void step(std::span<float> parameters, std::span<const float> gradients, float learning_rate);

    /// All that a later step depends on: exponential means of the gradients and of their squares, [size], and the
    /// number of steps taken.
    std::span<float> mean() { return mean_; }
    std::span<float> square() { return square_; }
    std::int64_t& steps() { return steps_; }

  private:
    float weight_decay_;
    std::vector<LearnedPart> parts_;
    std::vector<float> mean_, square_;
    std::int64_t steps_ = 0;
};

/// Returns the global norm of the gradients, and scales them to at most `limit`; 0 for no limit.
double clip_norm(std::span<float> gradients, float limit);

} // namespace gatecast
