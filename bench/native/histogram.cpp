#include "native/histogram.h"

#include <algorithm>

#include "native/clock.h"

namespace gatecast::bench {
namespace {

constexpr std::size_t kBins = 1 << 20;

/// Ticks between two readings of the clock with nothing between them; the least of many.
std::uint64_t empty_interval() {
    static const std::uint64_t least = [] {
        std::uint64_t found = ~std::uint64_t{0};
        for (int k = 0; k < 10'000; ++k) {
            const std::uint64_t start = ticks();
            found = std::min(found, ticks() - start);
        }
        return found;
    }();
    return least;
}

} // namespace

Histogram::Histogram() : counts_(kBins) {}

double Histogram::count() const {
    double sum = 0;
    for (std::uint32_t count : counts_) sum += count;
    return sum;
}

double Histogram::quantile(double share) const {
    const double wanted = share * count();
    double below = 0;
    for (std::size_t bin = 0; bin < counts_.size(); ++bin) {
        below += counts_[bin];
        if (below >= wanted) return ns(bin + 1 == counts_.size() ? largest_ : bin);
    }
    return largest();
}

double Histogram::largest() const {
    return ns(largest_);
}

double Histogram::ns(std::uint64_t ticks) const {
    const std::uint64_t empty = empty_interval();
    return ticks > empty ? static_cast<double>(ticks - empty) * ns_per_tick() : 0;
}

} // namespace gatecast::bench
