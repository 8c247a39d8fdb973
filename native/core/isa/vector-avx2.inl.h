// Eight lanes in one register. The meaning of each function is in vector-scalar.inl.h.
constexpr int kLanes = 8, kSumRegisters = 12, kLinearBlocks = 3;

using Vector = __m256;

GATECAST_INLINE Vector load(const float* p) {
    return _mm256_loadu_ps(p);
}
GATECAST_INLINE void hold(Vector& a) {
#if defined(__GNUC__)
    asm("" : "+x"(a));
#endif
}
GATECAST_INLINE Vector load_some(const float* p, int count) {
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_maskload_ps(p, _mm256_cmpgt_epi32(_mm256_set1_epi32(count), lane));
}
GATECAST_INLINE void store(float* p, Vector a) {
    _mm256_storeu_ps(p, a);
}
GATECAST_INLINE Vector broadcast(float x) {
    return _mm256_set1_ps(x);
}
GATECAST_INLINE Vector add(Vector a, Vector b) {
    return _mm256_add_ps(a, b);
}
GATECAST_INLINE Vector sub(Vector a, Vector b) {
    return _mm256_sub_ps(a, b);
}
GATECAST_INLINE Vector mul(Vector a, Vector b) {
    return _mm256_mul_ps(a, b);
}
GATECAST_INLINE Vector div(Vector a, Vector b) {
    return _mm256_div_ps(a, b);
}
GATECAST_INLINE Vector fma(Vector a, Vector b, Vector c) {
    return _mm256_fmadd_ps(a, b, c);
}
GATECAST_INLINE Vector fnma(Vector a, Vector b, Vector c) {
    return _mm256_fnmadd_ps(a, b, c);
}
GATECAST_INLINE Vector min(Vector a, Vector b) {
    return _mm256_min_ps(a, b);
}
GATECAST_INLINE Vector max(Vector a, Vector b) {
    return _mm256_max_ps(a, b);
}
GATECAST_INLINE Vector abs(Vector a) {
    return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a);
}
GATECAST_INLINE Vector copy_sign(Vector a, Vector b) {
    const __m256 sign = _mm256_set1_ps(-0.0f);
    return _mm256_or_ps(_mm256_andnot_ps(sign, a), _mm256_and_ps(sign, b));
}
GATECAST_INLINE Vector scale(Vector a, Vector n_in_low_bits) {
    const __m256i exponent = _mm256_slli_epi32(_mm256_castps_si256(n_in_low_bits), 23);
    return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(a), exponent));
}

using Four = __m256; // in each half

GATECAST_INLINE Four load_four(const float* p) {
    return _mm256_broadcast_ps(reinterpret_cast<const __m128*>(p));
}
template <int Index>
GATECAST_INLINE Vector one_of(Four a) {
    return _mm256_permute_ps(a, Index * 0x55);
}

GATECAST_INLINE Vector high_half(Vector a) {
    return _mm256_and_ps(a, _mm256_castsi256_ps(_mm256_set1_epi32(static_cast<int>(0xffff0000u))));
}
GATECAST_INLINE Vector low_half(Vector a) {
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_castps_si256(a), 16));
}
GATECAST_INLINE Vector dot_bf16(Vector sum, Vector a, Vector b) {
    return fma(low_half(a), low_half(b), fma(high_half(a), high_half(b), sum));
}
GATECAST_INLINE void store_bf16(float* words, Vector a) {
    const __m256i word = _mm256_castps_si256(a);
    const __m256i odd = _mm256_and_si256(_mm256_srli_epi32(word, 16), _mm256_set1_epi32(1));
    const __m256i rounded = _mm256_add_epi32(word, _mm256_add_epi32(odd, _mm256_set1_epi32(0x7fff)));
    const __m256i half = _mm256_srli_epi32(rounded, 16);
    const __m128i packed = _mm_packus_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
    _mm_storeu_ps(words, _mm_castsi128_ps(packed));
}

using Integers = __m256i;

GATECAST_INLINE Integers zero_integers() {
    return _mm256_setzero_si256();
}
GATECAST_INLINE Integers load_integers(const float* p) {
    return _mm256_castps_si256(_mm256_loadu_ps(p));
}
GATECAST_INLINE Integers add_integers(Integers a, Integers b) {
    return _mm256_add_epi32(a, b);
}
GATECAST_INLINE Vector to_float(Integers a) {
    return _mm256_cvtepi32_ps(a);
}
/// By way of 16 bits: the byte product of AVX2 saturates.
GATECAST_INLINE Integers dot_bytes(Integers sum, Vector a, Vector b) {
    const __m256i x = _mm256_castps_si256(a), y = _mm256_castps_si256(b);
    const __m256i even =
        _mm256_madd_epi16(_mm256_srai_epi16(_mm256_slli_epi16(x, 8), 8), _mm256_and_si256(y, _mm256_set1_epi16(0xff)));
    const __m256i odd = _mm256_madd_epi16(_mm256_srai_epi16(x, 8), _mm256_srli_epi16(y, 8));
    return _mm256_add_epi32(sum, _mm256_add_epi32(even, odd));
}
GATECAST_INLINE void store_bytes(float* words, Vector a) {
    const __m256i whole = _mm256_cvtps_epi32(a);
    const __m128i halves = _mm_packs_epi32(_mm256_castsi256_si128(whole), _mm256_extracti128_si256(whole, 1));
    const __m128i bytes = _mm_xor_si128(_mm_packs_epi16(halves, halves), _mm_set1_epi8(-128));
    _mm_storel_pi(reinterpret_cast<__m64*>(words), _mm_castsi128_ps(bytes));
}
