// Sixteen lanes in plain C++: the reference for the meaning of the other vocabularies.
constexpr int kLanes = 16;       ///< a divisor of 16
constexpr int kSumRegisters = 1; ///< vectors of sums that stay in registers, beside weights and values
constexpr int kLinearBlocks = 1; ///< vectors of rows in a panel of a linear map

struct Vector {
    float lane[kLanes];
};

template <class F>
GATECAST_INLINE Vector map(F f) {
    Vector out;
    for (int i = 0; i < kLanes; ++i) out.lane[i] = f(i);
    return out;
}

GATECAST_INLINE Vector load(const float* p) {
    return map([&](int i) { return p[i]; });
}
/// Keeps a loaded vector in registers: compilers tend to load it again for every use.
GATECAST_INLINE void hold(Vector&) {}
/// Loads the first `count` values; the rest is zero
GATECAST_INLINE Vector load_some(const float* p, int count) {
    return map([&](int i) { return i < count ? p[i] : 0.0f; });
}
GATECAST_INLINE void store(float* p, Vector a) {
    for (int i = 0; i < kLanes; ++i) p[i] = a.lane[i];
}
GATECAST_INLINE Vector broadcast(float x) {
    return map([&](int) { return x; });
}
GATECAST_INLINE Vector add(Vector a, Vector b) {
    return map([&](int i) { return a.lane[i] + b.lane[i]; });
}
GATECAST_INLINE Vector sub(Vector a, Vector b) {
    return map([&](int i) { return a.lane[i] - b.lane[i]; });
}
GATECAST_INLINE Vector mul(Vector a, Vector b) {
    return map([&](int i) { return a.lane[i] * b.lane[i]; });
}
GATECAST_INLINE Vector div(Vector a, Vector b) {
    return map([&](int i) { return a.lane[i] / b.lane[i]; });
}
/// a * b + c, rounded once or twice, depending on the machine
GATECAST_INLINE Vector fma(Vector a, Vector b, Vector c) {
    return map([&](int i) { return a.lane[i] * b.lane[i] + c.lane[i]; });
}
/// c - a * b
GATECAST_INLINE Vector fnma(Vector a, Vector b, Vector c) {
    return map([&](int i) { return c.lane[i] - a.lane[i] * b.lane[i]; });
}
/// The smaller; b if a is not a number
GATECAST_INLINE Vector min(Vector a, Vector b) {
    return map([&](int i) { return a.lane[i] < b.lane[i] ? a.lane[i] : b.lane[i]; });
}
/// The larger; b if a is not a number
GATECAST_INLINE Vector max(Vector a, Vector b) {
    return map([&](int i) { return a.lane[i] > b.lane[i] ? a.lane[i] : b.lane[i]; });
}
GATECAST_INLINE Vector abs(Vector a) {
    return map([&](int i) { return std::fabs(a.lane[i]); });
}
/// a with the sign of b
GATECAST_INLINE Vector copy_sign(Vector a, Vector b) {
    return map([&](int i) { return std::copysign(a.lane[i], b.lane[i]); });
}
/// a * 2^n; n stands in the low bits of its lane, below nine zeros or ones that shifting by 23 drops
GATECAST_INLINE Vector scale(Vector a, Vector n_in_low_bits) {
    return map([&](int i) {
        std::uint32_t bits, n;
        std::memcpy(&bits, &a.lane[i], sizeof bits);
        std::memcpy(&n, &n_in_low_bits.lane[i], sizeof n);
        bits += n << 23;
        float out;
        std::memcpy(&out, &bits, sizeof out);
        return out;
    });
}

/// Four values, of which one_of<Index> broadcasts one: cheaper than four broadcasts if loads are scarce
struct Four {
    float value[4];
};

GATECAST_INLINE Four load_four(const float* p) {
    return {p[0], p[1], p[2], p[3]};
}
template <int Index>
GATECAST_INLINE Vector one_of(Four a) {
    return broadcast(a.value[Index]);
}

// Words: the 32 bits of a lane hold two bfloat16 or four bytes, the lower column in the lower bits.

struct Integers {
    std::int32_t lane[kLanes];
};

GATECAST_INLINE std::uint32_t word_of(float lane) {
    std::uint32_t word;
    std::memcpy(&word, &lane, sizeof word);
    return word;
}
GATECAST_INLINE float float_of(std::uint32_t word) {
    float lane;
    std::memcpy(&lane, &word, sizeof lane);
    return lane;
}
/// sum + the products of both halves; each is exact in float
GATECAST_INLINE Vector dot_bf16(Vector sum, Vector a, Vector b) {
    return map([&](int i) {
        const std::uint32_t x = word_of(a.lane[i]), y = word_of(b.lane[i]);
        const float odd = sum.lane[i] + float_of(x & 0xffff0000u) * float_of(y & 0xffff0000u);
        return odd + float_of(x << 16) * float_of(y << 16);
    });
}
/// Rounds to the nearest, ties to even; a fills half as many words as it has lanes
GATECAST_INLINE void store_bf16(float* words, Vector a) {
    for (int i = 0; i < kLanes; i += 2) {
        std::uint32_t half[2];
        for (int k = 0; k < 2; ++k) {
            const std::uint32_t word = word_of(a.lane[i + k]);
            half[k] = (word + 0x7fffu + ((word >> 16) & 1)) >> 16;
        }
        words[i / 2] = float_of(half[0] | half[1] << 16);
    }
}
GATECAST_INLINE Integers zero_integers() {
    return {};
}
GATECAST_INLINE Integers load_integers(const float* p) {
    Integers out;
    std::memcpy(out.lane, p, sizeof out.lane);
    return out;
}
GATECAST_INLINE Integers add_integers(Integers a, Integers b) {
    for (int i = 0; i < kLanes; ++i) a.lane[i] += b.lane[i];
    return a;
}
GATECAST_INLINE Vector to_float(Integers a) {
    return map([&](int i) { return static_cast<float>(a.lane[i]); });
}
/// sum + the products of the four bytes; those of a are signed, those of b unsigned
GATECAST_INLINE Integers dot_bytes(Integers sum, Vector a, Vector b) {
    for (int i = 0; i < kLanes; ++i) {
        const std::uint32_t x = word_of(a.lane[i]), y = word_of(b.lane[i]);
        for (int shift = 0; shift < 32; shift += 8) {
            sum.lane[i] += static_cast<std::int8_t>(x >> shift & 0xff) * static_cast<int>(y >> shift & 0xff);
        }
    }
    return sum;
}
/// Rounds to the nearest, ties to even, saturates to [-128, 127] and adds 128; a fills a quarter as many words as it
/// has lanes
GATECAST_INLINE void store_bytes(float* words, Vector a) {
    const Vector cut = max(min(a, broadcast(127.0f)), broadcast(-128.0f));
    for (int i = 0; i < kLanes; i += 4) {
        std::uint32_t word = 0;
        for (int k = 0; k < 4; ++k) {
            const float rounded = (cut.lane[i + k] + 12582912.0f) - 12582912.0f; // leaves no bits for a fraction
            word |= static_cast<std::uint32_t>(rounded + 128.0f) << 8 * k;
        }
        words[i / 4] = float_of(word);
    }
}
