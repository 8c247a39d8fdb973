#pragma once

#include <string>
#include <vector>

namespace gatecast::bench {

/// What the command line asks for.
struct Options {
    std::vector<std::string> trials; ///< empty: all
    bool quick = false;              ///< few short rounds: shows that everything works, not how fast it is
    bool about = false;              ///< only say what this program is
    std::string isa;                 ///< empty: the best this machine has
};

} // namespace gatecast::bench
