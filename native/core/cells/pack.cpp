#include "core/cells/pack.h"

namespace gatecast {
namespace {

/// Writes panels group by group: a group is 16 floats, one for each unit of the block.
class PanelWriter {
  public:
    PanelWriter(float* out, int hidden) : out_(out), hidden_(hidden) {}

    void start_block(int first_unit) { first_unit_ = first_unit; }

    /// One bias of a gate: the sum of the two given, where the network has any
    void bias(const float* a, const float* b, int gate) {
        group([&](int unit) {
            const std::size_t row = static_cast<std::size_t>(gate) * hidden_ + unit;
            return (a != nullptr ? a[row] : 0.0f) + (b != nullptr ? b[row] : 0.0f);
        });
    }

    void column(const float* weight, int columns, int column, std::initializer_list<int> gates) {
        for (const int gate : gates) {
            group(
                [&](int unit) { return weight[(static_cast<std::size_t>(gate) * hidden_ + unit) * columns + column]; });
        }
    }

    void columns(const float* weight, int columns, std::initializer_list<int> gates) {
        for (int k = 0; k < columns; ++k) column(weight, columns, k, gates);
    }

  private:
    template <class Value>
    void group(Value value) {
        for (int lane = 0; lane < kLanes && first_unit_ + lane < hidden_; ++lane)
            out_[lane] = value(first_unit_ + lane);
        out_ += kLanes;
    }

    float* out_;
    int hidden_;
    int first_unit_ = 0;
};

std::size_t panels_size(const NetworkSpec& spec, int inputs, int recurrent) {
    const std::size_t units = padded(spec.hidden_size);
    switch (spec.cell) {
    case Cell::gru:
        return units * (4 + 3 * (inputs + recurrent));
    case Cell::gru_reset_before:
        return units * (3 + 3 * (inputs + recurrent));
    case Cell::lstm:
        return units * (4 + 4 * (inputs + recurrent));
    }
    return 0;
}

} // namespace

AlignedBuffer pack_cell(const NetworkSpec& spec, const CellRanges& ranges, std::span<const float> parameters) {
    const int inputs = ranges.weight_ih.columns, recurrent = ranges.weight_hh.columns, hidden = spec.hidden_size;
    const float* wx = parameters.data() + ranges.weight_ih.offset;
    const float* wh = parameters.data() + ranges.weight_hh.offset;
    const float* bx = spec.bias ? parameters.data() + ranges.bias_ih.offset : nullptr;
    const float* bh = spec.bias ? parameters.data() + ranges.bias_hh.offset : nullptr;
    AlignedBuffer panels(panels_size(spec, inputs, recurrent));
    PanelWriter out(panels.data(), hidden);
    for (int unit = 0; unit < hidden; unit += kLanes) {
        out.start_block(unit);
        switch (spec.cell) {
        case Cell::gru:
            out.bias(bx, bh, 0);
            out.bias(bx, bh, 1);
            out.bias(bx, nullptr, 2);
            out.bias(nullptr, bh, 2);
            out.columns(wx, inputs, {0, 1, 2});
            out.columns(wh, recurrent, {0, 1, 2});
            break;
        case Cell::gru_reset_before:
            for (int gate = 0; gate < 3; ++gate) out.bias(bx, bh, gate);
            out.columns(wx, inputs, {0, 1, 2});
            out.columns(wh, recurrent, {0, 1});
            break;
        case Cell::lstm:
            for (int gate = 0; gate < 4; ++gate) out.bias(bx, bh, gate);
            out.columns(wx, inputs, {0, 1, 2, 3});
            out.columns(wh, recurrent, {0, 1, 2, 3});
            break;
        }
    }
    if (spec.cell == Cell::gru_reset_before) {
        for (int unit = 0; unit < hidden; unit += kLanes) {
            out.start_block(unit);
            out.columns(wh, recurrent, {2});
        }
    }
    return panels;
}

AlignedBuffer pack_matrix(const MatrixRange& weight, const MatrixRange& bias, std::span<const float> parameters) {
    const float* values = parameters.data() + weight.offset;
    const float* biases = bias.rows > 0 ? parameters.data() + bias.offset : nullptr;
    return pack_linear(weight.rows, weight.columns, biases, [&](int row, int column) {
        return values[static_cast<std::size_t>(row) * weight.columns + column];
    });
}

AlignedBuffer pack_transposed(const MatrixRange& weight, std::span<const float> parameters) {
    const float* values = parameters.data() + weight.offset;
    return pack_linear(weight.columns, weight.rows, nullptr, [&](int row, int column) {
        return values[static_cast<std::size_t>(column) * weight.columns + row];
    });
}

} // namespace gatecast
