#pragma once

#include <algorithm>

namespace gatecast {

/// Rows of a batch that go through all steps together: their vectors stay in the cache between two steps. Of several
/// threads each has some turns where there are rows enough: one that comes late leaves its turns to the others. Weights
/// that are read for fewer rows than kFewRows cost more than the wait.
inline int group_size(int rows, int threads) {
    constexpr int kRows = 64, kFewRows = 16, kTurns = 2;
    const int share = (rows + kTurns * threads - 1) / (kTurns * threads);
    return std::min(threads > 1 ? std::clamp(share, kFewRows, kRows) : kRows, rows);
}

} // namespace gatecast
