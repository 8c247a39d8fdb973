#pragma once

#include <limits>
#include <memory>
#include <vector>

#include "core/control/controller.h"
#include "core/network/dense.h"
#include "core/network/states.h"

namespace gatecast {

/// How observations become what a network reads, when its memory is cleared, and how its numbers become an action.
struct PolicyForm {
    /// Of each observation; the network reads (value - mean) / deviation, cut off at +-clip
    std::vector<double> mean, deviation;
    double clip;
    double limit; ///< what the network cannot take: nothing is decided from a value that would be larger
    int signal; ///< index of the value that clears the memory, or -1. Beyond the observations: a value of its own, last
    bool cleared_by_zero; ///< the signal clears where it is 0, else where it is not
    double reset_after;   ///< a longer time between two observations clears the memory, too [s]
    bool squash;          ///< the head's numbers pass tanh
    /// Of each action: offset + scale * number, kept within [low, high]
    std::vector<double> scale, offset, low, high;
};

/// A recurrent policy: its normaliser, its network with the memory of one run, its head and its actions.
class PolicyController final : public Controller {
  public:
    /// Precondition: the network is not bidirectional and has a head, which is what `head` takes; an observation for
    /// each of its inputs, an action for each number that `head` gives; all finite, deviations positive, low <= high.
    PolicyController(std::shared_ptr<const Network> network, DenseLayers head, PolicyForm form);

    int observation_count() const override;
    int action_count() const override { return static_cast<int>(form_.scale.size()); }
    void reset() override;

    /// One step of the network; asks for nothing but the values and their time, which may be NaN: not known. Where a
    /// value is not finite, or larger than the network can take, `action` and the memory stay as they were, but the
    /// signal clears it all the same.
    Answer decide(const Situation& situation, std::span<double> action) override;

  private:
    bool signalled(std::span<const double> values) const;
    bool normalise(std::span<const double> values);

    PolicyForm form_;
    States states_;
    DenseLayers head_;
    std::vector<float> x_;
    AlignedBuffer y_;
    double last_ = std::numeric_limits<double>::quiet_NaN(); ///< when the memory took its newest observation [s]
};

} // namespace gatecast
