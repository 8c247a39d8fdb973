// Sigmoid and tanh. Both stay inside [0, 1] and [-1, 1] and turn even NaN into a number of that range, so that sums
// that overflow cannot spoil a state. Errors against float64 are measured in test/native.

/// e^x for x in [-86, 0], to about one unit in the last place. Range reduction by ln 2 in two parts (Cody and Waite),
/// then the degree-6 polynomial of Cephes' expf (Moshier, 1989).
GATECAST_INLINE Vector exp_negative(Vector x) {
    const Vector n = round(mul(x, broadcast(1.44269504088896341f)));
    Vector r = fnma(n, broadcast(0.693359375f), x);
    r = fnma(n, broadcast(-2.12194440e-4f), r);
    Vector p = broadcast(1.9875691500e-4f);
    p = fma(p, r, broadcast(1.3981999507e-3f));
    p = fma(p, r, broadcast(8.3334519073e-3f));
    p = fma(p, r, broadcast(4.1665795894e-2f));
    p = fma(p, r, broadcast(1.6666665459e-1f));
    p = fma(p, r, broadcast(5.0000001201e-1f));
    const Vector r2 = mul(r, r);
    p = add(fma(p, r2, r), broadcast(1.0f));
    return scale(p, n);
}

/// 1 / (1 + e^-x), computed from e^-|x| so that both tails keep their relative accuracy
GATECAST_INLINE Vector sigmoid(Vector x) {
    const Vector one = broadcast(1.0f);
    const Vector e = exp_negative(sub(broadcast(0.0f), min(abs(x), broadcast(86.0f))));
    return div(where_less(x, broadcast(0.0f), e, one), add(one, e));
}

/// (1 - e^-2|x|) / (1 + e^-2|x|) with the sign of x; below 0.625 the odd polynomial of Cephes' tanhf, which does not
/// cancel. From 10 on the result is 1 in float.
GATECAST_INLINE Vector tanh(Vector x) {
    const Vector one = broadcast(1.0f);
    const Vector a = min(abs(x), broadcast(10.0f));
    const Vector e = exp_negative(mul(a, broadcast(-2.0f)));
    const Vector large = div(sub(one, e), add(one, e));
    const Vector z = mul(a, a);
    Vector p = broadcast(-5.70498872745e-3f);
    p = fma(p, z, broadcast(2.06390887954e-2f));
    p = fma(p, z, broadcast(-5.37397155531e-2f));
    p = fma(p, z, broadcast(1.33314422036e-1f));
    p = fma(p, z, broadcast(-3.33332819422e-1f));
    const Vector small = fma(mul(p, z), a, a);
    return copy_sign(where_less(a, broadcast(0.625f), small, large), x);
}

void sigmoid_all(const float* x, float* y, int size) {
    for (int i = 0; i < size; i += kLanes) store(y + i, sigmoid(load(x + i)));
}

void tanh_all(const float* x, float* y, int size) {
    for (int i = 0; i < size; i += kLanes) store(y + i, tanh(load(x + i)));
}
