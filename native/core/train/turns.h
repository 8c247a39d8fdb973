#pragma once

#include <atomic>
#include <cstdint>

#include "core/denormals.h"
#include "core/pool.h"

namespace gatecast {

/// Calls job(thread, turn) for each of `count` turns. Each thread has turns of its own, the same in every call for as
/// many, and takes them before those that others have left: what another core has written arrives slowly. The pool may
/// be null for one thread. The job must not throw; it runs with FlushDenormals. No allocation.
template <class Job>
void take_turns(Pool* pool, int count, Job&& job) {
    struct Range {
        std::atomic<int> next;
        int end;
    };
    const int threads = pool != nullptr ? pool->threads() : 1;
    Range own[kMaxThreads];
    for (int k = 0; k < threads; ++k) {
        own[k].next = static_cast<int>(std::int64_t{count} * k / threads);
        own[k].end = static_cast<int>(std::int64_t{count} * (k + 1) / threads);
    }
    auto part = [&](int thread) {
        const FlushDenormals flush;
        for (int k = 0; k < threads; ++k) {
            Range& range = own[(thread + k) % threads];
            for (int turn = range.next++; turn < range.end; turn = range.next++) job(thread, turn);
        }
    };
    if (threads > 1) {
        pool->run(threads, part);
    } else {
        part(0);
    }
}

} // namespace gatecast
