#include "native/onednn_primitive.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <type_traits>

namespace gatecast::bench {
namespace {

using dnnl::memory;
using Type = memory::data_type;
using Tag = memory::format_tag;

/// The row of the canonical weights where gate `gate` of oneDNN begins.
int first_row(const NetworkSpec& spec, int gate) {
    constexpr int kGruGates[] = {1, 0, 2}; // z r n out of r z n
    return spec.hidden_size * (spec.cell == Cell::gru ? kGruGates[gate] : gate);
}

/// [rows of all gates][columns] as [columns][gates][hidden]
std::vector<float> transposed(const Network& network, const MatrixRange& matrix) {
    const NetworkSpec& spec = network.spec();
    std::vector<float> out;
    for (int column = 0; column < matrix.columns; ++column) {
        for (int gate = 0; gate < spec.gates(); ++gate) {
            for (int unit = 0; unit < spec.hidden_size; ++unit) {
                const int row = first_row(spec, gate) + unit;
                out.push_back(network.parameters()[matrix.offset + row * matrix.columns + column]);
            }
        }
    }
    return out;
}

/// Merged where both biases are added; a GRU keeps the candidate's hidden bias as a fourth.
std::vector<float> biases(const Network& network, Cell cell) {
    const NetworkSpec& spec = network.spec();
    const CellRanges& ranges = network.layout().cells[0];
    const float* input = network.parameters().data() + ranges.bias_ih.offset;
    const float* hidden = network.parameters().data() + ranges.bias_hh.offset;
    const bool gru = cell == Cell::gru;
    std::vector<float> out;
    for (int gate = 0; gate < spec.gates(); ++gate) {
        for (int unit = 0; unit < spec.hidden_size; ++unit) {
            const int row = first_row(spec, gate) + unit;
            out.push_back(gru && gate == 2 ? input[row] : input[row] + hidden[row]);
        }
    }
    if (gru) out.insert(out.end(), hidden + 2 * spec.hidden_size, hidden + 3 * spec.hidden_size);
    return out;
}

/// One scale for each row of both matrices, [gates][hidden].
std::vector<float> weight_scales(const Network& network) {
    const CellRanges& ranges = network.layout().cells[0];
    const std::vector<float> input = transposed(network, ranges.weight_ih);
    const std::vector<float> hidden = transposed(network, ranges.weight_hh);
    const std::size_t rows = ranges.weight_ih.rows;
    std::vector<float> largest(rows, 1e-9f);
    for (const std::vector<float>* matrix : {&input, &hidden}) {
        for (std::size_t k = 0; k < matrix->size(); ++k) {
            largest[k % rows] = std::max(largest[k % rows], std::abs((*matrix)[k]));
        }
    }
    for (float& value : largest) value = 127 / value;
    return largest;
}

memory packed(const dnnl::engine& engine, memory plain, const memory::desc& wanted,
              const dnnl::primitive_attr& attributes) {
    memory out(wanted, engine);
    dnnl::stream stream(engine);
    dnnl::reorder(dnnl::reorder::primitive_desc(plain, out, attributes)).execute(stream, plain, out);
    stream.wait();
    return out;
}

template <class Primitive, class Description>
OneDnnLayer finish(const dnnl::engine& engine, const Network& network, const dnnl::primitive_attr& attributes,
                   const Description& description, Cell cell) {
    const typename Primitive::primitive_desc chosen(description, attributes, engine);
    const NetworkSpec& spec = network.spec();
    const CellRanges& ranges = network.layout().cells[0];
    const int gates = spec.gates(), hidden = spec.hidden_size;
    const auto weights = [&](const MatrixRange& matrix, const memory::desc& wanted) {
        const memory::desc plain({1, 1, matrix.columns, gates, hidden}, Type::f32, Tag::ldigo);
        return packed(engine, from_floats(engine, plain, transposed(network, matrix)), wanted, attributes);
    };
    OneDnnLayer layer{};
    layer.cell = cell;
    layer.weights_layer = weights(ranges.weight_ih, chosen.weights_layer_desc());
    layer.weights_iter = weights(ranges.weight_hh, chosen.weights_iter_desc());
    layer.bias = from_floats(engine, chosen.bias_desc(), biases(network, cell));
    layer.data_layer = chosen.src_layer_desc();
    layer.result_layer = chosen.dst_layer_desc();
    layer.state_h = chosen.src_iter_desc();
    if constexpr (std::is_same_v<Primitive, dnnl::lstm_forward>) layer.state_c = chosen.src_iter_c_desc();
    layer.primitive = Primitive(chosen);
    return layer;
}

} // namespace

memory from_floats(const dnnl::engine& engine, const memory::desc& shape, std::span<const float> values) {
    memory out(shape, engine);
    std::memcpy(out.get_data_handle(), values.data(), values.size_bytes());
    return out;
}

dnnl::primitive_attr attributes_of(const Network& network, Precision precision) {
    dnnl::primitive_attr attributes;
    if (precision == Precision::int8) {
        constexpr int kGatesAndHidden = 1 << 3 | 1 << 4;
        attributes.set_rnn_data_qparams(kDataScale, kDataShift);
        attributes.set_rnn_weights_qparams(kGatesAndHidden, weight_scales(network));
    }
    return attributes;
}

OneDnnLayer make_layer(const dnnl::engine& engine, const Network& network, Precision precision, int steps, int batch) {
    const NetworkSpec& spec = network.spec();
    const int inputs = spec.input_size, gates = spec.gates(), hidden = spec.hidden_size;
    const Type data = precision == Precision::f32 ? Type::f32 : precision == Precision::bf16 ? Type::bf16 : Type::u8;
    const Type weight = precision == Precision::int8 ? Type::s8 : data;
    const memory::desc x({steps, batch, inputs}, data, Tag::tnc), y({steps, batch, hidden}, data, Tag::tnc);
    const memory::desc h({1, 1, batch, hidden}, data, Tag::ldnc), c({1, 1, batch, hidden}, Type::f32, Tag::ldnc);
    const memory::desc w_x({1, 1, inputs, gates, hidden}, weight, Tag::any);
    const memory::desc w_h({1, 1, hidden, gates, hidden}, weight, Tag::any);
    const auto inference = dnnl::prop_kind::forward_inference;
    const auto forwards = dnnl::rnn_direction::unidirectional_left2right;
    const dnnl::primitive_attr attributes = attributes_of(network, precision);
    const auto bias = [&](int rows) { return memory::desc({1, 1, rows, hidden}, Type::f32, Tag::ldgo); };
    if (spec.cell == Cell::lstm) {
        const dnnl::lstm_forward::desc wanted(inference, forwards, x, h, c, w_x, w_h, bias(4), y, h, c);
        return finish<dnnl::lstm_forward>(engine, network, attributes, wanted, Cell::lstm);
    }
    if (precision == Precision::int8) {
        const dnnl::gru_forward::desc wanted(inference, forwards, x, h, w_x, w_h, bias(3), y, h);
        return finish<dnnl::gru_forward>(engine, network, attributes, wanted, Cell::gru_reset_before);
    }
    const dnnl::lbr_gru_forward::desc wanted(inference, forwards, x, h, w_x, w_h, bias(4), y, h);
    return finish<dnnl::lbr_gru_forward>(engine, network, attributes, wanted, Cell::gru);
}

} // namespace gatecast::bench
