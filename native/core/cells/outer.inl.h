// The gradient of a weight matrix, in f32.

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
