// LSTM, in PyTorch's form. A projection is a linear step of its own after this one. Equations: docs/cells.md.

template <class P>
struct LstmTile {
    static constexpr int kGates = 4, kBiases = 4;
    static std::size_t panel_size(const StepArgs& a) {
        return kBiases * kLanes + part_size<P>(4, a.inputs) + part_size<P>(4, a.recurrent);
    }

    template <int Count>
    static GATECAST_INLINE void run(const StepArgs& a, Rows x, Rows h, const float* panel, int unit, int row) {
        Vector sum[kGates][Count];
        input_part<P, 4, kBiases>(a, x, panel, unit, row, sum);
        const float* part = panel + kBiases * kLanes + part_size<P>(4, a.inputs);
        add_products<P>(part, a.recurrent, h.data + row * h.stride, h.stride, sum);
        for (int b = 0; b < Count; ++b) {
            const std::size_t at = (row + b) * a.c_stride + unit;
            const Vector i = sigmoid(sum[0][b]), f = sigmoid(sum[1][b]), g = tanh(sum[2][b]), o = sigmoid(sum[3][b]);
            const Vector c = fma(f, load(a.c + at), mul(i, g));
            const Vector tanh_c = tanh(c);
            store(a.c_out + at, c);
            store(a.h_out + (row + b) * a.out_stride + unit, mul(o, tanh_c));
            if (a.tape == nullptr) continue;
            float* tape = a.tape + (row + b) * a.tape_stride + unit;
            const int slot = padded(a.hidden);
            store(tape, i);
            store(tape + slot, f);
            store(tape + 2 * slot, g);
            store(tape + 3 * slot, o);
            store(tape + 4 * slot, tanh_c);
        }
    }
};

template <class P>
void lstm(const StepArgs& a) {
    for_panels<P, LstmTile<P>>(a, prepare_x<P>(a), prepare_h<P>(a));
}
