#pragma once

#include <memory>
#include <vector>

#include "kernel_list.h"
#include "sequences.h"

/// Models of a plant for tests of planners: random weights, the same for the same seed. Inputs 1 and 3 are the actions.
inline gatecast::Plant make_plant(unsigned seed, gatecast::Cell cell = gatecast::Cell::gru) {
    const gatecast::NetworkSpec spec{.cell = cell, .input_size = 5, .hidden_size = 12, .head_size = 3};
    return {
        make_network(spec, *kernels_here().front(), random_parameters(spec, seed)),
        {
            .outputs = {4, 0, 2},
            .mean = {3, -1, 0.25, 1, -7},
            .deviation = {0.5, 2, 10, 3, 1.5},
            .anchor = true,
            .limit = 1e24f,
        },
    };
}

/// For each plant a state that has taken some samples
class Origin {
  public:
    explicit Origin(const std::vector<gatecast::Plant>& plants) {
        for (const gatecast::Plant& plant : plants) {
            states_.emplace_back(plant.network);
            std::vector<float> y(states_.back().output_size());
            for (int t = 0; t < 5; ++t) states_.back().step(0, random_values(5, 40 + t).data(), y.data());
            outputs_.insert(outputs_.end(), {-6.5, 3.25, 1.75});
        }
    }

    gatecast::PlanOrigin get() const { return {states_, 0, outputs_}; }
    std::vector<gatecast::States>& states() { return states_; }

  private:
    std::vector<gatecast::States> states_;
    std::vector<double> outputs_;
};
