// The loops, written once. The including file must have defined, in an anonymous namespace:
//   kVector, touch(p)                    the bytes of a vector; loads one from memory and does nothing with it
//   Floats, broadcast(f), fma(a, b, c)   a vector of floats
//   kChains                              accumulators that fit into the registers beside two operands
// and, for chain() over other dot products, what to repeat.

constexpr std::size_t kBlock = 8 * kVector;

// Bare loads: adding the loaded values to accumulators cost 3 to 17% within L1.
inline void read(const void* data, std::size_t bytes, long passes, bool alternate) {
    const char* bottom = static_cast<const char*>(data);
    const std::size_t blocks = bytes / kBlock * kBlock;
    for (long pass = 0; pass < passes; ++pass) {
        if (alternate && pass % 2 == 1) {
            for (std::size_t at = bytes; at > blocks; at -= kVector) touch(bottom + at - kVector);
            for (std::size_t at = blocks; at > 0; at -= kBlock) {
#pragma GCC unroll 8
                for (int k = 7; k >= 0; --k) touch(bottom + at - kBlock + k * kVector);
            }
        } else {
            for (std::size_t at = 0; at < blocks; at += kBlock) {
#pragma GCC unroll 8
                for (int k = 0; k < 8; ++k) touch(bottom + at + k * kVector);
            }
            for (std::size_t at = blocks; at < bytes; at += kVector) touch(bottom + at);
        }
    }
}

/// `count` rounds of acc = next(acc) in kChains independent chains.
template <class Accumulator, class Next>
inline void chain(Accumulator start, long count, Next next) {
    Accumulator chains[kChains];
    for (int k = 0; k < kChains; ++k) chains[k] = start;
    for (long i = 0; i < count; ++i) {
#pragma GCC unroll 32
        for (int k = 0; k < kChains; ++k) chains[k] = next(chains[k]);
    }
    keep(chains);
}

inline double f32_peak(long count) {
    volatile float factor = 0.5f; // not known when compiling
    const Floats a = broadcast(factor), b = broadcast(factor);
    chain(broadcast(factor), count, [=](Floats sum) { return fma(a, b, sum); });
    return 2.0 * count * kChains * (sizeof(Floats) / sizeof(float));
}
