#include "core/control/loop.h"

#include <algorithm>
#include <utility>

#if defined(__linux__)
#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>
#endif

namespace gatecast {
namespace {

/// Longest sleep [s], because a sleeping thread does not notice that it is to stop.
constexpr double kLongestSleep = 0.01;
/// Nobody reads the actions if this many were sent over this long [s] and none was taken.
constexpr int kUntakenActions = 100;
constexpr double kUntakenTime = 1;

/// Asks the system to place this thread so; returns what it refused.
unsigned place(const Placement& placement) {
    unsigned refused = 0;
#if defined(__linux__)
    prctl(PR_SET_TIMERSLACK, 1UL); // by default each sleep of an ordinary thread may take 50 us longer
    if (placement.core >= 0) {
        cpu_set_t cores;
        CPU_ZERO(&cores);
        CPU_SET(placement.core, &cores);
        if (pthread_setaffinity_np(pthread_self(), sizeof cores, &cores) != 0) refused |= Loop::kCoreRefused;
    }
    if (placement.priority > 0) {
        const sched_param parameters = {.sched_priority = placement.priority};
        if (pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters) != 0) refused |= Loop::kPriorityRefused;
    }
#else
    if (placement.core >= 0) refused |= Loop::kCoreRefused;
    if (placement.priority > 0) refused |= Loop::kPriorityRefused;
#endif
    return refused;
}

} // namespace

Loop::Loop(LoopCycle cycle, Ring observations, Ring actions, Ring records, Placement placement)
    : cycle_(std::move(cycle)), observations_(observations), actions_(actions), records_(records),
      placement_(placement), incoming_(cycle_.observation_count()), observed_(cycle_.observation_count()),
      row_(kRecordWidth + cycle_.action_count()), thread_([this] { run(); }) {}

void Loop::stop() {
    if (!thread_.joinable()) return;
    stopping_ = true;
    thread_.join();
    tally_.close();
}

void Loop::run() {
    refused_ = place(placement_);
    taken_ = steady_now();
    send(cycle_.start());
    while (!stopping_) {
        const double now = steady_now(), due = cycle_.due();
        if (now < due) {
            steady_sleep_until(std::min(due, now + kLongestSleep));
        } else {
            run_cycle();
        }
    }
    send(cycle_.stop());
}

void Loop::run_cycle() {
    double at;
    if (observations_.take_newest(at, incoming_)) {
        std::swap(incoming_, observed_);
        newest_ = {.at = at, .values = observed_};
        seen_ = true;
    }
    const std::span<const double> action = cycle_.decide(seen_ ? &newest_ : nullptr);
    send(action);
    const CycleRecord& cycle = cycle_.finish(read());
    tally_.add(cycle);
    record(cycle, action);
}

/// Sends an action with the time of sending; an empty one is not sent
void Loop::send(std::span<const double> action) {
    if (action.empty()) return;
    const double now = steady_now();
    ++untaken_;
    if (actions_.push(now, action)) {
        taken_ = now;
        untaken_ = 0;
    }
}

bool Loop::read() const {
    return untaken_ <= kUntakenActions || steady_now() - taken_ <= kUntakenTime;
}

void Loop::record(const CycleRecord& cycle, std::span<const double> action) {
    const double numbers[kRecordWidth] = {
        static_cast<double>(recorded_++),
        static_cast<double>(cycle.seq),
        static_cast<double>(cycle.missed),
        cycle.event,
        cycle.in,
        cycle.out,
        cycle.iterations,
        static_cast<double>(cycle.reason),
        static_cast<double>(cycle.source),
        static_cast<double>(cycle.status),
        cycle.deadline_met ? 1.0 : 0.0,
        cycle.limited ? 1.0 : 0.0,
        static_cast<double>(refused_),
        static_cast<double>(cycle.flags),
    };
    std::ranges::copy(action, std::ranges::copy(numbers, row_.begin()).out);
    records_.push(cycle.due, row_);
}

} // namespace gatecast
