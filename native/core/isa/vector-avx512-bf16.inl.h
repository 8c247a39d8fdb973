// The products of bfloat16 that vector-avx512.inl.h lacks. The meaning of each function is in vector-scalar.inl.h.
GATECAST_INLINE Vector dot_bf16(Vector sum, Vector a, Vector b) {
    return _mm512_dpbf16_ps(sum, reinterpret_cast<__m512bh>(a), reinterpret_cast<__m512bh>(b));
}
GATECAST_INLINE void store_bf16(float* words, Vector a) {
    _mm256_storeu_ps(words, reinterpret_cast<__m256>(_mm512_cvtneps_pbh(a)));
}
