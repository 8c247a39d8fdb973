// y = W x + b: the head, the projection of h, and the products of the backward pass.

GATECAST_INLINE Vector saturate(Vector a) {
    const float largest = 3.40282347e38f;
    return min(max(a, broadcast(-largest)), broadcast(largest));
}

/// A panel of `Blocks` vectors of rows, which take the place of a cell's gates.
template <class P, int Blocks>
struct LinearTile {
    template <int Count>
    static GATECAST_INLINE void run(const LinearArgs& a, Rows x, Rows, const float* panel, int first, int row) {
        Vector sum[Blocks][Count];
        for (int g = 0; g < Blocks; ++g) {
            const Vector bias = load(panel + g * kLanes);
            for (int b = 0; b < Count; ++b) sum[g][b] = bias;
        }
        add_products<P>(panel + Blocks * kLanes, a.inputs, x.data + row * x.stride, x.stride, sum);
        for (int b = 0; b < Count; ++b) {
            float* y = a.y + (row + b) * a.y_stride + first;
            for (int g = 0; g < Blocks; ++g) {
                const Vector value = a.accumulate ? add(sum[g][b], load(y + g * kLanes)) : sum[g][b];
                store(y + g * kLanes, saturate(value));
            }
        }
    }
};

/// The last panel may have fewer blocks.
template <class P, int Blocks>
GATECAST_INLINE void linear_panels(const LinearArgs& a, Rows x, const float* panel, int block, int blocks) {
    for (; block + Blocks <= blocks; block += Blocks) {
        for_rows<LinearTile<P, Blocks>, most_rows<P, Blocks>()>(a, x, {nullptr, 0}, panel, block * kLanes, 0);
        panel += Blocks * kLanes + part_size<P>(Blocks, a.inputs);
    }
    if constexpr (Blocks > 1) linear_panels<P, Blocks - 1>(a, x, panel, block, blocks);
}

template <class P>
void linear(const LinearArgs& a) {
    const Rows x = P::prepare(a.x, a.x_stride, a.inputs, a.batch, 0, a.scratch);
    linear_panels<P, kLinearBlocks>(a, x, a.panels, 0, (a.outputs + kLanes - 1) / kLanes);
}
