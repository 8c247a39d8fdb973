// What roll-outs and plans are measured beside.
#pragma once

#include <memory>

#include "core/gatecast.h"
#include "native/measure.h"

namespace gatecast::bench {

/// The step of a network's first cell for as many rows as `samples` plans have, as often as they have steps, and
/// nothing else.
Work kernel_alone(const std::shared_ptr<const Network>& network, int samples, int steps);

} // namespace gatecast::bench
