// Time for intervals as short as one step: the time-stamp counter if there is one, else the steady clock.
#pragma once

#include <chrono>
#include <cstdint>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace gatecast::bench {

inline std::uint64_t now_ns() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

/// Ticks of a counter that runs evenly. The fence keeps earlier instructions out of the interval that follows.
inline std::uint64_t ticks() {
#if defined(__x86_64__)
    _mm_lfence();
    return __rdtsc();
#else
    return now_ns();
#endif
}

/// Nanoseconds per tick, measured once.
double ns_per_tick();

/// Makes the compiler believe that `value` and all memory are read, so that computing them is not dead code.
template <class Value>
inline void keep(const Value& value) {
    asm volatile("" : : "g"(&value) : "memory");
}

} // namespace gatecast::bench
