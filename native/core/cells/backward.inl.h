// The element-wise part of the backward step of each cell, and the gradient of a weight matrix. All in f32.

/// Gradient before a sigmoid whose value is s
GATECAST_INLINE Vector before_sigmoid(Vector gradient, Vector s) {
    return mul(mul(gradient, s), sub(broadcast(1.0f), s));
}

/// Gradient before a tanh whose value is t
GATECAST_INLINE Vector before_tanh(Vector gradient, Vector t) {
    return mul(gradient, fnma(t, t, broadcast(1.0f)));
}

/// What both forms share: dn and dz before their activations, and the part of dh that passes through z alone
GATECAST_INLINE void mix_backward(const BackwardArgs& a, int s, int unit, Vector& dn, Vector& dz) {
    const int stride = padded(a.hidden);
    const float* tape = a.tape + s * a.tape_stride + unit;
    const Vector n = load(tape), z = load(tape + 2 * stride);
    const Vector h = load(a.h_prev + s * a.h_stride + unit);
    float* dh = a.dh + static_cast<std::size_t>(s) * stride + unit;
    const Vector gradient = load(dh);
    dn = before_tanh(mul(gradient, sub(broadcast(1.0f), z)), n);
    dz = before_sigmoid(mul(gradient, sub(h, n)), z);
    store(dh, mul(gradient, z));
}

void gru_backward(const BackwardArgs& a) {
    const int stride = padded(a.hidden);
    for (int s = 0; s < a.batch; ++s) {
        for (int unit = 0; unit < a.hidden; unit += kLanes) {
            Vector dn, dz;
            mix_backward(a, s, unit, dn, dz);
            const float* tape = a.tape + s * a.tape_stride + unit;
            const Vector r = load(tape + stride), q = load(tape + 3 * stride);
            float* gates = a.gates + s * a.gates_stride + unit;
            store(gates, dn);
            store(gates + stride, before_sigmoid(mul(dn, q), r));
            store(gates + 2 * stride, dz);
            store(gates + 3 * stride, mul(dn, r));
        }
    }
}

void gru_reset_before_backward(const BackwardArgs& a) {
    const int stride = padded(a.hidden);
    for (int s = 0; s < a.batch; ++s) {
        for (int unit = 0; unit < a.hidden; unit += kLanes) {
            Vector dn, dz;
            mix_backward(a, s, unit, dn, dz);
            float* gates = a.gates + s * a.gates_stride + unit;
            store(gates, dn);
            store(gates + 2 * stride, dz);
        }
    }
}

void gru_reset_before_backward_finish(const BackwardArgs& a) {
    const int stride = padded(a.hidden);
    for (int s = 0; s < a.batch; ++s) {
        for (int unit = 0; unit < a.hidden; unit += kLanes) {
            const std::size_t at = static_cast<std::size_t>(s) * stride + unit;
            const Vector r = load(a.tape + s * a.tape_stride + stride + unit);
            const Vector h = load(a.h_prev + s * a.h_stride + unit);
            const Vector d_reset_h = load(a.d_reset_h + at);
            store(a.gates + s * a.gates_stride + stride + unit, before_sigmoid(mul(d_reset_h, h), r));
            store(a.dh + at, fma(d_reset_h, r, load(a.dh + at)));
        }
    }
}

void lstm_backward(const BackwardArgs& a) {
    const int stride = padded(a.hidden);
    for (int s = 0; s < a.batch; ++s) {
        for (int unit = 0; unit < a.hidden; unit += kLanes) {
            const float* tape = a.tape + s * a.tape_stride + unit;
            const Vector i = load(tape), f = load(tape + stride), g = load(tape + 2 * stride);
            const Vector o = load(tape + 3 * stride), tanh_c = load(tape + 4 * stride);
            const std::size_t at = static_cast<std::size_t>(s) * stride + unit;
            const Vector dh = load(a.dh + at);
            const Vector dc = add(load(a.dc + at), before_tanh(mul(dh, o), tanh_c));
            float* gates = a.gates + s * a.gates_stride + unit;
            store(gates, before_sigmoid(mul(dc, g), i));
            store(gates + stride, before_sigmoid(mul(dc, load(a.c_prev + s * a.c_stride + unit)), f));
            store(gates + 2 * stride, before_tanh(mul(dc, i), g));
            store(gates + 3 * stride, before_sigmoid(mul(dh, tanh_c), o));
            store(a.dc + at, mul(dc, f));
        }
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
