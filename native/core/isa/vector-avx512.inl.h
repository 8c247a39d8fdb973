// Sixteen lanes in one register. The meaning of each function is in vector-scalar.inl.h.
constexpr int kLanes = 16, kSumRegisters = 24, kLinearBlocks = 4;

using Vector = __m512;

GATECAST_INLINE Vector load(const float* p) {
    return _mm512_loadu_ps(p);
}
GATECAST_INLINE void hold(Vector& a) {
#if defined(__GNUC__) && !defined(GATECAST_EMULATED)
    asm("" : "+v"(a));
#endif
}
GATECAST_INLINE Vector load_some(const float* p, int count) {
    return _mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << count) - 1), p);
}
GATECAST_INLINE void store(float* p, Vector a) {
    _mm512_storeu_ps(p, a);
}
GATECAST_INLINE Vector broadcast(float x) {
    return _mm512_set1_ps(x);
}
GATECAST_INLINE Vector add(Vector a, Vector b) {
    return _mm512_add_ps(a, b);
}
GATECAST_INLINE Vector sub(Vector a, Vector b) {
    return _mm512_sub_ps(a, b);
}
GATECAST_INLINE Vector mul(Vector a, Vector b) {
    return _mm512_mul_ps(a, b);
}
GATECAST_INLINE Vector div(Vector a, Vector b) {
    return _mm512_div_ps(a, b);
}
GATECAST_INLINE Vector fma(Vector a, Vector b, Vector c) {
    return _mm512_fmadd_ps(a, b, c);
}
GATECAST_INLINE Vector fnma(Vector a, Vector b, Vector c) {
    return _mm512_fnmadd_ps(a, b, c);
}
GATECAST_INLINE Vector min(Vector a, Vector b) {
    return _mm512_min_ps(a, b);
}
GATECAST_INLINE Vector max(Vector a, Vector b) {
    return _mm512_max_ps(a, b);
}
GATECAST_INLINE Vector abs(Vector a) {
    return _mm512_andnot_ps(_mm512_set1_ps(-0.0f), a);
}
GATECAST_INLINE Vector copy_sign(Vector a, Vector b) {
    const __m512 sign = _mm512_set1_ps(-0.0f);
    return _mm512_or_ps(_mm512_andnot_ps(sign, a), _mm512_and_ps(sign, b));
}
GATECAST_INLINE Vector scale(Vector a, Vector n_in_low_bits) {
    const __m512i exponent = _mm512_slli_epi32(_mm512_castps_si512(n_in_low_bits), 23);
    return _mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(a), exponent));
}

using Four = __m512; // in each quarter

GATECAST_INLINE Four load_four(const float* p) {
    return _mm512_broadcast_f32x4(_mm_loadu_ps(p));
}
template <int Index>
GATECAST_INLINE Vector one_of(Four a) {
    return _mm512_permute_ps(a, Index * 0x55);
}
