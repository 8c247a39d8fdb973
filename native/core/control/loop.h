#pragma once

#include <atomic>
#include <thread>
#include <vector>

#include "core/control/loop-cycle.h"
#include "core/control/ring.h"
#include "core/control/tally.h"

namespace gatecast {

/// What to ask of the system for a thread
struct Placement {
    int core = -1;    ///< the only core it may run on; -1 for any
    int priority = 0; ///< real-time priority, from 1; 0 for none
};

/// Runs a LoopCycle on a thread of its own, which waits for nothing but the clock. It takes the newest observation,
/// writes the action and a record of the cycle, and neither allocates nor takes a lock.
class Loop {
  public:
    /// Bits for what the system refused
    static constexpr unsigned kCoreRefused = 1, kPriorityRefused = 2;
    /// Numbers of a record before the action: how many records there were before it, seq, missed, event, in, out,
    /// iterations, reason, source, status, whether the deadline was met, whether the limits changed the action, what
    /// was refused, the flags. The time of its row is when the cycle was due.
    static constexpr int kRecordWidth = 14;

    /// Starts at once. Precondition: the widths of the rings are those of observations, of actions, and kRecordWidth
    /// more than that of actions; their memory outlives this. Throws std::system_error if there is no thread.
    Loop(LoopCycle cycle, Ring observations, Ring actions, Ring records, Placement placement);
    /// Stops the loop first.
    ~Loop() { stop(); }
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    /// Lets the present cycle end, gives the stop action, and returns when the thread has ended; this takes a cycle, or
    /// some 10 ms. A second call does nothing. Call it, like `tally`, on the thread that made this.
    void stop();

    Tally& tally() { return tally_; }

  private:
    void run();
    void run_cycle();
    void send(std::span<const double> action);
    bool read() const;
    void record(const CycleRecord& cycle, std::span<const double> action);

    LoopCycle cycle_;
    Ring observations_, actions_, records_;
    Placement placement_;
    unsigned refused_ = 0;
    Tally tally_;
    std::vector<double> incoming_, observed_, row_;
    Observed newest_{};
    std::int64_t recorded_ = 0;
    bool seen_ = false; ///< whether there ever was an observation
    double taken_ = 0;  ///< when actions were last taken [s], and how many were sent since
    int untaken_ = 0;
    std::atomic<bool> stopping_ = false;
    std::thread thread_; ///< last: it uses all of the others
};

} // namespace gatecast
