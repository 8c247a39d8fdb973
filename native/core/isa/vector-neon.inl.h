// Eight lanes in two registers. The meaning of each function is in vector-scalar.inl.h.
constexpr int kLanes = 8, kSumRegisters = 12, kLinearBlocks = 3;

struct Vector {
    float32x4_t half[2];
};

template <class F>
GATECAST_INLINE Vector map(F f) {
    return {{f(0), f(1)}};
}

GATECAST_INLINE Vector load(const float* p) {
    return map([&](int i) { return vld1q_f32(p + 4 * i); });
}
GATECAST_INLINE void hold(Vector& a) {
    for (int i = 0; i < 2; ++i) asm("" : "+w"(a.half[i]));
}
GATECAST_INLINE Vector load_some(const float* p, int count) {
    float lanes[kLanes] = {};
    for (int i = 0; i < count; ++i) lanes[i] = p[i];
    return load(lanes);
}
GATECAST_INLINE void store(float* p, Vector a) {
    for (int i = 0; i < 2; ++i) vst1q_f32(p + 4 * i, a.half[i]);
}
GATECAST_INLINE Vector broadcast(float x) {
    return map([&](int) { return vdupq_n_f32(x); });
}
GATECAST_INLINE Vector add(Vector a, Vector b) {
    return map([&](int i) { return vaddq_f32(a.half[i], b.half[i]); });
}
GATECAST_INLINE Vector sub(Vector a, Vector b) {
    return map([&](int i) { return vsubq_f32(a.half[i], b.half[i]); });
}
GATECAST_INLINE Vector mul(Vector a, Vector b) {
    return map([&](int i) { return vmulq_f32(a.half[i], b.half[i]); });
}
GATECAST_INLINE Vector div(Vector a, Vector b) {
    return map([&](int i) { return vdivq_f32(a.half[i], b.half[i]); });
}
GATECAST_INLINE Vector fma(Vector a, Vector b, Vector c) {
    return map([&](int i) { return vfmaq_f32(c.half[i], a.half[i], b.half[i]); });
}
GATECAST_INLINE Vector fnma(Vector a, Vector b, Vector c) {
    return map([&](int i) { return vfmsq_f32(c.half[i], a.half[i], b.half[i]); });
}
GATECAST_INLINE Vector min(Vector a, Vector b) {
    return map([&](int i) { return vminnmq_f32(a.half[i], b.half[i]); });
}
GATECAST_INLINE Vector max(Vector a, Vector b) {
    return map([&](int i) { return vmaxnmq_f32(a.half[i], b.half[i]); });
}
GATECAST_INLINE Vector abs(Vector a) {
    return map([&](int i) { return vabsq_f32(a.half[i]); });
}
GATECAST_INLINE Vector copy_sign(Vector a, Vector b) {
    const uint32x4_t sign = vdupq_n_u32(0x80000000u);
    return map([&](int i) { return vbslq_f32(sign, b.half[i], a.half[i]); });
}
GATECAST_INLINE Vector scale(Vector a, Vector n_in_low_bits) {
    return map([&](int i) {
        const int32x4_t exponent = vshlq_n_s32(vreinterpretq_s32_f32(n_in_low_bits.half[i]), 23);
        return vreinterpretq_f32_s32(vaddq_s32(vreinterpretq_s32_f32(a.half[i]), exponent));
    });
}

using Four = float32x4_t;

GATECAST_INLINE Four load_four(const float* p) {
    return vld1q_f32(p);
}
template <int Index>
GATECAST_INLINE Vector one_of(Four a) {
    return map([&](int) { return vdupq_laneq_f32(a, Index); });
}

GATECAST_INLINE uint32x4_t words_of(float32x4_t a) {
    return vreinterpretq_u32_f32(a);
}
GATECAST_INLINE Vector dot_bf16(Vector sum, Vector a, Vector b) {
    return map([&](int i) {
        const uint32x4_t x = words_of(a.half[i]), y = words_of(b.half[i]), high = vdupq_n_u32(0xffff0000u);
        const float32x4_t odd = vfmaq_f32(sum.half[i], vreinterpretq_f32_u32(vandq_u32(x, high)),
                                          vreinterpretq_f32_u32(vandq_u32(y, high)));
        return vfmaq_f32(odd, vreinterpretq_f32_u32(vshlq_n_u32(x, 16)), vreinterpretq_f32_u32(vshlq_n_u32(y, 16)));
    });
}
GATECAST_INLINE void store_bf16(float* words, Vector a) {
    uint16x4_t half[2];
    for (int i = 0; i < 2; ++i) {
        const uint32x4_t word = words_of(a.half[i]);
        const uint32x4_t odd = vandq_u32(vshrq_n_u32(word, 16), vdupq_n_u32(1));
        half[i] = vshrn_n_u32(vaddq_u32(word, vaddq_u32(odd, vdupq_n_u32(0x7fff))), 16);
    }
    vst1q_f32(words, vreinterpretq_f32_u16(vcombine_u16(half[0], half[1])));
}

struct Integers {
    int32x4_t half[2];
};

GATECAST_INLINE Integers zero_integers() {
    return {{vdupq_n_s32(0), vdupq_n_s32(0)}};
}
GATECAST_INLINE Integers load_integers(const float* p) {
    return {{vreinterpretq_s32_f32(vld1q_f32(p)), vreinterpretq_s32_f32(vld1q_f32(p + 4))}};
}
GATECAST_INLINE Integers add_integers(Integers a, Integers b) {
    return {{vaddq_s32(a.half[0], b.half[0]), vaddq_s32(a.half[1], b.half[1])}};
}
GATECAST_INLINE Vector to_float(Integers a) {
    return map([&](int i) { return vcvtq_f32_s32(a.half[i]); });
}
/// By way of 16 bits: the dot product of bytes is not in every 64-bit ARM.
GATECAST_INLINE int32x4_t dot_bytes_half(int32x4_t sum, float32x4_t a, float32x4_t b) {
    const int8x16_t x = vreinterpretq_s8_f32(a);
    const uint8x16_t y = vreinterpretq_u8_f32(b);
    // |product| <= 127 * 255 fits 16 bits.
    const int16x8_t low = vmulq_s16(vmovl_s8(vget_low_s8(x)), vreinterpretq_s16_u16(vmovl_u8(vget_low_u8(y))));
    const int16x8_t high = vmulq_s16(vmovl_s8(vget_high_s8(x)), vreinterpretq_s16_u16(vmovl_u8(vget_high_u8(y))));
    return vaddq_s32(sum, vpaddq_s32(vpaddlq_s16(low), vpaddlq_s16(high)));
}
GATECAST_INLINE Integers dot_bytes(Integers sum, Vector a, Vector b) {
    return {{dot_bytes_half(sum.half[0], a.half[0], b.half[0]), dot_bytes_half(sum.half[1], a.half[1], b.half[1])}};
}
GATECAST_INLINE void store_bytes(float* words, Vector a) {
    const int16x4_t low = vqmovn_s32(vcvtnq_s32_f32(a.half[0])), high = vqmovn_s32(vcvtnq_s32_f32(a.half[1]));
    const uint8x8_t bytes = vreinterpret_u8_s8(vqmovn_s16(vcombine_s16(low, high)));
    vst1_f32(words, vreinterpret_f32_u8(veor_u8(bytes, vdup_n_u8(128))));
}
