// Sigmoid and tanh, and their gradients. Their values stay within [0, 1] and [-1, 1], even for NaN, so that a sum that
// overflows cannot spoil a state. Errors against float64 are measured in test/native. A single step waits for this
// chain of instructions twice, so the chain is short, even if that takes more instructions.

/// e^-y as power + power * r * q, so that the caller can choose what to add to power
struct Exponential {
    Vector power, power_r, q;
};

/// For |y| <= 86. -y log2(e) = n + r with n whole and |r| <= 1/2: adding 1.5 * 2^23 rounds to n and leaves it in the
/// low bits, where `scale` reads it. The product is not rounded before n is subtracted. The error of log2(e) in float
/// moves y by 1e-8 of itself, which does not matter to either function where it bends. Then 2^r - 1 = r q(r), where q
/// is the polynomial of degree 5 with the least relative error (1.1e-8), found by iterated reweighted least squares.
template <int Twice = 1>
GATECAST_INLINE Exponential exp_of_minus(Vector y) {
    const Vector minus_log2e = broadcast(-1.44269504088896341f * Twice);
    const Vector bias = broadcast(12582912.0f);
    const Vector low_bits = fma(y, minus_log2e, bias);
    const Vector r = fma(y, minus_log2e, sub(bias, low_bits));
    const Vector power = scale(broadcast(1.0f), low_bits);
    const Vector r2 = mul(r, r);
    const Vector q01 = fma(broadcast(0.24022649f), r, broadcast(0.69314718f));
    const Vector q23 = fma(broadcast(9.6182376e-3f), r, broadcast(5.5503573e-2f));
    const Vector q45 = fma(broadcast(1.5403512e-4f), r, broadcast(1.3390735e-3f));
    return {power, mul(power, r), fma(fma(q45, r2, q23), r2, q01)};
}

/// 1 / (1 + e^-x). Beyond 86 it is 0 or 1 to within 1e-37.
GATECAST_INLINE Vector sigmoid(Vector x) {
    const Vector one = broadcast(1.0f);
    const Exponential e = exp_of_minus(max(min(x, broadcast(86.0f)), broadcast(-86.0f)));
    return div(one, fma(e.q, e.power_r, add(e.power, one)));
}

/// |tanh x| = (1 - e^-2|x|) / (1 + e^-2|x|): near 0 power is 1, and nothing cancels. From 10 on it is 1 in float.
GATECAST_INLINE Vector tanh(Vector x) {
    const Vector one = broadcast(1.0f);
    const Exponential e = exp_of_minus<2>(min(abs(x), broadcast(10.0f)));
    const Vector difference = fnma(e.q, e.power_r, sub(one, e.power));
    return copy_sign(div(difference, fma(e.q, e.power_r, add(e.power, one))), x);
}

/// Gradient before a sigmoid whose value is s
GATECAST_INLINE Vector before_sigmoid(Vector gradient, Vector s) {
    return mul(mul(gradient, s), sub(broadcast(1.0f), s));
}

/// Gradient before a tanh whose value is t
GATECAST_INLINE Vector before_tanh(Vector gradient, Vector t) {
    return mul(gradient, fnma(t, t, broadcast(1.0f)));
}
