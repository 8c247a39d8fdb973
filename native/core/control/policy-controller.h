#pragma once

#include <limits>
#include <memory>
#include <vector>

#include "core/control/controller.h"
#include "core/network/dense.h"
#include "core/network/states.h"

namespace gatecast {

/// How observations become the inputs of a network, when its memory is cleared, and how its outputs become an action.
struct PolicyForm {
    /// Per observation; the network reads (value - mean) / deviation, cut off at +-clip
    std::vector<double> mean, deviation;
    double clip;
    double limit; ///< largest input that the network can take; nothing is decided from a larger one
    int signal;   ///< index of the value that clears the memory, -1 for none. Beyond the observations: a further, last
                  ///< value
    bool cleared_by_zero; ///< the signal clears the memory when it is 0, otherwise when it is not
    double reset_after;   ///< a longer time between two observations clears the memory too [s]
    bool squash;          ///< the network's outputs pass through tanh
    /// Per action: offset + scale * output, kept within [low, high]
    std::vector<double> scale, offset, low, high;
};

/// A recurrent policy: its normaliser, its network with the memory of one run, its head and its actions.
class PolicyController final : public Controller {
  public:
    /// Precondition: the network has a head that reads the newest output alone and matches `head`; an observation for
    /// each of its inputs, an action for each output of `head`; all finite, deviations positive, low <= high.
    PolicyController(std::shared_ptr<const Network> network, DenseLayers head, PolicyForm form);

    int observation_count() const override;
    int action_count() const override { return static_cast<int>(form_.scale.size()); }
    void reset() override;

    /// One step of the network. Only the values and their time are used; the time may be NaN for not known. If a value
    /// is not finite, or larger than the network can take, `action` and the memory stay as they were, but the signal
    /// clears the memory all the same.
    Answer decide(const Situation& situation, std::span<double> action) override;

  private:
    bool signalled(std::span<const double> values) const;
    bool normalise(std::span<const double> values);

    PolicyForm form_;
    States states_;
    DenseLayers head_;
    std::vector<float> x_;
    AlignedBuffer y_;
    double last_ = std::numeric_limits<double>::quiet_NaN(); ///< time of the newest observation in the memory [s]
};

} // namespace gatecast
