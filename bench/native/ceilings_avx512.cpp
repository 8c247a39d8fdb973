#include <cstddef>
#include <cstdint>
#include <string>

#include "native/ceilings.h"
#include "native/clock.h"

#if defined(__x86_64__)

#include <immintrin.h>

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw")
#endif

namespace gatecast::bench {
namespace {

using Bits = __m512i;
using Floats = __m512;
constexpr std::size_t kVector = 64;
constexpr int kChains = 16;

inline void touch(const void* p) {
    asm volatile("vmovdqa64 %0, %%zmm0" : : "m"(*static_cast<const Bits*>(p)) : "xmm0");
}
inline Floats broadcast(float value) {
    return _mm512_set1_ps(value);
}
inline Floats fma(Floats a, Floats b, Floats c) {
    return _mm512_fmadd_ps(a, b, c);
}

#include "native/ceilings_body.inl.h"

// The dot products as assembly: around the intrinsics g++ 12 copies and spills accumulators.
double bf16_peak(long count) {
    volatile short factor = 0x3f00; // 0.5
    const Bits a = _mm512_set1_epi16(factor);
    chain(broadcast(0.5f), count, [=](Floats sum) {
        asm("vdpbf16ps %1, %1, %0" : "+v"(sum) : "v"(a));
        return sum;
    });
    return 2.0 * count * kChains * 32;
}

double int8_peak(long count) {
    volatile char factor = 3;
    const Bits a = _mm512_set1_epi8(factor);
    chain(a, count, [=](Bits sum) {
        asm("vpdpbusd %1, %1, %0" : "+v"(sum) : "v"(a));
        return sum;
    });
    return 2.0 * count * kChains * 64;
}

} // namespace
} // namespace gatecast::bench

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

namespace gatecast::bench {

const Ceilings* avx512_ceilings() {
    if (!__builtin_cpu_supports("avx512f")) return nullptr;
    static const Ceilings table{"avx512", read, f32_peak, __builtin_cpu_supports("avx512bf16") ? bf16_peak : nullptr,
                                __builtin_cpu_supports("avx512vnni") ? int8_peak : nullptr};
    return &table;
}

} // namespace gatecast::bench

#else

namespace gatecast::bench {
const Ceilings* avx512_ceilings() {
    return nullptr;
}
} // namespace gatecast::bench

#endif
