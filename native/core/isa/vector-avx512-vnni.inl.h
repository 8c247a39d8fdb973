// The products of bytes that vector-avx512.inl.h lacks. The meaning of each function is in vector-scalar.inl.h.
using Integers = __m512i;

GATECAST_INLINE Integers zero_integers() {
    return _mm512_setzero_si512();
}
GATECAST_INLINE Integers load_integers(const float* p) {
    return _mm512_loadu_si512(p);
}
GATECAST_INLINE Integers add_integers(Integers a, Integers b) {
    return _mm512_add_epi32(a, b);
}
GATECAST_INLINE Vector to_float(Integers a) {
    return _mm512_cvtepi32_ps(a);
}
GATECAST_INLINE Integers dot_bytes(Integers sum, Vector a, Vector b) {
    return _mm512_dpbusd_epi32(sum, _mm512_castps_si512(b), _mm512_castps_si512(a));
}
GATECAST_INLINE void store_bytes(float* words, Vector a) {
    const __m128i bytes = _mm512_cvtsepi32_epi8(_mm512_cvtps_epi32(a));
    _mm_storeu_ps(words, _mm_castsi128_ps(_mm_xor_si128(bytes, _mm_set1_epi8(-128))));
}
