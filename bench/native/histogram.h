#pragma once

#include <cstdint>
#include <vector>

namespace gatecast::bench {

/// Many short times in ticks. Only the bins in use are touched, so counting does not drive the weights out of a cache
/// as a list of all times would.
class Histogram {
  public:
    Histogram();

    void add(std::uint64_t ticks) {
        ++counts_[ticks < counts_.size() ? ticks : counts_.size() - 1];
        if (ticks > largest_) largest_ = ticks;
    }

    double count() const;
    /// Nanoseconds, less what reading the clock takes.
    double quantile(double share) const;
    double largest() const;

  private:
    double ns(std::uint64_t ticks) const;

    std::vector<std::uint32_t> counts_;
    std::uint64_t largest_ = 0;
};

} // namespace gatecast::bench
