// Weights in int8 with a scale for each row, four columns in a word. x and h become bytes with a scale for each of
// their rows. Integer sums are exact. The bytes of x and h are offset by 128, because the machine multiplies unsigned
// by signed bytes. The header of a part holds the correction of this offset, and the scale.

struct Int8 {
    static constexpr Precision kPrecision = Precision::int8;
    using Sum = Integers;
    static constexpr int kGroup = 4, kPartHeader = 2, kRowHeader = 1;
    static constexpr bool kExact = true;

    static constexpr std::size_t row_size(int columns) { return padded(columns) / 4 + kPadding; }

    static GATECAST_INLINE Rows prepare(const float* x, std::size_t stride, int columns, int batch, float bound,
                                        float* scratch) {
        const std::size_t size = row_size(columns);
        for (int b = 0; b < batch; ++b) {
            const float* row = x + b * stride;
            float* words = scratch + b * size;
            const float largest = bound > 0 ? bound : largest_of(row, columns);
            const Vector inverse = broadcast(largest > 1e-30f ? 127.0f / largest : 0.0f);
            *words++ = largest / 127.0f;
            int k = 0;
            for (; k + kLanes <= columns; k += kLanes) store_bytes(words + k / 4, mul(load(row + k), inverse));
            if (k < columns) store_bytes(words + k / 4, mul(load_some(row + k, columns - k), inverse));
        }
        return {scratch, size};
    }
    static GATECAST_INLINE float largest_of(const float* row, int columns) {
        Vector most = broadcast(0.0f);
        int k = 0;
        for (; k + kLanes <= columns; k += kLanes) most = max(most, abs(load(row + k)));
        if (k < columns) most = max(most, abs(load_some(row + k, columns - k)));
        float lanes[kLanes];
        store(lanes, most);
        float largest = 0;
        for (const float lane : lanes) largest = lane > largest ? lane : largest;
        return largest;
    }
    static GATECAST_INLINE Sum begin(Vector, const float* header) { return load_integers(header); }
    static GATECAST_INLINE Sum zero() { return zero_integers(); }
    static GATECAST_INLINE Sum multiply_add(Sum sum, Vector weights, Vector value) {
        return dot_bytes(sum, weights, value);
    }
    static GATECAST_INLINE Sum sum_of(Sum a, Sum b) { return add_integers(a, b); }
    static GATECAST_INLINE Vector end(Sum sum, Vector before, const float* header, const float* row) {
        return fma(to_float(sum), mul(load(header + kLanes), broadcast(*row)), before);
    }
};
