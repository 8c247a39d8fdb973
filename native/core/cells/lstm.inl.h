// LSTM in PyTorch's form. A projection is a separate linear step after this one. Equations: docs/cells.md.

template <>
struct Body<Cell::lstm> {
    template <class P>
    struct Tile : CellPanel<P, Cell::lstm> {
        template <int Count>
        static GATECAST_INLINE void run(const StepArgs& a, Rows x, Rows h, const float* panel, int unit, int row) {
            Vector sum[4][Count];
            input_part<P, 4, 4>(a, x, panel, unit, row, sum);
            add_products<P>(panel + Tile::h_part(a), a.recurrent, h.data + row * h.stride, h.stride, sum);
            for (int b = 0; b < Count; ++b) {
                const std::size_t at = (row + b) * a.c_stride + unit;
                const Vector i = sigmoid(sum[0][b]), f = sigmoid(sum[1][b]), g = tanh(sum[2][b]),
                             o = sigmoid(sum[3][b]);
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
    static void step(const StepArgs& a) {
        for_panels<P, Tile<P>>(a, prepare_x<P>(a), prepare_h<P>(a));
    }

    static void backward(const BackwardArgs& a) {
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
};
