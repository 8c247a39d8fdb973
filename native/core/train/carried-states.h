#pragma once

#include <cstddef>
#include <vector>

#include "core/network/network.h"

namespace gatecast {

/// The states in which the windows of a batch ended, for windows of the next one to go on from.
struct CarriedStates {
    CarriedStates() = default;
    /// Zero states
    CarriedStates(const NetworkSpec& spec, std::size_t windows);

    /// Window `b` takes over the state of the window of `before` that ended just before this row, if there is one.
    /// Precondition: both are of this network.
    void take_over(const NetworkSpec& spec, std::size_t b, const CarriedStates& before, int row);

    std::vector<int> ends;   ///< the row after each window
    std::vector<int> ages;   ///< steps since the zero state
    std::vector<float> h, c; ///< as of set_first_state: [cells][windows][R] and [cells][windows][H]
};

} // namespace gatecast
