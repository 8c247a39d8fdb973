// GRU, in PyTorch's form (reset after the hidden product) and in the other (reset before it). Equations: docs/cells.md.

/// Three sums advance by one input value; returns where the next column's weights stand.
GATECAST_INLINE const float* three_gates(const float* w, float value, Vector& a, Vector& b, Vector& c) {
    const Vector v = broadcast(value);
    a = fma(load(w), v, a);
    b = fma(load(w + kLanes), v, b);
    c = fma(load(w + 2 * kLanes), v, c);
    return w + 3 * kLanes;
}

/// h' = (1 - z) * n + z * h, as n + z * (h - n)
GATECAST_INLINE Vector mix(Vector n, Vector z, Vector h) {
    return fma(z, sub(h, n), n);
}

void gru(const StepArgs& a) {
    const int stride = padded(a.hidden);
    const std::size_t panel_size = static_cast<std::size_t>(4 + 3 * (a.inputs + a.recurrent)) * kLanes;
    const float* panel = a.panels;
    for (int unit = 0; unit < a.hidden; unit += kLanes, panel += panel_size) {
        for (int s = 0; s < a.batch; ++s) {
            const float* x = a.x + s * a.x_stride;
            const float* h = a.h + s * a.h_stride;
            const float* w = panel;
            Vector r = load(w), z = load(w + kLanes), n = load(w + 2 * kLanes), q = load(w + 3 * kLanes);
            w += 4 * kLanes;
            for (int k = 0; k < a.inputs; ++k) w = three_gates(w, x[k], r, z, n);
            for (int k = 0; k < a.recurrent; ++k) w = three_gates(w, h[k], r, z, q);
            r = sigmoid(r);
            z = sigmoid(z);
            n = tanh(fma(r, q, n));
            store(a.h_out + s * a.out_stride + unit, mix(n, z, load(h + unit)));
            if (a.tape != nullptr) {
                float* tape = a.tape + s * a.tape_stride + unit;
                store(tape, n);
                store(tape + stride, r);
                store(tape + 2 * stride, z);
                store(tape + 3 * stride, q);
            }
        }
    }
}

void gru_reset_before(const StepArgs& a) {
    const int stride = padded(a.hidden);
    // All reset gates first: the candidate of one unit needs r * h of every unit.
    const std::size_t gates_size = static_cast<std::size_t>(3 + 3 * a.inputs + 2 * a.recurrent) * kLanes;
    const float* panel = a.panels;
    for (int unit = 0; unit < a.hidden; unit += kLanes, panel += gates_size) {
        for (int s = 0; s < a.batch; ++s) {
            const float* x = a.x + s * a.x_stride;
            const float* h = a.h + s * a.h_stride;
            float* tape = a.tape + s * a.tape_stride + unit;
            const float* w = panel;
            Vector r = load(w), z = load(w + kLanes), n = load(w + 2 * kLanes);
            w += 3 * kLanes;
            for (int k = 0; k < a.inputs; ++k) w = three_gates(w, x[k], r, z, n);
            for (int k = 0; k < a.recurrent; ++k, w += 2 * kLanes) {
                const Vector v = broadcast(h[k]);
                r = fma(load(w), v, r);
                z = fma(load(w + kLanes), v, z);
            }
            r = sigmoid(r);
            store(tape, n);
            store(tape + stride, r);
            store(tape + 2 * stride, sigmoid(z));
            store(tape + 3 * stride, mul(r, load(h + unit)));
        }
    }
    const std::size_t candidate_size = static_cast<std::size_t>(a.recurrent) * kLanes;
    for (int unit = 0; unit < a.hidden; unit += kLanes, panel += candidate_size) {
        for (int s = 0; s < a.batch; ++s) {
            float* tape = a.tape + s * a.tape_stride;
            const float* reset_h = tape + 3 * stride;
            const float* w = panel;
            Vector n = load(tape + unit);
            for (int k = 0; k < a.recurrent; ++k, w += kLanes) n = fma(load(w), broadcast(reset_h[k]), n);
            n = tanh(n);
            store(tape + unit, n);
            const Vector z = load(tape + 2 * stride + unit);
            store(a.h_out + s * a.out_stride + unit, mix(n, z, load(a.h + s * a.h_stride + unit)));
        }
    }
}

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
