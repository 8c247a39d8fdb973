#include <cstddef>
#include <cstdint>
#include <string>

#include "native/ceilings.h"
#include "native/clock.h"

#if defined(__x86_64__)

#include <immintrin.h>

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni,avx512bf16"))),               \
                             apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512vnni,avx512bf16")
#endif

namespace gatecast::bench {
namespace {

using Bits = __m512i;
using Floats = __m512;
constexpr int kChains = 24;

inline Bits load(const void* p) {
    return _mm512_load_si512(p);
}
inline Bits fold(Bits a, Bits b) {
    return _mm512_or_si512(a, b);
}
inline Floats broadcast(float value) {
    return _mm512_set1_ps(value);
}
inline Floats fma(Floats a, Floats b, Floats c) {
    return _mm512_fmadd_ps(a, b, c);
}

#include "native/ceilings_body.inl.h"

double bf16_peak(long count) {
    volatile float factor = 0.5f;
    const __m512bh a = _mm512_cvtne2ps_pbh(broadcast(factor), broadcast(factor));
    chain(broadcast(factor), count, [=](Floats sum) { return _mm512_dpbf16_ps(sum, a, a); });
    return 2.0 * count * kChains * 32;
}

double int8_peak(long count) {
    volatile char factor = 3;
    const Bits a = _mm512_set1_epi8(factor);
    chain(a, count, [=](Bits sum) { return _mm512_dpbusd_epi32(sum, a, a); });
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
