#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "core/control/controller.h"

namespace gatecast {

/// The actions that were sent last, oldest first. Each is stored twice, `capacity` rows apart, so that the last ones
/// are always contiguous.
class SentActions {
  public:
    SentActions(std::size_t capacity, std::size_t values)
        : capacity_(capacity), width_(values), values_(capacity * values), rows_(2 * capacity) {}

    /// Precondition: it takes effect no earlier than those before. No allocation.
    void add(double effect, std::span<const double> action) {
        const std::size_t row = count_++ % capacity_;
        const std::span values(values_.data() + row * width_, width_);
        std::ranges::copy(action, values.begin());
        rows_[row] = rows_[row + capacity_] = {.effect = effect, .values = values};
    }

    /// The action in effect at `time`, if still known, and all later ones
    std::span<const SentAction> since(double time) const {
        const std::size_t known = std::min(count_, capacity_);
        const std::size_t end = count_ <= capacity_ ? count_ : (count_ - 1) % capacity_ + 1 + capacity_;
        const std::span all = std::span(rows_).subspan(end - known, known);
        const auto later =
            std::ranges::partition_point(all, [time](const SentAction& sent) { return sent.effect <= time; });
        return {later == all.begin() ? later : later - 1, all.end()};
    }

  private:
    std::size_t capacity_, width_, count_ = 0;
    std::vector<double> values_;
    std::vector<SentAction> rows_;
};

} // namespace gatecast
