// Stands before the compiler's <immintrin.h> when native/core/isa/avx512.cpp and the units beside it are built with
// EMULATED_AVX512: SIMDe gives each AVX-512 intrinsic the same meaning with AVX2 and FMA, so that the unit's logic runs
// on machines without AVX-512.
#pragma once

#include_next <immintrin.h>

#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/avx512.h>
#include <simde/x86/fma.h>

// SIMDe 0.7.4 lacks these.
static inline simde__m512i emulated_mm512_cvtps_epi32(simde__m512 a) {
    simde__m512_private from = simde__m512_to_private(a);
    simde__m512i_private to;
    for (int i = 0; i < 2; ++i) to.m256i[i] = simde_mm256_cvtps_epi32(from.m256[i]);
    return simde__m512i_from_private(to);
}
#define _mm512_cvtps_epi32 emulated_mm512_cvtps_epi32

static inline simde__m512 emulated_mm512_cvtepi32_ps(simde__m512i a) {
    simde__m512i_private from = simde__m512i_to_private(a);
    simde__m512_private to;
    for (int i = 0; i < 16; ++i) to.f32[i] = static_cast<float>(from.i32[i]);
    return simde__m512_from_private(to);
}
#define _mm512_cvtepi32_ps emulated_mm512_cvtepi32_ps

static inline simde__m512 emulated_mm512_maskz_loadu_ps(simde__mmask16 mask, const float* p) {
    simde__m512_private to;
    for (int i = 0; i < 16; ++i) to.f32[i] = (mask >> i & 1) != 0 ? p[i] : 0.0f;
    return simde__m512_from_private(to);
}
#define _mm512_maskz_loadu_ps emulated_mm512_maskz_loadu_ps

static inline simde__m512 emulated_mm512_permute_ps(simde__m512 a, int control) {
    simde__m512_private from = simde__m512_to_private(a), to;
    for (int i = 0; i < 16; ++i) to.f32[i] = from.f32[i / 4 * 4 + (control >> 2 * (i % 4) & 3)];
    return simde__m512_from_private(to);
}
#define _mm512_permute_ps emulated_mm512_permute_ps

static inline simde__m256bh emulated_mm512_cvtneps_pbh(simde__m512 a) {
    simde__m512i_private from = simde__m512i_to_private(simde_mm512_castps_si512(a));
    simde__m256i_private to;
    for (int i = 0; i < 16; ++i) {
        const unsigned word = from.u32[i];
        to.u16[i] = static_cast<unsigned short>((word + 0x7fff + (word >> 16 & 1)) >> 16);
    }
    const simde__m256i words = simde__m256i_from_private(to);
    return *reinterpret_cast<const simde__m256bh*>(&words);
}
#define _mm512_cvtneps_pbh emulated_mm512_cvtneps_pbh

// Without the instructions themselves: the unit is compiled for AVX2 and FMA by the build.
#define GATECAST_EMULATED 1
#undef GATECAST_TARGET_BEGIN
#undef GATECAST_TARGET_END
#define GATECAST_TARGET_BEGIN(features)
#define GATECAST_TARGET_END
