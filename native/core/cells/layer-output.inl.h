// What a layer passes on, and its gradient. Equations: docs/cells.md. Rows may be of any length and follow one another
// without a gap: nothing beyond the last value is read or written.

constexpr float kNormEpsilon = 1e-5f; // as PyTorch's LayerNorm
constexpr float kOnes[16] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};

GATECAST_INLINE int lanes_at(int first, int size) {
    return size - first < kLanes ? size - first : kLanes;
}

GATECAST_INLINE Vector load_part(const float* p, int count) {
    return count == kLanes ? load(p) : load_some(p, count);
}

GATECAST_INLINE void store_part(float* p, Vector a, int count) {
    if (count == kLanes) {
        store(p, a);
        return;
    }
    float lane[kLanes];
    store(lane, a);
    for (int i = 0; i < count; ++i) p[i] = lane[i];
}

GATECAST_INLINE float sum_of_lanes(Vector a) {
    float lane[kLanes], sum = 0;
    store(lane, a);
    for (int i = 0; i < kLanes; ++i) sum += lane[i];
    return sum;
}

/// How the values of a row are normalised: (x * factor - first - mean) * scale.
struct RowNorm {
    float factor; ///< a power of two that keeps the squares of huge values finite, else 1
    float first;  ///< the first value times the factor. Of a constant row, nothing is left without it
    float mean;   ///< of the values without the first
    float scale;

    /// Without mean; 0 beyond the row
    GATECAST_INLINE Vector centred(const float* x, int count) const {
        const Vector ones = load_part(kOnes, count);
        const Vector apart = fnma(broadcast(first), ones, mul(load_part(x, count), broadcast(factor)));
        return fnma(broadcast(mean), ones, apart);
    }
};

/// Huge values, as a projection or a caller's state can have, are multiplied to 2^50, beside which epsilon is nothing.
float norm_factor(const float* x, int size) {
    constexpr int kHugeExponent = 50;
    Vector most = broadcast(0.0f);
    for (int i = 0; i < size; i += kLanes) most = max(abs(load_part(x + i, lanes_at(i, size))), most);
    float lane[kLanes], largest = 0;
    store(lane, most);
    for (int i = 0; i < kLanes; ++i) largest = largest < lane[i] ? lane[i] : largest;
    if (largest <= 0x1p50f) return 1.0f;
    int exponent;
    std::frexp(largest, &exponent);
    return std::ldexp(1.0f, kHugeExponent - exponent);
}

RowNorm norm_of(const float* x, int size) {
    const float factor = norm_factor(x, size), count = static_cast<float>(size);
    RowNorm norm{factor, x[0] * factor, 0.0f, 1.0f};
    Vector sum = broadcast(0.0f), squares = sum;
    for (int i = 0; i < size; i += kLanes) sum = add(sum, norm.centred(x + i, lanes_at(i, size)));
    norm.mean = sum_of_lanes(sum) / count;
    for (int i = 0; i < size; i += kLanes) {
        const Vector apart = norm.centred(x + i, lanes_at(i, size));
        squares = fma(apart, apart, squares);
    }
    norm.scale = 1.0f / std::sqrt(sum_of_lanes(squares) / count + kNormEpsilon);
    return norm;
}

void layer_output(const LayerOutputArgs& a) {
    for (int row = 0; row < a.batch; ++row) {
        const float* h = a.h + row * a.h_stride;
        const float* x = a.x == nullptr ? nullptr : a.x + row * a.x_stride;
        float* y = a.y + row * a.y_stride;
        float* kept = a.normal == nullptr ? nullptr : a.normal + row * a.normal_stride;
        const RowNorm norm = a.gain == nullptr ? RowNorm{} : norm_of(h, a.size);
        if (a.scale != nullptr) a.scale[row] = norm.scale * norm.factor;
        for (int i = 0; i < a.size; i += kLanes) {
            const int count = lanes_at(i, a.size);
            Vector value;
            if (a.gain == nullptr) {
                value = load_part(h + i, count);
            } else {
                const Vector normal = mul(norm.centred(h + i, count), broadcast(norm.scale));
                if (kept != nullptr) store_part(kept + i, normal, count);
                value = fma(normal, load_part(a.gain + i, count), load_part(a.gain + a.size + i, count));
            }
            if (x != nullptr) value = add(value, load_part(x + i, count));
            store_part(y + i, saturate(value), count);
        }
    }
}

/// With n = (h - mean) * scale and y = gain * n + bias: dn = gain * dy, dh = scale * (dn - mean(dn) - n mean(dn n)).
void layer_norm_gradient(const LayerNormGradientArgs& a) {
    const auto size = static_cast<float>(a.size);
    for (int row = 0; row < a.batch; ++row) {
        float* normal = a.normal + row * a.normal_stride;
        const float* dy = a.dy + row * a.dy_stride;
        float* dh = a.dh + row * a.dh_stride;
        Vector sum = broadcast(0.0f), products = sum;
        for (int i = 0; i < a.size; i += kLanes) {
            const int count = lanes_at(i, a.size);
            const Vector dn = mul(load_part(dy + i, count), load_part(a.gain + i, count));
            sum = add(sum, dn);
            products = fma(dn, load_part(normal + i, count), products);
        }
        const Vector mean = broadcast(sum_of_lanes(sum) / size), slope = broadcast(sum_of_lanes(products) / size);
        const Vector scale = broadcast(a.scale[row]);
        for (int i = 0; i < a.size; i += kLanes) {
            const int count = lanes_at(i, a.size);
            const Vector d_output = load_part(dy + i, count), n = load_part(normal + i, count);
            const Vector dn = mul(d_output, load_part(a.gain + i, count));
            store_part(dh + i, mul(scale, fnma(n, slope, sub(dn, mean))), count);
            store_part(normal + i, mul(d_output, n), count);
            store_part(normal + padded(a.size) + i, d_output, count);
        }
    }
}
