#pragma once

#include <algorithm>
#include <limits>
#include <span>
#include <vector>

#include "core/control/loop-rules.h"

namespace gatecast {

/// Watches one loop for its flags, as lib/control/cycle-flags.ts does, which explains them. Only create allocates.
class Signs {
  public:
    static constexpr unsigned kSaturated = 1, kConstant = 2, kFrozen = 4;

    explicit Signs(const LoopRules& rules)
        : limits_(rules.limits), low_(limits_.size()), high_(limits_.size()), values_(rules.inputs.size()),
          decided_(limits_.size()) {}

    /// Takes a usable observation.
    void observed(double at, std::span<const double> values) {
        moved_ = seen_ && !std::ranges::equal(values, values_);
        if (moved_) {
            frozen_ = 0;
        } else if (at > at_ || !seen_) {
            frozen_ = std::min(frozen_ + 1, kCycles);
        }
        at_ = at;
        seen_ = true;
        std::ranges::copy(values, values_.begin());
    }

    /// Takes the controller's usable answer to it.
    void decided(std::span<const double> action) {
        if (!answered_ || !std::ranges::equal(action, decided_)) {
            constant_ = 0;
        } else if (moved_) {
            constant_ = std::min(constant_ + 1, kCycles);
        }
        answered_ = true;
        std::ranges::copy(action, decided_.begin());
    }

    /// Takes the action that was sent.
    void sent(std::span<const double> action) {
        saturated_ = false;
        for (std::size_t a = 0; a < action.size(); ++a) {
            const bool free = limits_[a].min < limits_[a].max;
            count(low_[a], free && action[a] == limits_[a].min);
            count(high_[a], free && action[a] == limits_[a].max);
            saturated_ |= low_[a] == kCycles || high_[a] == kCycles;
        }
    }

    unsigned flags() const {
        return (saturated_ ? kSaturated : 0) | (constant_ == kCycles ? kConstant : 0) |
               (frozen_ == kCycles ? kFrozen : 0);
    }

  private:
    static constexpr int kCycles = 100; ///< cycles in a row that raise a flag

    static void count(int& times, bool again) { times = again ? std::min(times + 1, kCycles) : 0; }

    std::vector<LoopRules::Limits> limits_;
    std::vector<int> low_, high_; ///< for each value of an action, how often in a row it was at that bound
    std::vector<double> values_, decided_;
    double at_ = 0;
    bool seen_ = false, answered_ = false, moved_ = false, saturated_ = false;
    int constant_ = 0, frozen_ = 0;
};

} // namespace gatecast
