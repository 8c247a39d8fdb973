#include "native/clock.h"

namespace gatecast::bench {

double ns_per_tick() {
    static const double ratio = [] {
        const std::uint64_t start_ns = now_ns(), start = ticks();
        while (now_ns() - start_ns < 20'000'000) {
        }
        return static_cast<double>(now_ns() - start_ns) / static_cast<double>(ticks() - start);
    }();
    return ratio;
}

} // namespace gatecast::bench
