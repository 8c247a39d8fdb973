// The gradient of a weight matrix, in f32. Blocks of rows of g are copied, a few vectors wide, to where they follow one
// another: rows that are far apart share few sets of the first cache, and every column of x reads them again. A sum
// waits in `out` from one block to the next, so its products are added in the order of the rows.

constexpr int kOuterRows = 64;                            ///< of a block, which stays in the first cache
constexpr int kOuterVectors = kSumRegisters >= 3 ? 3 : 1; ///< of g, at most

/// Rows of one run, or of several whole ones
struct OuterBlock {
    int rows; ///< of each run
    int runs;
    const float* x;
    const float* g;
};

/// The sums of `Columns` columns of x by `Vectors` vectors of g, over a block. g holds its rows without gaps.
template <int Columns, int Vectors>
GATECAST_INLINE void outer_tile(const OuterArgs& a, const OuterBlock& block, const float* x, const float* g,
                                float* out) {
    Vector sum[Columns][Vectors];
    for (int c = 0; c < Columns; ++c) {
        for (int v = 0; v < Vectors; ++v) sum[c][v] = load(out + c * a.out_stride + v * kLanes);
    }
    for (int run = 0; run < block.runs; ++run, x += (a.period - block.rows) * a.x_stride) {
        for (int row = 0; row < block.rows; ++row, x += a.x_stride, g += Vectors * kLanes) {
            Vector values[Vectors];
            for (int v = 0; v < Vectors; ++v) {
                values[v] = load(g + v * kLanes);
                hold(values[v]);
            }
            for (int c = 0; c < Columns; ++c) {
                const Vector column = broadcast(x[c]);
                for (int v = 0; v < Vectors; ++v) sum[c][v] = fma(values[v], column, sum[c][v]);
            }
        }
    }
    for (int c = 0; c < Columns; ++c) {
        for (int v = 0; v < Vectors; ++v) store(out + c * a.out_stride + v * kLanes, sum[c][v]);
    }
}

/// All columns from `column` on, `Columns` at a time, then half as many.
template <int Columns, int Vectors>
GATECAST_INLINE void outer_columns(const OuterArgs& a, const OuterBlock& block, const float* g, int lane, int column) {
    for (; column + Columns <= a.columns; column += Columns) {
        outer_tile<Columns, Vectors>(a, block, block.x + column, g, a.out + column * a.out_stride + lane);
    }
    if constexpr (Columns > 1) outer_columns<Columns / 2, Vectors>(a, block, g, lane, column);
}

/// Copies the rows of g in a block, and adds them to the sums.
template <int Vectors>
GATECAST_INLINE void gather_rows(const OuterArgs& a, const OuterBlock& block, int lane, float* to) {
    Vector sum[Vectors];
    for (int v = 0; v < Vectors; ++v) sum[v] = a.sums != nullptr ? load(a.sums + lane + v * kLanes) : broadcast(0.0f);
    for (int run = 0; run < block.runs; ++run) {
        const float* g = block.g + run * a.period * a.g_stride + lane;
        for (int row = 0; row < block.rows; ++row, g += a.g_stride, to += Vectors * kLanes) {
            for (int v = 0; v < Vectors; ++v) {
                const Vector value = load(g + v * kLanes);
                store(to + v * kLanes, value);
                sum[v] = add(sum[v], value);
            }
        }
    }
    for (int v = 0; a.sums != nullptr && v < Vectors; ++v) store(a.sums + lane + v * kLanes, sum[v]);
}

/// All lanes from `lane` on, `Vectors` vectors at a time, then one fewer.
template <int Vectors>
void outer_lanes(const OuterArgs& a, float* gathered, int lane) {
    constexpr int kColumns = kSumRegisters / Vectors;
    const int whole = a.rows < kOuterRows ? kOuterRows / a.rows : 1; // runs of a block
    for (; lane + Vectors * kLanes <= a.lanes; lane += Vectors * kLanes) {
        for (int run = 0; run < a.runs; run += whole) {
            for (int first = 0; first < a.rows; first += kOuterRows) {
                const std::size_t at = run * a.period + first;
                const OuterBlock block{
                    .rows = a.rows - first < kOuterRows ? a.rows - first : kOuterRows,
                    .runs = a.runs - run < whole ? a.runs - run : whole,
                    .x = a.x + at * a.x_stride,
                    .g = a.g + at * a.g_stride,
                };
                gather_rows<Vectors>(a, block, lane, gathered);
                outer_columns<kColumns, Vectors>(a, block, gathered, lane, 0);
            }
        }
    }
    if constexpr (Vectors > 1) outer_lanes<Vectors - 1>(a, gathered, lane);
}

void outer(const OuterArgs& a) {
    alignas(64) float gathered[kOuterRows * kOuterVectors * kLanes];
    outer_lanes<kOuterVectors>(a, gathered, 0);
}
