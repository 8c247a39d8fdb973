#pragma once

#include "core/control/belief.h"
#include "core/control/controller.h"
#include "core/control/planner.h"

namespace gatecast {

/// A controller that plans. It follows the plant from observation to observation, predicts from the actions under way
/// what the plant will be when the next action takes effect, and plans from there. So late observations and slow
/// actuators are handled alike.
class PlannerController : public Controller {
  public:
    /// Preconditions: those of Planner and Belief. With `compensate` false it plans as if the action took effect at the
    /// observation.
    PlannerController(const std::vector<Plant>& plants, Cost cost, std::vector<ActionLimits> limits,
                      PlannerOptions options, double interval, bool compensate, const std::shared_ptr<Pool>& pool);

    int observation_count() const override { return static_cast<int>(belief_.output_count()); }
    int action_count() const override { return static_cast<int>(belief_.action_count()); }
    void reset() override;
    /// Measures how long plans take, before the first plan. Allocates.
    void measure() { planner_.measure({belief_.states(), belief_.slot(), belief_.outputs()}); }
    Answer decide(const Situation& situation, std::span<double> action) override;

    Planner& planner() { return planner_; }

  private:
    Belief belief_;
    Planner planner_;
    bool compensate_;
    long planned_ = 0; ///< the first step of the last plan
};

} // namespace gatecast
