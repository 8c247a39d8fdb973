// Weights in bfloat16, two columns in a word. x and h are rounded to bfloat16 for the products. Products are exact and
// sums are float; the state itself stays float.

struct Bf16 {
    static constexpr Precision kPrecision = Precision::bf16;
    using Sum = Vector;
    static constexpr int kGroup = 2, kPartHeader = 0, kRowHeader = 0;
    static constexpr bool kExact = false;

    static constexpr std::size_t row_size(int columns) { return padded(columns) / 2 + kPadding; }

    static GATECAST_INLINE Rows prepare(const float* x, std::size_t stride, int columns, int batch, float,
                                        float* scratch) {
        const std::size_t size = row_size(columns);
        for (int b = 0; b < batch; ++b) {
            const float* row = x + b * stride;
            float* words = scratch + b * size;
            int k = 0;
            for (; k + kLanes <= columns; k += kLanes) store_bf16(words + k / 2, load(row + k));
            if (k < columns) store_bf16(words + k / 2, load_some(row + k, columns - k));
        }
        return {scratch, size};
    }
    static GATECAST_INLINE Sum begin(Vector sum, const float*) { return sum; }
    static GATECAST_INLINE Sum zero() { return broadcast(0.0f); }
    static GATECAST_INLINE Sum multiply_add(Sum sum, Vector weights, Vector value) {
        return dot_bf16(sum, weights, value);
    }
    static GATECAST_INLINE Sum sum_of(Sum a, Sum b) { return add(a, b); }
    static GATECAST_INLINE Vector end(Sum sum, Vector, const float*, const float*) { return sum; }
};
