#pragma once

#include <cstdint>

#if defined(__x86_64__) || defined(_M_X64)
#include <xmmintrin.h>
#endif

namespace gatecast {

/// While it lives, numbers below 1.2e-38 count as zero on this thread; then the caller's mode is restored. Without it,
/// a decayed state would make a step many times slower.
class FlushDenormals {
  public:
    FlushDenormals() : mode_(read()) { write(mode_ | kFlush); }
    ~FlushDenormals() { write(mode_); }
    FlushDenormals(const FlushDenormals&) = delete;
    FlushDenormals& operator=(const FlushDenormals&) = delete;

  private:
#if defined(__x86_64__) || defined(_M_X64)
    using Mode = unsigned;
    static constexpr Mode kFlush = 0x8040; // flush-to-zero, denormals-are-zero
    static Mode read() {
        return _mm_getcsr();
    }
    static void write(Mode mode) {
        _mm_setcsr(mode);
    }
#elif defined(__aarch64__)
    using Mode = std::uint64_t;
    static constexpr Mode kFlush = 1u << 24; // FZ
    static Mode read() {
        Mode mode;
        asm volatile("mrs %0, fpcr" : "=r"(mode));
        return mode;
    }
    static void write(Mode mode) {
        asm volatile("msr fpcr, %0" : : "r"(mode));
    }
#else
    using Mode = unsigned;
    static constexpr Mode kFlush = 0;
    static Mode read() {
        return 0;
    }
    static void write(Mode) {}
#endif

    Mode mode_;
};

} // namespace gatecast
