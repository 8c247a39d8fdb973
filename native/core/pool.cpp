#include "core/pool.h"

namespace gatecast {

Pool::Pool(int threads) {
    try {
        for (int k = 1; k < threads; ++k) workers_.emplace_back([this] { work(); });
    } catch (const std::exception&) {
        // A system that gives no more threads leaves a smaller pool.
    }
}

Pool::~Pool() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    begun_.notify_all();
    for (std::thread& worker : workers_) worker.join();
}

void Pool::run(int parts, Call call, void* context) {
    std::unique_lock lock(mutex_);
    call_ = call;
    context_ = context;
    parts_ = unfinished_ = parts;
    next_ = 0;
    if (parts > 1) begun_.notify_all();
    take_parts(lock);
    done_.wait(lock, [this] { return unfinished_ == 0; });
}

void Pool::take_parts(std::unique_lock<std::mutex>& lock) {
    while (next_ < parts_) {
        const int part = next_++;
        lock.unlock();
        call_(context_, part);
        lock.lock();
        if (--unfinished_ == 0) done_.notify_one();
    }
}

void Pool::work() {
    std::unique_lock lock(mutex_);
    while (true) {
        begun_.wait(lock, [this] { return stopping_ || next_ < parts_; });
        if (stopping_) return;
        take_parts(lock);
    }
}

} // namespace gatecast
