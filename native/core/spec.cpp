#include "core/spec.h"

namespace gatecast {

bool is_valid(const NetworkSpec& spec) {
    const auto in_range = [](int value, int low) { return value >= low && value <= kMaxSize; };
    if (!in_range(spec.input_size, 1) || !in_range(spec.hidden_size, 1) || !in_range(spec.head_size, 0)) return false;
    if (spec.num_layers < 1 || spec.num_layers > kMaxLayers) return false;
    if (spec.proj_size < 0 || spec.proj_size >= spec.hidden_size) return false;
    if (spec.proj_size > 0 && !spec.traits().may_project) return false;
    if (!in_range(spec.attention, 0) || (spec.attention > 0 && spec.head_size == 0)) return false;
    // Sizes of up to 2^16 cannot overflow 64 bits here.
    return ParameterLayout(spec).size <= kMaxParameters;
}

ParameterLayout::ParameterLayout(const NetworkSpec& spec) {
    const auto place = [this](int rows, int columns) {
        const MatrixRange range{size, rows, columns};
        size += range.size();
        return range;
    };
    const int rows = spec.gates() * spec.hidden_size;
    for (int layer = 0; layer < spec.num_layers; ++layer) {
        for (int direction = 0; direction < spec.directions(); ++direction) {
            CellRanges cell;
            cell.weight_ih = place(rows, spec.layer_input_size(layer));
            cell.weight_hh = place(rows, spec.recurrent_size());
            if (spec.bias) {
                cell.bias_ih = place(rows, 1);
                cell.bias_hh = place(rows, 1);
            }
            if (spec.proj_size > 0) cell.weight_hr = place(spec.proj_size, spec.hidden_size);
            cells.push_back(cell);
        }
        if (spec.layer_norm) {
            const MatrixRange gain = place(spec.output_size(), 1);
            norms.push_back({gain, place(spec.output_size(), 1)});
        }
    }
    if (spec.attention > 0) {
        attention_weight = place(spec.output_size(), spec.output_size());
        attention_bias = place(spec.output_size(), 1);
    }
    if (spec.head_size > 0) {
        head_weight = place(spec.head_size, spec.head_input_size());
        head_bias = place(spec.head_size, 1);
    }
}

} // namespace gatecast
