// Sixteen lanes in plain C++: what the other vocabularies mean.
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
/// a * b + c; rounded once or twice, as the machine has it
GATECAST_INLINE Vector fma(Vector a, Vector b, Vector c) {
    return map([&](int i) { return a.lane[i] * b.lane[i] + c.lane[i]; });
}
/// c - a * b
GATECAST_INLINE Vector fnma(Vector a, Vector b, Vector c) {
    return map([&](int i) { return c.lane[i] - a.lane[i] * b.lane[i]; });
}
/// The smaller; b where a is not a number
GATECAST_INLINE Vector min(Vector a, Vector b) {
    return map([&](int i) { return a.lane[i] < b.lane[i] ? a.lane[i] : b.lane[i]; });
}
/// The larger; b where a is not a number
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
/// a < b ? x : y
GATECAST_INLINE Vector where_less(Vector a, Vector b, Vector x, Vector y) {
    return map([&](int i) { return a.lane[i] < b.lane[i] ? x.lane[i] : y.lane[i]; });
}
/// The nearest whole number; |a| < 2^22
GATECAST_INLINE Vector round(Vector a) {
    // Adding 1.5 * 2^23 leaves no bits for a fraction.
    return map([&](int i) { return (a.lane[i] + 12582912.0f) - 12582912.0f; });
}
/// a * 2^n; n whole, a and the result normal
GATECAST_INLINE Vector scale(Vector a, Vector n) {
    return map([&](int i) {
        std::int32_t bits;
        std::memcpy(&bits, &a.lane[i], sizeof bits);
        bits += static_cast<std::int32_t>(n.lane[i]) * (1 << 23);
        float out;
        std::memcpy(&out, &bits, sizeof out);
        return out;
    });
}
