#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>
#include <vector>

namespace gatecast {

constexpr int kMaxThreads = 64; ///< of a pool

/// Threads that share the parts of one job. They spin for the next job for a while and then sleep, because waking a
/// sleeping thread takes longer than many a job. A pool serves one job at a time; its owner calls it from one thread.
class Pool {
  public:
    /// For jobs that come now and then
    static constexpr std::chrono::microseconds kBriefly{50};
    /// For jobs that follow one another for long. A thread that sleeps between them is often woken on the core of the
    /// thread that calls, and waits there for its turn: two threads were then no faster than one.
    static constexpr std::chrono::microseconds kLong{1000};

    /// The caller's thread and `threads` - 1 more, which run on return, and spin for `look_out` before they sleep.
    /// Precondition: 1 <= threads <= kMaxThreads.
    explicit Pool(int threads, std::chrono::microseconds look_out = kBriefly);
    ~Pool();
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    int threads() const { return static_cast<int>(workers_.size()) + 1; }

    /// Calls job(part) for every part in [0, parts), some on other threads, and returns when all are done. The job must
    /// not throw. No allocation.
    template <class Job>
    void run(int parts, Job& job) {
        run(
            parts, [](void* context, int part) { (*static_cast<Job*>(context))(part); }, &job);
    }

  private:
    using Call = void (*)(void*, int);

    void run(int parts, Call call, void* context);
    void work();
    /// Takes parts until none is left; the lock is held at the call and on return.
    void take_parts(std::unique_lock<std::mutex>& lock);

    std::chrono::microseconds look_out_;
    std::mutex mutex_;
    std::condition_variable begun_, done_;
    Call call_ = nullptr;
    void* context_ = nullptr;
    int parts_ = 0, next_ = 0; ///< guarded by mutex_, as are call_, context_ and started_
    std::size_t started_ = 0;  ///< workers that run
    std::atomic<int> unfinished_ = 0;
    std::atomic<unsigned> jobs_ = 0; ///< how many jobs have begun
    std::atomic<bool> stopping_ = false;
    std::vector<std::thread> workers_;
};

} // namespace gatecast
