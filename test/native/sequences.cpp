#include "sequences.h"

#include <algorithm>

using gatecast::NetworkSpec;

namespace {

/// Stream b of an array [rows][batch][columns]
template <class T>
std::vector<T> stream_of(const std::vector<T>& values, std::size_t columns, int batch, int b) {
    std::vector<T> stream;
    for (std::size_t at = b * columns; at < values.size(); at += batch * columns) {
        stream.insert(stream.end(), values.begin() + at, values.begin() + at + columns);
    }
    return stream;
}

/// The inverse: puts stream b in its place
template <class T>
void put_stream(const std::vector<T>& stream, std::size_t columns, int batch, int b, std::vector<T>& values) {
    for (std::size_t row = 0; row < stream.size() / columns; ++row) {
        std::copy_n(stream.begin() + row * columns, columns, values.begin() + (row * batch + b) * columns);
    }
}

} // namespace

std::shared_ptr<gatecast::Network> make_network(const NetworkSpec& spec, const gatecast::Kernels& kernels,
                                                const std::vector<float>& parameters, gatecast::Precision precision) {
    auto network = std::make_shared<gatecast::Network>(spec, kernels, precision);
    network->set_parameters(parameters);
    return network;
}

Sequences run_forward(const gatecast::Network& network, int steps, int batch, const std::vector<float>& input,
                      const std::vector<float>& h0, const std::vector<float>& c0, gatecast::Pool* pool) {
    const std::size_t rows = static_cast<std::size_t>(steps) * batch;
    Sequences result{std::vector<float>(rows * network.spec().output_size()), h0, c0};
    gatecast::forward(network, {steps, batch, false}, input, h0, c0, result.output, result.h, result.c, pool);
    return result;
}

Sequences run_steps(const std::shared_ptr<const gatecast::Network>& network, int steps, int batch,
                    const std::vector<float>& input, const std::vector<float>& h0, const std::vector<float>& c0) {
    const NetworkSpec& spec = network->spec();
    const std::size_t inputs = spec.input_size, recurrent = spec.recurrent_size(), hidden = spec.hidden_size;
    Sequences result{std::vector<float>(static_cast<std::size_t>(steps) * batch * recurrent), h0, c0};
    for (int b = 0; b < batch; ++b) {
        gatecast::States state(network);
        std::vector<float> first = stream_of(h0, recurrent, batch, b);
        const std::vector<float> first_c = stream_of(c0, hidden, batch, b);
        first.insert(first.end(), first_c.begin(), first_c.end());
        state.write(0, first);
        for (int t = 0; t < steps; ++t) {
            const std::size_t row = static_cast<std::size_t>(t) * batch + b;
            state.step(0, input.data() + row * inputs, result.output.data() + row * recurrent);
        }
        std::vector<float> last(state.size());
        state.read(0, last);
        const auto middle = last.begin() + recurrent * spec.num_layers;
        put_stream({last.begin(), middle}, recurrent, batch, b, result.h);
        put_stream({middle, last.end()}, hidden, batch, b, result.c);
    }
    return result;
}

TrueSequences run_reference(const NetworkSpec& spec, const std::vector<double>& parameters, int steps, int batch,
                            const std::vector<double>& input, const std::vector<double>& h0,
                            const std::vector<double>& c0) {
    const std::size_t width = spec.output_size();
    TrueSequences result{std::vector<double>(static_cast<std::size_t>(steps) * batch * width), h0, c0};
    for (int b = 0; b < batch; ++b) {
        std::vector<double> h = stream_of(h0, spec.recurrent_size(), batch, b);
        std::vector<double> c = stream_of(c0, spec.hidden_size, batch, b);
        std::vector<double> output(steps * width);
        gatecast::reference_forward<double>(spec, parameters, steps, stream_of(input, spec.input_size, batch, b), h, c,
                                            output, {});
        put_stream(output, width, batch, b, result.output);
        put_stream(h, spec.recurrent_size(), batch, b, result.h);
        put_stream(c, spec.hidden_size, batch, b, result.c);
    }
    return result;
}
