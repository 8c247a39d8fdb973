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
    bool leaves_spinning = false; ///< its threads spin on for a while; the next has to wait until they sleep
};

struct Timing {
    double ns = 0;     ///< median over the rounds, of one time
    double spread = 0; ///< median absolute deviation, in % of the median
};

/// Rounds in which every contender has its turn, so that what disturbs the machine disturbs all of them. The first of a
/// round changes from round to round. Nobody's caches are cold: each is run a little before its clock starts.
std::vector<Timing> measure(const std::vector<Contender>& contenders, const Options& options);

double median(std::vector<double> values);

} // namespace gatecast::bench
