#include "core/cells/reference.h"

#include <algorithm>
#include <cmath>

namespace gatecast {
namespace {

template <class Real>
Real sigmoid(Real x) {
    return Real(1) / (Real(1) + std::exp(-x));
}

template <class Real>
struct Matrix {
    const Real* values;
    int columns;

    Matrix(std::span<const Real> parameters, const MatrixRange& range)
        : values(parameters.data() + range.offset), columns(range.columns) {}

    Real row_times(int row, const Real* x) const {
        Real sum = 0;
        for (int k = 0; k < columns; ++k) sum += values[static_cast<std::size_t>(row) * columns + k] * x[k];
        return sum;
    }
};

/// What a layer passes on at one time: y holds the h of its cells, x the input of the layer.
template <class Real>
void finish_layer(const NetworkSpec& spec, const ParameterLayout& layout, std::span<const Real> parameters, int layer,
                  const Real* x, Real* y) {
    const int size = spec.output_size();
    if (spec.layer_norm) {
        const NormRanges& norm = layout.norms[layer];
        Real mean = 0, variance = 0;
        for (int k = 0; k < size; ++k) mean += y[k] / size;
        for (int k = 0; k < size; ++k) variance += (y[k] - mean) * (y[k] - mean) / size;
        for (int k = 0; k < size; ++k) {
            const Real normal = (y[k] - mean) / std::sqrt(variance + Real(1e-5));
            y[k] = normal * parameters[norm.gain.offset + k] + parameters[norm.bias.offset + k];
        }
    }
    for (int k = 0; spec.residual && layer > 0 && k < size; ++k) y[k] += x[k];
}

/// What the head reads after step t, [head_input_size]; see NetworkSpec and network/attention.h. `outputs` are those of
/// the last layer, [steps][width].
template <class Real>
std::vector<Real> read_outputs(const NetworkSpec& spec, const ParameterLayout& layout, std::span<const Real> parameters,
                               const std::vector<Real>& outputs, int t) {
    const int width = spec.output_size(), recurrent = spec.recurrent_size();
    std::vector<Real> read(outputs.begin() + t * width, outputs.begin() + (t + 1) * width);
    if (spec.bidirectional) std::copy_n(outputs.begin() + recurrent, recurrent, read.begin() + recurrent);
    if (spec.attention == 0) return read;
    const Matrix<Real> weight(parameters, layout.attention_weight);
    std::vector<Real> query(width), scores(spec.attention), context(width);
    for (int row = 0; row < width; ++row) {
        query[row] = weight.row_times(row, read.data()) + parameters[layout.attention_bias.offset + row];
    }
    const int oldest = t + 1 - spec.attention; // may be before the first step
    Real sum = 0, largest = 0;
    for (int j = 0; j < spec.attention; ++j) {
        const int row = oldest + j;
        for (int k = 0; k < width && row >= 0; ++k) scores[j] += query[k] * outputs[row * width + k];
        scores[j] /= std::sqrt(static_cast<Real>(width));
        largest = j == 0 ? scores[j] : std::max(largest, scores[j]);
    }
    for (Real& score : scores) sum += score = std::exp(score - largest);
    for (int j = 0; j < spec.attention; ++j) {
        const int row = oldest + j;
        for (int k = 0; k < width && row >= 0; ++k) context[k] += scores[j] / sum * outputs[row * width + k];
    }
    read.insert(read.end(), context.begin(), context.end());
    return read;
}

} // namespace

template <class Real>
void reference_step(const NetworkSpec& spec, const CellRanges& ranges, std::span<const Real> parameters, const Real* x,
                    Real* h, Real* c) {
    const int size = spec.hidden_size;
    const Matrix<Real> wx(parameters, ranges.weight_ih), wh(parameters, ranges.weight_hh);
    const auto bias = [&](const MatrixRange& range, int row) {
        return range.rows > 0 ? parameters[range.offset + row] : Real(0);
    };
    const auto from_x = [&](int gate, int unit) {
        const int row = gate * size + unit;
        return wx.row_times(row, x) + bias(ranges.bias_ih, row);
    };
    const auto from_h = [&](int gate, int unit, const Real* state) {
        const int row = gate * size + unit;
        return wh.row_times(row, state) + bias(ranges.bias_hh, row);
    };

    std::vector<Real> next(size);
    switch (spec.cell) {
    case Cell::gru:
        for (int u = 0; u < size; ++u) {
            const Real r = sigmoid(from_x(0, u) + from_h(0, u, h));
            const Real z = sigmoid(from_x(1, u) + from_h(1, u, h));
            const Real n = std::tanh(from_x(2, u) + r * from_h(2, u, h));
            next[u] = (1 - z) * n + z * h[u];
        }
        break;
    case Cell::gru_reset_before: {
        std::vector<Real> reset_h(size);
        for (int u = 0; u < size; ++u) reset_h[u] = sigmoid(from_x(0, u) + from_h(0, u, h)) * h[u];
        for (int u = 0; u < size; ++u) {
            const Real z = sigmoid(from_x(1, u) + from_h(1, u, h));
            const Real n = std::tanh(from_x(2, u) + from_h(2, u, reset_h.data()));
            next[u] = (1 - z) * n + z * h[u];
        }
        break;
    }
    case Cell::lstm:
        for (int u = 0; u < size; ++u) {
            const Real i = sigmoid(from_x(0, u) + from_h(0, u, h));
            const Real f = sigmoid(from_x(1, u) + from_h(1, u, h));
            const Real g = std::tanh(from_x(2, u) + from_h(2, u, h));
            const Real o = sigmoid(from_x(3, u) + from_h(3, u, h));
            c[u] = f * c[u] + i * g;
            next[u] = o * std::tanh(c[u]);
        }
        break;
    }

    if (spec.proj_size > 0) {
        const Matrix<Real> projection(parameters, ranges.weight_hr);
        for (int p = 0; p < spec.proj_size; ++p) h[p] = projection.row_times(p, next.data());
    } else {
        for (int u = 0; u < size; ++u) h[u] = next[u];
    }
}

template <class Real>
void reference_forward(const NetworkSpec& spec, std::span<const Real> parameters, int steps,
                       std::span<const Real> input, std::span<Real> h, std::span<Real> c, std::span<Real> output,
                       std::span<Real> head) {
    const ParameterLayout layout(spec);
    const int recurrent = spec.recurrent_size(), width = spec.output_size();
    std::vector<Real> x(input.begin(), input.end());
    for (int layer = 0; layer < spec.num_layers; ++layer) {
        const int inputs = spec.layer_input_size(layer);
        std::vector<Real> y(static_cast<std::size_t>(steps) * width);
        for (int direction = 0; direction < spec.directions(); ++direction) {
            const int cell = layer * spec.directions() + direction;
            Real* cell_h = h.data() + static_cast<std::size_t>(cell) * recurrent;
            Real* cell_c = c.empty() ? nullptr : c.data() + static_cast<std::size_t>(cell) * spec.hidden_size;
            for (int s = 0; s < steps; ++s) {
                const std::size_t t = direction == 0 ? s : steps - 1 - s;
                reference_step<Real>(spec, layout.cells[cell], parameters, x.data() + t * inputs, cell_h, cell_c);
                for (int k = 0; k < recurrent; ++k) y[t * width + direction * recurrent + k] = cell_h[k];
            }
        }
        for (std::size_t t = 0; t < static_cast<std::size_t>(steps); ++t) {
            finish_layer<Real>(spec, layout, parameters, layer, x.data() + t * inputs, y.data() + t * width);
        }
        x = std::move(y);
    }
    for (std::size_t k = 0; k < output.size(); ++k) output[k] = x[k];
    if (head.empty()) return;
    const Matrix<Real> weight(parameters, layout.head_weight);
    for (int t = 0; t < steps; ++t) {
        const std::vector<Real> read = read_outputs(spec, layout, parameters, x, t);
        for (int row = 0; row < spec.head_size; ++row) {
            const Real bias = parameters[layout.head_bias.offset + row];
            head[static_cast<std::size_t>(t) * spec.head_size + row] = weight.row_times(row, read.data()) + bias;
        }
    }
}

template void reference_step(const NetworkSpec&, const CellRanges&, std::span<const float>, const float*, float*,
                             float*);
template void reference_step(const NetworkSpec&, const CellRanges&, std::span<const double>, const double*, double*,
                             double*);
template void reference_forward(const NetworkSpec&, std::span<const float>, int, std::span<const float>,
                                std::span<float>, std::span<float>, std::span<float>, std::span<float>);
template void reference_forward(const NetworkSpec&, std::span<const double>, int, std::span<const double>,
                                std::span<double>, std::span<double>, std::span<double>, std::span<double>);

} // namespace gatecast
