// GRU, in PyTorch's form (reset after the hidden product) and in the other (reset before it). Equations: docs/cells.md.

/// h' = (1 - z) * n + z * h, as n + z * (h - n)
GATECAST_INLINE Vector mix(Vector n, Vector z, Vector h) {
    return fma(z, sub(h, n), n);
}

template <class P>
struct GruTile {
    static constexpr int kGates = 3, kBiases = 4;
    static std::size_t panel_size(const StepArgs& a) {
        return kBiases * kLanes + part_size<P>(3, a.inputs) + part_size<P>(3, a.recurrent);
    }

    template <int Count>
    static GATECAST_INLINE void run(const StepArgs& a, Rows x, Rows h, const float* panel, int unit, int row) {
        Vector sum[3][Count], candidate[Count]; // r, z and the hidden part of the candidate; its input part
        input_part<P, 3, kBiases>(a, x, panel, unit, row, sum);
        const Vector hidden_bias = load(panel + 3 * kLanes);
        for (int b = 0; b < Count; ++b) {
            candidate[b] = sum[2][b];
            sum[2][b] = hidden_bias;
        }
        const float* part = panel + kBiases * kLanes + part_size<P>(3, a.inputs);
        add_products<P>(part, a.recurrent, h.data + row * h.stride, h.stride, sum);
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
void gru(const StepArgs& a) {
    for_panels<P, GruTile<P>>(a, prepare_x<P>(a), prepare_h<P>(a));
}

/// The gates of the other form. The tape takes what the candidate, which comes after, needs.
template <class P>
struct ResetBeforeTile {
    static constexpr int kGates = 3, kBiases = 3;
    static std::size_t panel_size(const StepArgs& a) {
        return kBiases * kLanes + part_size<P>(3, a.inputs) + part_size<P>(2, a.recurrent);
    }

    template <int Count>
    static GATECAST_INLINE void run(const StepArgs& a, Rows x, Rows h, const float* panel, int unit, int row) {
        Vector inputs[3][Count], sum[2][Count]; // r, z, and the input part of the candidate
        input_part<P, 3, kBiases>(a, x, panel, unit, row, inputs);
        for (int g = 0; g < 2; ++g) {
            for (int b = 0; b < Count; ++b) sum[g][b] = inputs[g][b];
        }
        const float* part = panel + kBiases * kLanes + part_size<P>(3, a.inputs);
        add_products<P>(part, a.recurrent, h.data + row * h.stride, h.stride, sum);
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
void gru_reset_before(const StepArgs& a) {
    // All reset gates first: the candidate of one unit needs r * h of every unit.
    for_panels<P, ResetBeforeTile<P>>(a, prepare_x<P>(a), prepare_h<P>(a));
    const int panels = (a.hidden + kLanes - 1) / kLanes;
    StepArgs candidate = a;
    candidate.panels += panels * ResetBeforeTile<P>::panel_size(a);
    float* scratch = a.scratch + a.batch * (P::row_size(a.inputs) + P::row_size(a.recurrent));
    const float* reset_h = a.tape + 3 * padded(a.hidden);
    for_panels<P, CandidateTile<P>>(candidate, {nullptr, 0},
                                    P::prepare(reset_h, a.tape_stride, a.recurrent, a.batch, a.h_bound, scratch));
}
