// Sigmoid and tanh. Both stay inside [0, 1] and [-1, 1] and turn even NaN into a number of that range, so that sums
// that overflow cannot spoil a state. Errors against float64 are measured in test/native.

/// e^-y as 2^n (1 + p)
struct Exponential {
    Vector n_in_low_bits, p;
};

/// For |y| <= 86. -y = n ln 2 - r with n whole and |r| <= ln(2) / 2; ln 2 in two parts (Cody and Waite). Adding 1.5 *
/// 2^23 rounds to a whole number and leaves it in the low bits, where `scale` takes it from. Then p = e^-r - 1 by the
/// degree-6 polynomial of Cephes' expf (Moshier, 1989), to about one unit in the last place; even and odd powers are
/// summed side by side, because a single step waits for this chain.
GATECAST_INLINE Exponential exp_of_minus(Vector y) {
    const Vector bias = broadcast(12582912.0f);
    const Vector low_bits = fma(y, broadcast(-1.44269504088896341f), bias);
    const Vector n = sub(low_bits, bias);
    const Vector r = fma(n, broadcast(-2.12194440e-4f), fma(n, broadcast(0.693359375f), y));
    const Vector r2 = mul(r, r);
    Vector even = fma(broadcast(1.3981999507e-3f), r2, broadcast(4.1665795894e-2f));
    Vector odd = fma(broadcast(-1.9875691500e-4f), r2, broadcast(-8.3334519073e-3f));
    odd = fma(odd, r2, broadcast(-1.6666665459e-1f));
    even = fma(even, r2, broadcast(5.0000001201e-1f));
    return {low_bits, sub(mul(fma(odd, r, even), r2), r)};
}

/// 1 + e^-x, below 2^125. Beyond 86, 1 / (1 + e^-x) is 0 or 1 to within 1e-37.
GATECAST_INLINE Vector one_plus_exp(Vector x) {
    const Vector one = broadcast(1.0f);
    const Exponential e = exp_of_minus(max(min(x, broadcast(86.0f)), broadcast(-86.0f)));
    return add(one, scale(add(one, e.p), e.n_in_low_bits));
}

/// 1 / (1 + e^-x)
GATECAST_INLINE Vector sigmoid(Vector x) {
    return div(broadcast(1.0f), one_plus_exp(x));
}

/// |tanh x| = -m / (2 + m) with m = e^-2|x| - 1: no cancellation near 0. From 10 on it is 1 in float.
GATECAST_INLINE Vector exp_minus_one(Vector x) {
    const Exponential e = exp_of_minus(mul(min(abs(x), broadcast(10.0f)), broadcast(2.0f)));
    const Vector power = scale(broadcast(1.0f), e.n_in_low_bits);
    return fma(power, e.p, sub(power, broadcast(1.0f)));
}

GATECAST_INLINE Vector tanh(Vector x) {
    const Vector m = exp_minus_one(x);
    return copy_sign(div(m, add(broadcast(2.0f), m)), x);
}
