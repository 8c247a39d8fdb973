// Matrix products: y = W x + b, and the gradient of W.

GATECAST_INLINE Vector saturate(Vector a) {
    const float largest = 3.40282347e38f;
    return min(max(a, broadcast(-largest)), broadcast(largest));
}

/// One block of rows for `Streams` streams at once. Even and odd columns are summed apart, which hides the latency of
/// the multiply-add; the order is the same whatever the number of streams, so batches equal single steps to the bit.
template <int Streams>
GATECAST_INLINE void linear_block(const LinearArgs& a, const float* panel, int row, int stream) {
    Vector even[Streams], odd[Streams];
    for (int s = 0; s < Streams; ++s) {
        even[s] = load(panel);
        odd[s] = broadcast(0.0f);
    }
    const float* w = panel + kLanes;
    const float* x = a.x + stream * a.x_stride;
    int k = 0;
    for (; k + 1 < a.inputs; k += 2, w += 2 * kLanes) {
        const Vector w0 = load(w), w1 = load(w + kLanes);
        for (int s = 0; s < Streams; ++s) {
            even[s] = fma(w0, broadcast(x[s * a.x_stride + k]), even[s]);
            odd[s] = fma(w1, broadcast(x[s * a.x_stride + k + 1]), odd[s]);
        }
    }
    if (k < a.inputs) {
        const Vector w0 = load(w);
        for (int s = 0; s < Streams; ++s) even[s] = fma(w0, broadcast(x[s * a.x_stride + k]), even[s]);
    }
    for (int s = 0; s < Streams; ++s) {
        float* y = a.y + (stream + s) * a.y_stride + row;
        Vector sum = add(even[s], odd[s]);
        if (a.accumulate) sum = add(sum, load(y));
        store(y, saturate(sum));
    }
}

void linear(const LinearArgs& a) {
    const std::size_t panel_size = static_cast<std::size_t>(1 + a.inputs) * kLanes;
    const float* panel = a.panels;
    for (int row = 0; row < a.outputs; row += kLanes, panel += panel_size) {
        int stream = 0;
        for (; stream + 2 <= a.batch; stream += 2) linear_block<2>(a, panel, row, stream);
        if (stream < a.batch) linear_block<1>(a, panel, row, stream);
    }
}

template <int Columns>
GATECAST_INLINE void outer_block(const OuterArgs& a, int lane, int column) {
    Vector sum[Columns];
    for (int c = 0; c < Columns; ++c) sum[c] = load(a.out + (column + c) * a.out_stride + lane);
    const float* g = a.g + lane;
    const float* x = a.x + column;
    for (int row = 0; row < a.rows; ++row, g += a.g_stride, x += a.x_stride) {
        const Vector v = load(g);
        for (int c = 0; c < Columns; ++c) sum[c] = fma(v, broadcast(x[c]), sum[c]);
    }
    for (int c = 0; c < Columns; ++c) store(a.out + (column + c) * a.out_stride + lane, sum[c]);
}

void outer(const OuterArgs& a) {
    for (int lane = 0; lane < a.lanes; lane += kLanes) {
        int column = 0;
        for (; column + 4 <= a.columns; column += 4) outer_block<4>(a, lane, column);
        for (; column < a.columns; ++column) outer_block<1>(a, lane, column);
    }
}
