#pragma once

#include <chrono>

#if defined(__linux__)
#include <cerrno>
#include <cmath>
#include <cstdint>
#include <ctime>
#else
#include <thread>
#endif

namespace gatecast {

/// Returns the present time [s]; never goes back.
using Clock = double (*)();

/// The machine's steady clock (CLOCK_MONOTONIC on Linux), which does not move when the time of day is set
inline double steady_now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Sleeps until a time, not for a duration, so that delays do not add up.
inline void steady_sleep_until(double time) {
#if defined(__linux__)
    const auto nanoseconds = static_cast<std::int64_t>(std::ceil(time * 1e9));
    const timespec until = {.tv_sec = static_cast<time_t>(nanoseconds / 1'000'000'000),
                            .tv_nsec = static_cast<long>(nanoseconds % 1'000'000'000)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) == EINTR) {
    }
#else
    const std::chrono::duration<double> since_start(time);
    std::this_thread::sleep_until(std::chrono::steady_clock::time_point(
        std::chrono::duration_cast<std::chrono::steady_clock::duration>(since_start)));
#endif
}

} // namespace gatecast
