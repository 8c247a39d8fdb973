#pragma once

#include <algorithm>
#include <atomic>

#include "core/pool.h"

namespace gatecast {

/// How many rows of a batch go through all steps together, so that their vectors stay in the cache between two steps.
/// If there are enough rows, each of several threads gets more than one turn, so that a slow thread leaves turns to the
/// others. A group has at least kFewRows rows, because reading the weights for fewer costs more than waiting.
inline int group_size(int rows, int threads) {
    constexpr int kRows = 64, kFewRows = 16, kTurns = 2;
    const int share = (rows + kTurns * threads - 1) / (kTurns * threads);
    return std::min(threads > 1 ? std::clamp(share, kFewRows, kRows) : kRows, rows);
}

/// The same for the windows of a batch in training: they stay in the hands of one thread for so long that fewer rows,
/// and one turn, serve better.
inline int training_group_size(int rows, int threads) {
    constexpr int kRows = 64, kFewRows = 4;
    return std::min(std::clamp((rows + threads - 1) / threads, kFewRows, kRows), rows);
}

/// Calls job(thread, first, count) for each group of up to `size` of the rows; each thread takes the next group until
/// none is left. The pool may be null for one thread. The job must not throw. No allocation.
template <class Job>
void share_groups(Pool* pool, int threads, int rows, int size, Job&& job) {
    std::atomic<int> next = 0; // first row of the next group
    auto part = [&](int thread) {
        for (int first = next.fetch_add(size); first < rows; first = next.fetch_add(size)) {
            job(thread, first, std::min(size, rows - first));
        }
    };
    if (threads > 1) {
        pool->run(threads, part);
    } else {
        part(0);
    }
}

} // namespace gatecast
