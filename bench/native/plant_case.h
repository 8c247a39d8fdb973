// Shared by the trials of roll-outs and plans: a plant, and what they are compared with.
#pragma once

#include <functional>
#include <memory>

#include "core/gatecast.h"
#include "native/measure.h"
#include "native/record.h"

namespace gatecast::bench {

constexpr int kActions = 3; ///< the last inputs of a plant's network; those before are its outputs

struct PlantShape {
    int samples, steps; ///< plans, and the steps of each
    NetworkSpec spec;
};

/// All shapes of a trial, in each cell and precision
void for_each_plant(const std::string& trial, const std::function<void(const PlantShape&, Precision)>& compare);

/// A plant on its network's own scale
Dynamics dynamics_of(const NetworkSpec& spec);

/// Only the step of a network's first cell, for as many rows as `samples` plans have, as often as they have steps.
Work kernel_alone(const std::shared_ptr<const Network>& network, int samples, int steps);

/// 1 and, if the machine has them, 2
int most_threads();

/// With several threads, compared with one thread; with one, compared with the kernel alone
Record plant_record(const std::string& trial, const PlantShape& shape, Precision precision, const Kernels& kernels,
                    int threads);

} // namespace gatecast::bench
