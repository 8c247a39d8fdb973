#pragma once

#include <atomic>
#include <memory>
#include <thread>

#include "core/gatecast.h"

/// A pool whose threads have all started, because a test must not count what a thread allocates at its start.
inline std::shared_ptr<gatecast::Pool> started_pool(int threads) {
    const auto pool = std::make_shared<gatecast::Pool>(threads);
    std::atomic<int> begun = 0;
    auto part = [&](int) {
        ++begun;
        while (begun < pool->threads()) std::this_thread::yield();
    };
    pool->run(pool->threads(), part);
    return pool;
}
