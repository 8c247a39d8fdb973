#pragma once

#include <functional>
#include <string>
#include <vector>

#include "native/options.h"

namespace gatecast::bench {

/// Does one thing `count` times in a row.
using Work = std::function<void(long count)>;

struct Contender {
    std::string name;
    Work work;
    bool leaves_spinning =
        false; ///< its threads spin for a while afterwards; the next contender waits until they sleep
};

struct Timing {
    double ns = 0;     ///< median over the rounds, per call
    double spread = 0; ///< median absolute deviation, in % of the median
};

/// Measures in rounds in which every contender has its turn, so that a disturbance of the machine affects all of them.
/// The order changes from round to round. Nobody starts with cold caches: each is run a little before its clock starts.
std::vector<Timing> measure(const std::vector<Contender>& contenders, const Options& options);

double median(std::vector<double> values);

} // namespace gatecast::bench
