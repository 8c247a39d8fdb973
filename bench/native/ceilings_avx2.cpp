#include <cstddef>
#include <cstdint>
#include <string>

#include "native/ceilings.h"
#include "native/clock.h"

#if defined(__x86_64__)

#include <immintrin.h>

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#endif

namespace gatecast::bench {
namespace {

using Bits = __m256i;
using Floats = __m256;
constexpr std::size_t kVector = 32;
constexpr int kChains = 12;

inline void touch(const void* p) {
    asm volatile("vmovdqa %0, %%ymm0" : : "m"(*static_cast<const Bits*>(p)) : "xmm0");
}
inline Floats broadcast(float value) {
    return _mm256_set1_ps(value);
}
inline Floats fma(Floats a, Floats b, Floats c) {
    return _mm256_fmadd_ps(a, b, c);
}

#include "native/ceilings_body.inl.h"

// Without VNNI: bytes to words, words to sums, and an addition.
double int8_peak(long count) {
    volatile char factor = 3;
    volatile short one = 1;
    const Bits a = _mm256_set1_epi8(factor), ones = _mm256_set1_epi16(one);
    chain(a, count, [=](Bits sum) {
        // Depends on the sum; otherwise the compiler would compute the product only once.
        const Bits words = _mm256_maddubs_epi16(_mm256_or_si256(sum, a), a);
        return _mm256_add_epi32(sum, _mm256_madd_epi16(words, ones));
    });
    return 2.0 * count * kChains * 32;
}

} // namespace
} // namespace gatecast::bench

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

namespace gatecast::bench {

const Ceilings* avx2_ceilings() {
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return nullptr;
    static const Ceilings table{"avx2", read, f32_peak, nullptr, int8_peak};
    return &table;
}

} // namespace gatecast::bench

#else

namespace gatecast::bench {
const Ceilings* avx2_ceilings() {
    return nullptr;
}
} // namespace gatecast::bench

#endif
