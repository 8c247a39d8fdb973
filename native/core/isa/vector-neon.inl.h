// Sixteen lanes in four registers. The meaning of each function is in vector-scalar.inl.h.
struct Vector {
    float32x4_t quarter[4];
};

template <class F>
GATECAST_INLINE Vector map(F f) {
    return {{f(0), f(1), f(2), f(3)}};
}

GATECAST_INLINE Vector load(const float* p) {
    return map([&](int i) { return vld1q_f32(p + 4 * i); });
}
GATECAST_INLINE void store(float* p, Vector a) {
    for (int i = 0; i < 4; ++i) vst1q_f32(p + 4 * i, a.quarter[i]);
}
GATECAST_INLINE Vector broadcast(float x) {
    return map([&](int) { return vdupq_n_f32(x); });
}
GATECAST_INLINE Vector add(Vector a, Vector b) {
    return map([&](int i) { return vaddq_f32(a.quarter[i], b.quarter[i]); });
}
GATECAST_INLINE Vector sub(Vector a, Vector b) {
    return map([&](int i) { return vsubq_f32(a.quarter[i], b.quarter[i]); });
}
GATECAST_INLINE Vector mul(Vector a, Vector b) {
    return map([&](int i) { return vmulq_f32(a.quarter[i], b.quarter[i]); });
}
GATECAST_INLINE Vector div(Vector a, Vector b) {
    return map([&](int i) { return vdivq_f32(a.quarter[i], b.quarter[i]); });
}
GATECAST_INLINE Vector fma(Vector a, Vector b, Vector c) {
    return map([&](int i) { return vfmaq_f32(c.quarter[i], a.quarter[i], b.quarter[i]); });
}
GATECAST_INLINE Vector fnma(Vector a, Vector b, Vector c) {
    return map([&](int i) { return vfmsq_f32(c.quarter[i], a.quarter[i], b.quarter[i]); });
}
GATECAST_INLINE Vector min(Vector a, Vector b) {
    return map([&](int i) { return vminnmq_f32(a.quarter[i], b.quarter[i]); });
}
GATECAST_INLINE Vector max(Vector a, Vector b) {
    return map([&](int i) { return vmaxnmq_f32(a.quarter[i], b.quarter[i]); });
}
GATECAST_INLINE Vector abs(Vector a) {
    return map([&](int i) { return vabsq_f32(a.quarter[i]); });
}
GATECAST_INLINE Vector copy_sign(Vector a, Vector b) {
    const uint32x4_t sign = vdupq_n_u32(0x80000000u);
    return map([&](int i) { return vbslq_f32(sign, b.quarter[i], a.quarter[i]); });
}
GATECAST_INLINE Vector where_less(Vector a, Vector b, Vector x, Vector y) {
    return map([&](int i) { return vbslq_f32(vcltq_f32(a.quarter[i], b.quarter[i]), x.quarter[i], y.quarter[i]); });
}
GATECAST_INLINE Vector round(Vector a) {
    return map([&](int i) { return vrndnq_f32(a.quarter[i]); });
}
GATECAST_INLINE Vector scale(Vector a, Vector n) {
    return map([&](int i) {
        const int32x4_t exponent = vshlq_n_s32(vcvtq_s32_f32(n.quarter[i]), 23);
        return vreinterpretq_f32_s32(vaddq_s32(vreinterpretq_s32_f32(a.quarter[i]), exponent));
    });
}
