#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "core/control/loop-rules.h"

namespace gatecast {

/// Counts of times in float64 numbers, in the layout of lib/metrics/histogram.ts: how many, their sum, the longest,
/// then the buckets. Below 128 ns each nanosecond has a bucket; above, each power of two is divided into 64.
class TimeCounts {
  public:
    static constexpr std::size_t kFirst = 3, kSize = kFirst + 48 * 64;

    explicit TimeCounts(std::span<double> numbers) : numbers_(numbers) {}

    /// Records a time, truncated to whole nanoseconds from 0 to 2^53 - 1.
    void add(double seconds) {
        const double ns = std::clamp(std::floor(seconds * 1e9), 0.0, 9007199254740991.0);
        numbers_[0] += 1;
        numbers_[1] += ns;
        numbers_[2] = std::max(numbers_[2], ns);
        numbers_[kFirst + bucket_of(static_cast<std::uint64_t>(ns))] += 1;
    }

  private:
    static std::size_t bucket_of(std::uint64_t ns) {
        if (ns < 128) return ns;
        const int octave = std::bit_width(ns) - 7; // 0 for 64 to 127 ns
        return octave * 64 + (ns >> octave);
    }

    std::span<double> numbers_;
};

/// Sums over the cycles of a loop. One thread adds, another takes the sums away, and neither waits: there are two sets,
/// and the adding thread leaves the one to be taken at its next cycle.
class Tally {
  public:
    /// Places of the counts, then of the numbers of period, jitter, age and compute
    static constexpr std::size_t kCycles = 0, kSkipped = 1, kLate = 2, kFallbacks = 3, kTimes = 4;
    static constexpr std::size_t kSize = kTimes + 4 * TimeCounts::kSize;

    Tally() : sets_{std::vector<double>(kSize), std::vector<double>(kSize)} {}

    /// No allocation.
    void add(const CycleRecord& cycle) {
        const int used = wanted_.load(std::memory_order_acquire);
        used_.store(used, std::memory_order_release);
        std::vector<double>& set = sets_[used];
        set[kCycles] += 1;
        set[kSkipped] += static_cast<double>(cycle.missed);
        if (!cycle.deadline_met) set[kLate] += 1;
        if (cycle.source != ActionSource::model) set[kFallbacks] += 1;
        if (!std::isnan(last_in_)) times(set, 0).add(cycle.in - last_in_);
        last_in_ = cycle.in;
        times(set, 1).add(cycle.in - cycle.due);
        if (!std::isnan(cycle.event)) times(set, 2).add(cycle.in - cycle.event);
        if (!std::isnan(cycle.compute)) times(set, 3).add(cycle.compute);
    }

    /// Moves the set that is not in use to `to` [kSize], and asks for the other. False if there is nothing to take yet.
    bool take(std::span<double> to) {
        const int wanted = wanted_.load(std::memory_order_relaxed);
        if (!closed_ && used_.load(std::memory_order_acquire) != wanted) return false;
        std::vector<double>& set = sets_[1 - wanted];
        std::ranges::copy(set, to.begin());
        std::ranges::fill(set, 0);
        wanted_.store(1 - wanted, std::memory_order_release);
        return true;
    }

    /// Nothing is added any more, as the taking thread knows: two calls of `take` get the rest.
    void close() { closed_ = true; }

  private:
    static TimeCounts times(std::vector<double>& set, std::size_t index) {
        return TimeCounts(std::span(set).subspan(kTimes + index * TimeCounts::kSize, TimeCounts::kSize));
    }

    std::array<std::vector<double>, 2> sets_;
    std::atomic<int> wanted_ = 0, used_ = 0; ///< the set to add to, and the set that was last added to
    bool closed_ = false;
    double last_in_ = std::numeric_limits<double>::quiet_NaN();
};

} // namespace gatecast
