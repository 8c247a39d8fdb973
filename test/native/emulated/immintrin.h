// Stands before the compiler's <immintrin.h> when native/core/isa/avx512.cpp is built with EMULATED_AVX512: SIMDe gives
// each AVX-512 intrinsic the same meaning with AVX2 and FMA, so that the unit's logic runs on machines without AVX-512.
#pragma once

#include_next <immintrin.h>

#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/avx512.h>
#include <simde/x86/fma.h>

// SIMDe 0.7.4 lacks this one.
static inline simde__m512i emulated_mm512_cvtps_epi32(simde__m512 a) {
    simde__m512_private from = simde__m512_to_private(a);
    simde__m512i_private to;
    for (int i = 0; i < 2; ++i) to.m256i[i] = simde_mm256_cvtps_epi32(from.m256[i]);
    return simde__m512i_from_private(to);
}
#define _mm512_cvtps_epi32 emulated_mm512_cvtps_epi32

// Without the instructions themselves: the unit is compiled for AVX2 and FMA by the build.
#undef GATECAST_TARGET_BEGIN
#undef GATECAST_TARGET_END
#define GATECAST_TARGET_BEGIN(features)
#define GATECAST_TARGET_END
