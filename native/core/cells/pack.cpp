#include "core/cells/pack.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

namespace gatecast {
namespace {

/// Columns in the 32 bits of a lane
int group_size(Precision precision) {
    return precision == Precision::f32 ? 1 : precision == Precision::bf16 ? 2 : 4;
}

std::uint32_t to_bf16(float value) {
    std::uint32_t word;
    std::memcpy(&word, &value, sizeof word);
    return (word + 0x7fffu + ((word >> 16) & 1)) >> 16;
}

template <class Word>
void store_word(float* to, Word word) {
    static_assert(sizeof word == sizeof *to);
    std::memcpy(to, &word, sizeof word);
}

/// Writes panels for one set of kernels, vector by vector. weight(gate, lane, column) returns a weight of the current
/// panel; it is called only for rows and columns that exist.
class PanelWriter {
  public:
    PanelWriter(const PrecisionKernels& kernels, float* out)
        : lanes_(kernels.lanes), precision_(kernels.precision), group_(group_size(precision_)), out_(out) {}

    /// Floats of a part
    static std::size_t part_size(const PrecisionKernels& kernels, int gates, int columns) {
        const int group = group_size(kernels.precision), header = kernels.precision == Precision::int8 ? 2 : 0;
        return static_cast<std::size_t>(gates) * (header + (columns + group - 1) / group) * kernels.lanes;
    }

    template <class Value>
    void vector(int rows, Value value) {
        for (int lane = 0; lane < rows; ++lane) out_[lane] = value(lane);
        out_ += lanes_;
    }

    /// rows(gate): how many rows that gate has in this panel
    template <class RowsOf, class Weight>
    void part(int gates, int columns, RowsOf rows, Weight weight) {
        if (precision_ == Precision::f32) {
            for (int column = 0; column < columns; ++column) {
                for (int gate = 0; gate < gates; ++gate) {
                    vector(rows(gate), [&](int lane) { return weight(gate, lane, column); });
                }
            }
            return;
        }
        std::vector<float> scales(static_cast<std::size_t>(gates) * lanes_);
        if (precision_ == Precision::int8) header(gates, columns, rows, weight, scales);
        for (int column = 0; column < columns; column += group_) {
            const int count = std::min(group_, columns - column);
            for (int gate = 0; gate < gates; ++gate, out_ += lanes_) {
                for (int lane = 0; lane < rows(gate); ++lane) {
                    const auto value = [&](int k) { return weight(gate, lane, column + k); };
                    word(out_ + lane, count, scales[gate * lanes_ + lane], value);
                }
            }
        }
    }

  private:
    template <class RowsOf, class Weight>
    void header(int gates, int columns, RowsOf rows, Weight weight, std::vector<float>& scales) {
        for (int gate = 0; gate < gates; ++gate, out_ += 2 * lanes_) {
            for (int lane = 0; lane < rows(gate); ++lane) {
                float largest = 0;
                for (int k = 0; k < columns; ++k) largest = std::max(largest, std::fabs(weight(gate, lane, k)));
                const float scale = largest / 127.0f;
                std::int32_t sum = 0;
                for (int k = 0; k < columns; ++k) sum += to_int8(weight(gate, lane, k), scale);
                store_word(out_ + lane, -128 * sum);
                out_[lanes_ + lane] = scales[gate * lanes_ + lane] = scale;
            }
        }
    }

    template <class Value>
    void word(float* to, int count, float scale, Value value) {
        std::uint32_t bits = 0;
        for (int k = 0; k < count; ++k) {
            bits |= precision_ == Precision::bf16
                        ? to_bf16(value(k)) << 16 * k
                        : (static_cast<std::uint32_t>(to_int8(value(k), scale)) & 0xff) << 8 * k;
        }
        store_word(to, bits);
    }

    static std::int32_t to_int8(float value, float scale) {
        return scale > 0 ? static_cast<std::int32_t>(std::clamp(std::nearbyint(value / scale), -127.0f, 127.0f)) : 0;
    }

    int lanes_;
    Precision precision_;
    int group_;
    float* out_;
};

/// Where the weights of a cell are in the flat parameters
struct CellSource {
    const float *wx, *wh, *bx, *bh;
    int inputs, recurrent, hidden;

    CellSource(const NetworkSpec& spec, const CellRanges& ranges, const float* parameters)
        : wx(parameters + ranges.weight_ih.offset), wh(parameters + ranges.weight_hh.offset),
          bx(spec.bias ? parameters + ranges.bias_ih.offset : nullptr),
          bh(spec.bias ? parameters + ranges.bias_hh.offset : nullptr), inputs(ranges.weight_ih.columns),
          recurrent(ranges.weight_hh.columns), hidden(spec.hidden_size) {}
};

class CellPacker {
  public:
    CellPacker(const PrecisionKernels& kernels, const CellSource& source, float* out)
        : lanes_(kernels.lanes), source_(source), out_(kernels, out) {}

    void start_block(int first_unit) {
        first_unit_ = first_unit;
        rows_ = std::min(lanes_, source_.hidden - first_unit);
    }

    /// One bias of a gate: that of x, that of h, or their sum; zero if the network has no biases
    void bias(int gate, bool of_x, bool of_h) {
        out_.vector(rows_, [&](int lane) {
            const std::size_t row = static_cast<std::size_t>(gate) * source_.hidden + first_unit_ + lane;
            return (of_x && source_.bx != nullptr ? source_.bx[row] : 0.0f) +
                   (of_h && source_.bh != nullptr ? source_.bh[row] : 0.0f);
        });
    }

    void of_x(int first_gate, int gates) { part(source_.wx, source_.inputs, first_gate, gates); }
    void of_h(int first_gate, int gates) { part(source_.wh, source_.recurrent, first_gate, gates); }

  private:
    void part(const float* weight, int columns, int first_gate, int gates) {
        out_.part(
            gates, columns, [&](int) { return rows_; },
            [&](int gate, int lane, int column) {
                const std::size_t row =
                    static_cast<std::size_t>(first_gate + gate) * source_.hidden + first_unit_ + lane;
                return weight[row * columns + column];
            });
    }

    int lanes_;
    CellSource source_;
    PanelWriter out_;
    int first_unit_ = 0, rows_ = 0;
};

} // namespace

AlignedBuffer pack_cell(const PrecisionKernels& kernels, const NetworkSpec& spec, const CellRanges& ranges,
                        std::span<const float> parameters) {
    const CellTraits& cell = spec.traits();
    const CellSource source(spec, ranges, parameters.data());
    const int gates = cell.gates, merged = gates - cell.split_biases, early = gates - cell.late_gates;
    const int lanes = kernels.lanes, blocks = (spec.hidden_size + lanes - 1) / lanes;
    const auto part = [&](int count, int columns) { return PanelWriter::part_size(kernels, count, columns); };
    const std::size_t biases = static_cast<std::size_t>(gates + cell.split_biases) * lanes;
    AlignedBuffer panels(blocks * (biases + part(gates, source.inputs) + part(early, source.recurrent) +
                                   part(cell.late_gates, source.recurrent)));
    CellPacker out(kernels, source, panels.data());
    for (int unit = 0; unit < spec.hidden_size; unit += lanes) {
        out.start_block(unit);
        for (int gate = 0; gate < merged; ++gate) out.bias(gate, true, true);
        for (int gate = merged; gate < gates; ++gate) out.bias(gate, true, false);
        for (int gate = merged; gate < gates; ++gate) out.bias(gate, false, true);
        out.of_x(0, gates);
        out.of_h(0, early);
    }
    for (int unit = 0; cell.late_gates > 0 && unit < spec.hidden_size; unit += lanes) {
        out.start_block(unit);
        out.of_h(early, cell.late_gates);
    }
    return panels;
}

AlignedBuffer pack_linear(const PrecisionKernels& kernels, int rows, int columns, const float* bias,
                          const Weights& weights) {
    const int lanes = kernels.lanes, blocks = (rows + lanes - 1) / lanes;
    AlignedBuffer panels(static_cast<std::size_t>(blocks) * lanes + PanelWriter::part_size(kernels, blocks, columns));
    PanelWriter out(kernels, panels.data());
    for (int block = 0, count; block < blocks; block += count) {
        count = std::min(kernels.linear_blocks, blocks - block);
        const auto first = [&](int of) { return (block + of) * lanes; };
        const auto rows_of = [&](int of) { return std::min(lanes, rows - first(of)); };
        for (int of = 0; of < count; ++of) {
            out.vector(rows_of(of), [&](int lane) { return bias != nullptr ? bias[first(of) + lane] : 0.0f; });
        }
        out.part(count, columns, rows_of, [&](int of, int lane, int column) {
            return weights.first[(first(of) + lane) * weights.row_stride + column * weights.column_stride];
        });
    }
    return panels;
}

AlignedBuffer pack_matrix(const PrecisionKernels& kernels, const MatrixRange& weight, const MatrixRange& bias,
                          std::span<const float> parameters) {
    const float* biases = bias.rows > 0 ? parameters.data() + bias.offset : nullptr;
    const Weights weights{parameters.data() + weight.offset, static_cast<std::size_t>(weight.columns), 1};
    return pack_linear(kernels, weight.rows, weight.columns, biases, weights);
}

AlignedBuffer pack_transposed(const PrecisionKernels& kernels, const MatrixRange& weight,
                              std::span<const float> parameters) {
    const Weights weights{parameters.data() + weight.offset, 1, static_cast<std::size_t>(weight.columns)};
    return pack_linear(kernels, weight.columns, weight.rows, nullptr, weights);
}

AlignedBuffer pack_gates_transposed(const PrecisionKernels& kernels, const GateSlots& slots, int hidden,
                                    const MatrixRange& weight, std::span<const float> parameters) {
    const std::size_t columns = weight.columns, units = hidden, slot_size = padded(hidden);
    AlignedBuffer stacked(slots.count * slot_size * columns);
    for (int slot = 0; slot < slots.count; ++slot) {
        const float* gate = parameters.data() + weight.offset + slots.gates[slot] * units * columns;
        std::copy_n(gate, units * columns, stacked.data() + slot * slot_size * columns);
    }
    const int inputs = slots.count * static_cast<int>(slot_size);
    return pack_linear(kernels, weight.columns, inputs, nullptr, {stacked.data(), 1, columns});
}

} // namespace gatecast
