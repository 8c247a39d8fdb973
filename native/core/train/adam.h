#pragma once

#include <span>
#include <vector>

namespace gatecast {

/// Adam with decoupled weight decay (Kingma, Ba 2015; Loshchilov, Hutter 2019), with PyTorch's defaults
/// beta 0.9 and 0.999, epsilon 1e-8.
class Adam {
  public:
    Adam(std::size_t size, float weight_decay) : weight_decay_(weight_decay), mean_(size), square_(size) {}

    void step(std::span<float> parameters, std::span<const float> gradients, float learning_rate);

  private:
    float weight_decay_;
    std::vector<float> mean_, square_;
    int steps_ = 0;
};

/// Returns the global norm of the gradients, and scales them to at most `limit`; 0 for no limit.
double clip_norm(std::span<float> gradients, float limit);

} // namespace gatecast
