// What trials of roll-outs and plans have in common: a plant, and what they are measured beside.
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

/// The step of a network's first cell for as many rows as `samples` plans have, as often as they have steps, and
/// nothing else.
Work kernel_alone(const std::shared_ptr<const Network>& network, int samples, int steps);

/// 1 and, on a machine that has them, 2
int most_threads();

/// Of `threads` threads, with the kernel alone for a rival, or with one thread
Record plant_record(const std::string& trial, const PlantShape& shape, Precision precision, const Kernels& kernels,
                    int threads);

} // namespace gatecast::bench
