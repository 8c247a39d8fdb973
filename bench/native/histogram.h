#pragma once

#include <cstdint>
#include <vector>

namespace gatecast::bench {

/// Counts many short times in ticks. It touches only the bins in use, so that counting does not drive the weights out
/// of a cache, as a list of all times would.
class Histogram {
  public:
    Histogram();

    void add(std::uint64_t ticks) {
        ++counts_[ticks < counts_.size() ? ticks : counts_.size() - 1];
        if (ticks > largest_) largest_ = ticks;
    }

    double count() const;
    /// Nanoseconds, less the time of reading the clock.
    double quantile(double share) const;
    double largest() const;

  private:
    double ns(std::uint64_t ticks) const;

    std::vector<std::uint32_t> counts_;
    std::uint64_t largest_ = 0;
};

} // namespace gatecast::bench
