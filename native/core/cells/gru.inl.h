// GRU in both forms: PyTorch's (reset after the hidden product) and the original (reset before it). Equations:
// docs/cells.md.

/// h' = (1 - z) * n + z * h, as n + z * (h - n)
GATECAST_INLINE Vector mix(Vector n, Vector z, Vector h) {
    return fma(z, sub(h, n), n);
}

/// The part that both forms share: dn and dz before their activations, and the part of dh that passes through z alone
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

template <>
struct Body<Cell::gru> {
    template <class P>
    struct Tile : CellPanel<P, Cell::gru> {
        template <int Count>
        static GATECAST_INLINE void run(const StepArgs& a, Rows x, Rows h, const float* panel, int unit, int row) {
            Vector sum[3][Count], candidate[Count]; // r, z and the hidden part of the candidate; its input part
            input_part<P, 3, 4>(a, x, panel, unit, row, sum);
            const Vector hidden_bias = load(panel + 3 * kLanes);
            for (int b = 0; b < Count; ++b) {
                candidate[b] = sum[2][b];
                sum[2][b] = hidden_bias;
            }
            add_products<P>(panel + Tile::h_part(a), a.recurrent, h.data + row * h.stride, h.stride, sum);
            for (int b = 0; b < Count; ++b) {
                const Vector r = sigmoid(sum[0][b]), z = sigmoid(sum[1][b]), q = sum[2][b];
                const Vector n = tanh(fma(r, q, candidate[b]));
                store(a.h_out + (row + b) * a.out_stride + unit, mix(n, z, load(a.h + (row + b) * a.h_stride + unit)));
                if (a.tape == nullptr) continue;
                float* tape = a.tape + (row + b) * a.tape_stride + unit;
                const int slot = padded(a.hidden);
                store(tape, n);
                store(tape + slot, r);
                store(tape + 2 * slot, z);
                store(tape + 3 * slot, q);
            }
        }
    };

    template <class P>
    static void step(const StepArgs& a) {
        for_panels<P, Tile<P>>(a, prepare_x<P>(a), prepare_h<P>(a));
    }

    static void backward(const BackwardArgs& a) {
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
};

template <>
struct Body<Cell::gru_reset_before> {
    /// The gates. The tape keeps what the candidate needs, which comes after them.
    template <class P>
    struct Tile : CellPanel<P, Cell::gru_reset_before> {
        template <int Count>
        static GATECAST_INLINE void run(const StepArgs& a, Rows x, Rows h, const float* panel, int unit, int row) {
            Vector inputs[3][Count], sum[2][Count]; // r, z, and the input part of the candidate
            input_part<P, 3, 3>(a, x, panel, unit, row, inputs);
            for (int g = 0; g < 2; ++g) {
                for (int b = 0; b < Count; ++b) sum[g][b] = inputs[g][b];
            }
            add_products<P>(panel + Tile::h_part(a), a.recurrent, h.data + row * h.stride, h.stride, sum);
            for (int b = 0; b < Count; ++b) {
                float* tape = a.tape + (row + b) * a.tape_stride + unit;
                const int slot = padded(a.hidden);
                const Vector r = sigmoid(sum[0][b]);
                store(tape, inputs[2][b]);
                store(tape + slot, r);
                store(tape + 2 * slot, sigmoid(sum[1][b]));
                store(tape + 3 * slot, mul(r, load(a.h + (row + b) * a.h_stride + unit)));
            }
        }
    };

    template <class P>
    struct CandidateTile {
        static constexpr int kGates = 1;
        static std::size_t panel_size(const StepArgs& a) { return part_size<P>(1, a.recurrent); }

        template <int Count>
        static GATECAST_INLINE void run(const StepArgs& a, Rows, Rows reset_h, const float* panel, int unit, int row) {
            const int slot = padded(a.hidden);
            float* tape = a.tape + row * a.tape_stride + unit;
            Vector sum[1][Count];
            for (int b = 0; b < Count; ++b) sum[0][b] = load(tape + b * a.tape_stride);
            add_products<P>(panel, a.recurrent, reset_h.data + row * reset_h.stride, reset_h.stride, sum);
            for (int b = 0; b < Count; ++b) {
                const Vector n = tanh(sum[0][b]);
                const Vector z = load(tape + b * a.tape_stride + 2 * slot);
                const Vector h = load(a.h + (row + b) * a.h_stride + unit);
                store(tape + b * a.tape_stride, n);
                store(a.h_out + (row + b) * a.out_stride + unit, mix(n, z, h));
            }
        }
    };

    template <class P>
    static void step(const StepArgs& a) {
        // All reset gates first: the candidate of one unit needs r * h of every unit.
        for_panels<P, Tile<P>>(a, prepare_x<P>(a), prepare_h<P>(a));
        for_late_panels<P, Tile<P>, CandidateTile<P>>(a, a.tape + 3 * padded(a.hidden));
    }

    /// The gradients of n and z. dh becomes its direct part.
    static void backward(const BackwardArgs& a) {
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

    /// The gradient of r, from that of r * h.
    static void finish(const BackwardArgs& a) {
        const int stride = padded(a.hidden);
        for (int s = 0; s < a.batch; ++s) {
            for (int unit = 0; unit < a.hidden; unit += kLanes) {
                const std::size_t at = static_cast<std::size_t>(s) * stride + unit;
                const Vector r = load(a.tape + s * a.tape_stride + stride + unit);
                const Vector h = load(a.h_prev + s * a.h_stride + unit);
                const Vector d_reset_h = load(a.d_late_h + at);
                store(a.gates + s * a.gates_stride + stride + unit, before_sigmoid(mul(d_reset_h, h), r));
                store(a.dh + at, fma(d_reset_h, r, load(a.dh + at)));
            }
        }
    }
};
