#pragma once

#include <vector>

#include "core/control/controller.h"

namespace gatecast {

/// u = -K (x - r), in float64, for example a linear-quadratic regulator. It has no memory.
class LinearController : public Controller {
  public:
    /// Precondition: `gain` is [actions][states] and `reference` [states], both finite and not empty.
    LinearController(std::vector<double> gain, std::vector<double> reference);

    int observation_count() const override { return static_cast<int>(reference_.size()); }
    int action_count() const override { return static_cast<int>(gain_.size() / reference_.size()); }
    void reset() override {}
    Answer decide(const Situation& situation, std::span<double> action) override;

  private:
    std::vector<double> gain_, reference_;
};

} // namespace gatecast
