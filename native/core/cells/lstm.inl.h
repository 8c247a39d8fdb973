// LSTM, in PyTorch's form. A projection is a linear step of its own after this one. Equations: docs/cells.md.

GATECAST_INLINE const float* four_gates(const float* w, float value, Vector& i, Vector& f, Vector& g, Vector& o) {
    const Vector v = broadcast(value);
    i = fma(load(w), v, i);
    f = fma(load(w + kLanes), v, f);
    g = fma(load(w + 2 * kLanes), v, g);
    o = fma(load(w + 3 * kLanes), v, o);
    return w + 4 * kLanes;
}

void lstm(const StepArgs& a) {
    const int stride = padded(a.hidden);
    const std::size_t panel_size = static_cast<std::size_t>(4 + 4 * (a.inputs + a.recurrent)) * kLanes;
    const float* panel = a.panels;
    for (int unit = 0; unit < a.hidden; unit += kLanes, panel += panel_size) {
        for (int s = 0; s < a.batch; ++s) {
            const float* x = a.x + s * a.x_stride;
            const float* h = a.h + s * a.h_stride;
            const float* w = panel;
            Vector i = load(w), f = load(w + kLanes), g = load(w + 2 * kLanes), o = load(w + 3 * kLanes);
            w += 4 * kLanes;
            for (int k = 0; k < a.inputs; ++k) w = four_gates(w, x[k], i, f, g, o);
            for (int k = 0; k < a.recurrent; ++k) w = four_gates(w, h[k], i, f, g, o);
            i = sigmoid(i);
            f = sigmoid(f);
            g = tanh(g);
            o = sigmoid(o);
            const Vector c = fma(f, load(a.c + s * a.c_stride + unit), mul(i, g));
            const Vector tanh_c = tanh(c);
            store(a.c_out + s * a.c_stride + unit, c);
            store(a.h_out + s * a.out_stride + unit, mul(o, tanh_c));
            if (a.tape != nullptr) {
                float* tape = a.tape + s * a.tape_stride + unit;
                store(tape, i);
                store(tape + stride, f);
                store(tape + 2 * stride, g);
                store(tape + 3 * stride, o);
                store(tape + 4 * stride, tanh_c);
            }
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
