// The gradient of a weight matrix, in f32. Blocks of rows of g are copied, a few vectors wide, to where they follow one
// another: rows that are far apart share few sets of the first cache, and every column of x reads them again. A sum
// waits in `out` from one block to the next, so its products are added in the order of the rows.

constexpr int kOuterRows = 64;                            ///< of a block, which stays in the first cache
constexpr int kOuterVectors = kSumRegisters >= 3 ? 3 : 1; ///< of g, at most

/// The sums of `Columns` columns of x by `Vectors` vectors of g, over a block of rows
template <int Columns, int Vectors>
GATECAST_INLINE void outer_tile(const float* x, std::size_t x_stride, const float* g, int rows, float* out,
                                std::size_t out_stride) {
    Vector sum[Columns][Vectors];
    for (int c = 0; c < Columns; ++c) {
        for (int v = 0; v < Vectors; ++v) sum[c][v] = load(out + c * out_stride + v * kLanes);
    }
    for (int row = 0; row < rows; ++row, x += x_stride, g += Vectors * kLanes) {
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
    for (int c = 0; c < Columns; ++c) {
        for (int v = 0; v < Vectors; ++v) store(out + c * out_stride + v * kLanes, sum[c][v]);
    }
}

/// All columns from `column` on, `Columns` at a time, then half as many.
template <int Columns, int Vectors>
GATECAST_INLINE void outer_columns(const OuterArgs& a, const float* x, const float* g, int rows, int lane, int column) {
    for (; column + Columns <= a.columns; column += Columns) {
        float* out = a.out + column * a.out_stride + lane;
        outer_tile<Columns, Vectors>(x + column, a.x_stride, g, rows, out, a.out_stride);
    }
    if constexpr (Columns > 1) outer_columns<Columns / 2, Vectors>(a, x, g, rows, lane, column);
}

/// Copies a block of rows of g, and adds them to the sums.
template <int Vectors>
GATECAST_INLINE void gather_rows(const OuterArgs& a, const float* g, int rows, int lane, float* block) {
    Vector sum[Vectors];
    for (int v = 0; v < Vectors; ++v) sum[v] = a.sums != nullptr ? load(a.sums + lane + v * kLanes) : broadcast(0.0f);
    for (int row = 0; row < rows; ++row, g += a.g_stride, block += Vectors * kLanes) {
        for (int v = 0; v < Vectors; ++v) {
            const Vector value = load(g + v * kLanes);
            store(block + v * kLanes, value);
            sum[v] = add(sum[v], value);
        }
    }
    for (int v = 0; a.sums != nullptr && v < Vectors; ++v) store(a.sums + lane + v * kLanes, sum[v]);
}

/// All lanes from `lane` on, `Vectors` vectors at a time, then one fewer.
template <int Vectors>
void outer_lanes(const OuterArgs& a, float* block, int lane) {
    constexpr int kColumns = kSumRegisters / Vectors;
    for (; lane + Vectors * kLanes <= a.lanes; lane += Vectors * kLanes) {
        for (int first = 0; first < a.rows; first += kOuterRows) {
            const int rows = a.rows - first < kOuterRows ? a.rows - first : kOuterRows;
            gather_rows<Vectors>(a, a.g + first * a.g_stride + lane, rows, lane, block);
            outer_columns<kColumns, Vectors>(a, a.x + first * a.x_stride, block, rows, lane, 0);
        }
    }
    if constexpr (Vectors > 1) outer_lanes<Vectors - 1>(a, block, lane);
}

void outer(const OuterArgs& a) {
    alignas(64) float block[kOuterRows * kOuterVectors * kLanes];
    outer_lanes<kOuterVectors>(a, block, 0);
}
