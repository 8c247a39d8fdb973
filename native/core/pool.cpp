#include "core/pool.h"

namespace gatecast {
namespace {

constexpr int kLooksAtTheClock = 64; ///< how many looks for a job per look at the clock, which takes longer

void pause() {
#if defined(__x86_64__) || defined(_M_X64)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("isb");
#endif
}

/// Returns when `ready` is true or after that time.
template <class Ready>
void look_out(std::chrono::microseconds time, Ready ready) {
    const auto end = std::chrono::steady_clock::now() + time;
    for (int look = 1; !ready(); ++look) {
        if (look % kLooksAtTheClock == 0 && std::chrono::steady_clock::now() > end) return;
        pause();
    }
}

} // namespace

Pool::Pool(int threads, std::chrono::microseconds look_out) : look_out_(look_out) {
    try {
        for (int k = 1; k < threads; ++k) workers_.emplace_back([this] { work(); });
    } catch (const std::exception&) {
        // If the system gives no more threads, the pool is smaller.
    }
    // A thread may allocate while it starts, under a sanitizer for example; a job must find it past that.
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return started_ == workers_.size(); });
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
    ++jobs_;
    if (parts > 1) begun_.notify_all();
    take_parts(lock);
    lock.unlock();
    look_out(look_out_, [this] { return unfinished_ == 0; });
    lock.lock();
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
    ++started_;
    done_.notify_one();
    while (true) {
        const unsigned seen = jobs_;
        take_parts(lock);
        lock.unlock();
        const auto called = [&] { return jobs_ != seen || stopping_; };
        look_out(look_out_, called);
        lock.lock();
        begun_.wait(lock, called);
        if (stopping_) return;
    }
}

} // namespace gatecast
