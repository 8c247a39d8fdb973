// Sums of products over a part of a panel (cells/pack.h), written once for every precision. A policy defines a
// precision: F32 here, Bf16 and Int8 in files of their own.

/// Rows of x or h as a precision reads them: row b at data + b * stride.
struct Rows {
    const float* data;
    std::size_t stride;
};

/// Weights and values in float.
struct F32 {
    static constexpr Precision kPrecision = Precision::f32;
    using Sum = Vector;
    static constexpr int kGroup = 1;      ///< columns in one word of a lane
    static constexpr int kPartHeader = 0; ///< vectors before a gate's weights
    static constexpr int kRowHeader = 0;  ///< floats before a row's values
    static constexpr bool kExact = false; ///< sums are the same in any order

    static constexpr std::size_t row_size(int) { return 0; } ///< floats of scratch for a row
    static GATECAST_INLINE Rows prepare(const float* x, std::size_t stride, int, int, float, float*) {
        return {x, stride};
    }
    static GATECAST_INLINE Sum begin(Vector sum, const float*) { return sum; }
    static GATECAST_INLINE Sum zero() { return broadcast(0.0f); }
    static GATECAST_INLINE Sum multiply_add(Sum sum, Vector weights, Vector value) { return fma(weights, value, sum); }
    static GATECAST_INLINE Sum sum_of(Sum a, Sum b) { return add(a, b); }
    static GATECAST_INLINE Vector end(Sum sum, Vector, const float*, const float*) { return sum; }
};

template <class P>
constexpr std::size_t part_size(int gates, int columns) {
    const int groups = (columns + P::kGroup - 1) / P::kGroup;
    return static_cast<std::size_t>(gates) * (P::kPartHeader + groups) * kLanes;
}

/// The products of one group of columns with one row
template <class P, int Gates>
GATECAST_INLINE void add_group(const float* w, Vector value, typename P::Sum (&sum)[Gates][1]) {
    for (int g = 0; g < Gates; ++g) sum[g][0] = P::multiply_add(sum[g][0], load(w + g * kLanes), value);
}

/// The products of one group of columns with `Count` rows. Whichever are fewer, the weights or the values, stay in
/// registers while the others pass by.
template <class P, int Gates, int Count>
GATECAST_INLINE void add_group(const float* w, const float* value, std::size_t stride,
                               typename P::Sum (&sum)[Gates][Count]) {
    if constexpr (Count == 1) {
        add_group<P>(w, broadcast(*value), sum);
    } else if constexpr (Gates <= Count) {
        Vector weights[Gates];
        for (int g = 0; g < Gates; ++g) {
            weights[g] = load(w + g * kLanes);
            hold(weights[g]);
        }
        for (int b = 0; b < Count; ++b) {
            const Vector v = broadcast(value[b * stride]);
            for (int g = 0; g < Gates; ++g) sum[g][b] = P::multiply_add(sum[g][b], weights[g], v);
        }
    } else {
        Vector values[Count];
        for (int b = 0; b < Count; ++b) {
            values[b] = broadcast(value[b * stride]);
            hold(values[b]);
        }
        for (int g = 0; g < Gates; ++g) {
            Vector weight = load(w + g * kLanes);
            hold(weight);
            for (int b = 0; b < Count; ++b) sum[g][b] = P::multiply_add(sum[g][b], weight, values[b]);
        }
    }
}

/// True if even and odd groups are summed separately, which hides the latency of the multiply-add. One row needs it.
/// Many rows have enough sums, but must round as one row does.
template <class P>
constexpr bool kApart(int count) {
    return count == 1 || !P::kExact;
}

/// The products of every second group, beginning with the first of `groups`.
template <class P, int Gates, int Count>
GATECAST_INLINE void add_every_second(const float* w, const float* value, std::size_t stride, int groups,
                                      typename P::Sum (&sum)[Gates][Count]) {
    for (; groups > 0; groups -= 2, value += 2, w += 2 * Gates * kLanes) add_group<P>(w, value, stride, sum);
}

/// sum[gate][b] += the products of one part with row b of `Count` rows.
template <class P, int Gates, int Count>
GATECAST_INLINE void add_products(const float* part, int columns, const float* row, std::size_t stride,
                                  Vector (&sum)[Gates][Count]) {
    constexpr int kVectors = Gates * kLanes; ///< floats of a group
    typename P::Sum even[Gates][Count], odd[Gates][Count];
    for (int g = 0; g < Gates; ++g) {
        for (int b = 0; b < Count; ++b) {
            even[g][b] = P::begin(sum[g][b], part + g * P::kPartHeader * kLanes);
            odd[g][b] = P::zero();
        }
    }
    const float* w = part + Gates * P::kPartHeader * kLanes;
    const float* value = row + P::kRowHeader;
    int groups = (columns + P::kGroup - 1) / P::kGroup;
    if constexpr (Count > 1 && kApart<P>(Count) && 2 * Gates * Count > kSumRegisters) {
        // The registers hold one of the two sums, so the even groups come first, then the odd ones.
        add_every_second<P>(w, value, stride, groups, even);
        add_every_second<P>(w + kVectors, value + 1, stride, groups - 1, odd);
        groups = 0;
    }
    if constexpr (Count == 1) {
        // Each weight is loaded for a single product here, so every saved load counts.
        for (; groups >= 4; groups -= 4, value += 4, w += 4 * kVectors) {
            const Four four = load_four(value);
            add_group<P>(w, one_of<0>(four), even);
            add_group<P>(w + kVectors, one_of<1>(four), odd);
            add_group<P>(w + 2 * kVectors, one_of<2>(four), even);
            add_group<P>(w + 3 * kVectors, one_of<3>(four), odd);
        }
    }
    for (; groups >= 2; groups -= 2, value += 2, w += 2 * kVectors) {
        add_group<P>(w, value, stride, even);
        if constexpr (kApart<P>(Count)) {
            add_group<P>(w + kVectors, value + 1, stride, odd);
        } else {
            add_group<P>(w + kVectors, value + 1, stride, even);
        }
    }
    if (groups > 0) add_group<P>(w, value, stride, even);
    for (int g = 0; g < Gates; ++g) {
        for (int b = 0; b < Count; ++b) {
            if constexpr (kApart<P>(Count)) even[g][b] = P::sum_of(even[g][b], odd[g][b]);
            const float* header = part + g * P::kPartHeader * kLanes;
            sum[g][b] = P::end(even[g][b], sum[g][b], header, row + b * stride);
        }
    }
}

/// How many rows are taken at once: as many as keep all sums in registers. A third of the registers is left for the end
/// of exact sums.
template <class P, int Gates>
constexpr int most_rows() {
    const int sums = P::kExact ? kSumRegisters * 2 / 3 : kSumRegisters;
    return sums > Gates ? sums / Gates : 1;
}

/// Tile::run<Count> for rows `row` and up, `Count` at a time, then fewer.
template <class Tile, int Count, class Args>
GATECAST_INLINE void for_rows(const Args& a, Rows x, Rows h, const float* panel, int unit, int row) {
    for (; row + Count <= a.batch; row += Count) Tile::template run<Count>(a, x, h, panel, unit, row);
    if constexpr (Count > 1) for_rows<Tile, Count - 1>(a, x, h, panel, unit, row);
}

template <class Tile, int Count>
GATECAST_INLINE void walk_panels(const StepArgs& a, Rows x, Rows h) {
    const int panels = (a.hidden + kLanes - 1) / kLanes;
    const std::size_t size = Tile::panel_size(a);
    for (int i = 0; i < panels; ++i) {
        const int at = a.backwards ? panels - 1 - i : i;
        for_rows<Tile, Count>(a, x, h, a.panels + at * size, at * kLanes, 0);
    }
}

/// A separate function, because a single step would wait for the constants and spills of the tiles of many rows.
template <class Tile>
GATECAST_NOINLINE void walk_for_one(const StepArgs& a, Rows x, Rows h) {
    walk_panels<Tile, 1>(a, x, h);
}

template <class P, class Tile>
GATECAST_INLINE void for_panels(const StepArgs& a, Rows x, Rows h) {
    constexpr int rows = most_rows<P, Tile::kGates>();
    if constexpr (rows > 1) {
        if (a.batch != 1) {
            walk_panels<Tile, rows>(a, x, h);
            return;
        }
    }
    walk_for_one<Tile>(a, x, h);
}

template <class P>
GATECAST_INLINE Rows prepare_x(const StepArgs& a) {
    if (a.x == nullptr) return {nullptr, 0};
    return P::prepare(a.x, a.x_stride, a.inputs, a.batch, a.x_bound, a.scratch);
}

template <class P>
GATECAST_INLINE Rows prepare_h(const StepArgs& a) {
    return P::prepare(a.h, a.h_stride, a.recurrent, a.batch, a.h_bound, a.scratch + a.batch * P::row_size(a.inputs));
}

/// The input's part of all gates: computed here, or loaded from where `inputs` stored it.
template <class P, int Gates, int Biases, int Count>
GATECAST_INLINE void input_part(const StepArgs& a, Rows x, const float* panel, int unit, int row,
                                Vector (&sum)[Gates][Count]) {
    if (x.data == nullptr) {
        for (int b = 0; b < Count; ++b) {
            const float* gates = a.gates + (row + b) * a.gates_stride + unit * Gates;
            for (int g = 0; g < Gates; ++g) sum[g][b] = load(gates + g * kLanes);
        }
        return;
    }
    for (int g = 0; g < Gates; ++g) {
        const Vector bias = load(panel + g * kLanes);
        for (int b = 0; b < Count; ++b) sum[g][b] = bias;
    }
    add_products<P>(panel + Biases * kLanes, a.inputs, x.data + row * x.stride, x.stride, sum);
}

/// The content of a cell's panels, without those of late gates (cells/pack.h).
template <class P, Cell kCell>
struct CellPanel {
    static constexpr int kGates = traits_of(kCell).gates;
    static constexpr int kBiases = kGates + traits_of(kCell).split_biases;
    static constexpr int kGatesOfH = kGates - traits_of(kCell).late_gates;

    static std::size_t h_part(const StepArgs& a) { return kBiases * kLanes + part_size<P>(kGates, a.inputs); }
    static std::size_t panel_size(const StepArgs& a) { return h_part(a) + part_size<P>(kGatesOfH, a.recurrent); }
};

/// Stores the input's part for a later step.
template <class P, Cell kCell>
struct InputTile : CellPanel<P, kCell> {
    template <int Count>
    static GATECAST_INLINE void run(const StepArgs& a, Rows x, Rows, const float* panel, int unit, int row) {
        constexpr int kGates = InputTile::kGates;
        Vector sum[kGates][Count];
        input_part<P, kGates, InputTile::kBiases>(a, x, panel, unit, row, sum);
        for (int b = 0; b < Count; ++b) {
            float* gates = a.gates + (row + b) * a.gates_stride + unit * kGates;
            for (int g = 0; g < kGates; ++g) store(gates + g * kLanes, sum[g][b]);
        }
    }
};

template <class P, Cell kCell>
void cell_inputs(const StepArgs& a) {
    for_panels<P, InputTile<P, kCell>>(a, prepare_x<P>(a), {nullptr, 0});
}

/// The second pass of a cell with late gates: LateTile over the panels that follow those of `Tile`, with the h that the
/// first pass left in the tape.
template <class P, class Tile, class LateTile>
GATECAST_INLINE void for_late_panels(const StepArgs& a, const float* late_h) {
    const int panels = (a.hidden + kLanes - 1) / kLanes;
    StepArgs late = a;
    late.panels += panels * Tile::panel_size(a);
    float* scratch = a.scratch + a.batch * (P::row_size(a.inputs) + P::row_size(a.recurrent));
    for_panels<P, LateTile>(late, {nullptr, 0},
                            P::prepare(late_h, a.tape_stride, a.recurrent, a.batch, a.h_bound, scratch));
}
