#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernel_list.h"
#include "sequences.h"
#include "training_cases.h"

using gatecast::Cell;
using gatecast::Kernels;
using gatecast::NetworkSpec;
using gatecast::Precision;

namespace {

constexpr float kUntouched = 77;

/// Layer normalisation in float64, with PyTorch's epsilon.
std::vector<double> normalised(const std::vector<float>& row, const std::vector<float>& gain_and_bias) {
    const std::size_t size = row.size();
    double mean = 0, variance = 0;
    for (const float value : row) mean += value / static_cast<double>(size);
    for (const float value : row) variance += (value - mean) * (value - mean) / static_cast<double>(size);
    std::vector<double> result;
    for (std::size_t k = 0; k < size; ++k) {
        result.push_back((row[k] - mean) / std::sqrt(variance + 1e-5) * gain_and_bias[k] + gain_and_bias[size + k]);
    }
    return result;
}

/// The kernel on one row between values that it must not touch, written beside the row or over it
std::vector<float> run_row(const Kernels& kernels, const std::vector<float>& row, const std::vector<float>& norm,
                           bool in_place) {
    const int size = static_cast<int>(row.size());
    std::vector<float> h(row.size() + 2, kUntouched), other(h);
    std::copy(row.begin(), row.end(), h.begin() + 1);
    std::vector<float>& y = in_place ? h : other;
    kernels.layer_output({.size = size,
                          .batch = 1,
                          .h = h.data() + 1,
                          .h_stride = 0,
                          .gain = norm.data(),
                          .x = nullptr,
                          .x_stride = 0,
                          .y = y.data() + 1,
                          .y_stride = 0,
                          .normal = nullptr,
                          .normal_stride = 0,
                          .scale = nullptr});
    CHECK(y.front() == kUntouched);
    CHECK(y.back() == kUntouched);
    return {y.begin() + 1, y.end() - 1};
}

/// Gains of about 1
std::vector<float> gains_and_biases(int size) {
    std::vector<float> values = random_values(2 * size, 7, 0.5f);
    for (int k = 0; k < size; ++k) values[k] += 1;
    return values;
}

/// The parameters of one layer as those of a network of its own, and its shape
struct OneLayer {
    NetworkSpec spec;
    std::vector<double> parameters;
};

OneLayer one_layer(const NetworkSpec& spec, const std::vector<double>& parameters, int layer) {
    OneLayer one{spec, {}};
    one.spec.input_size = spec.layer_input_size(layer);
    one.spec.num_layers = 1;
    const std::size_t begin = gatecast::ParameterLayout(spec).cells[layer].weight_ih.offset;
    const auto first = parameters.begin() + static_cast<std::ptrdiff_t>(begin);
    one.parameters.assign(first, first + static_cast<std::ptrdiff_t>(gatecast::ParameterLayout(one.spec).size));
    return one;
}

} // namespace

TEST_CASE("a row is normalised as in float64, whatever its size, level and spread, and nothing beside it is touched") {
    on_every_kernel([](const Kernels& kernels) {
        double largest = 0;
        for (const int size : {1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 64, 100}) {
            CAPTURE(size);
            const std::vector<float> norm = gains_and_biases(size);
            for (const float spread : {1e-30f, 1e-4f, 0.3f, 1.0f, 1e6f, 1e15f, 1e20f, 1e30f, 3e38f}) {
                CAPTURE(spread);
                for (const float level : {0.0f, 1.0f}) {
                    std::vector<float> row = random_values(size, 3 * size, spread);
                    for (float& value : row) value = value * (1 - 0.75f * level) + level * 0.25f * spread;
                    const std::vector<float> actual = run_row(kernels, row, norm, false);
                    const double error = largest_difference(actual, normalised(row, norm), row.size());
                    CHECK(error < 3e-6);
                    largest = std::max(largest, error);
                    CHECK(run_row(kernels, row, norm, true) == actual);
                }
            }
        }
        MESSAGE("largest error of a normalised value ", largest);
    });
}

TEST_CASE("a constant row normalises to the bias, to the bit") {
    on_every_kernel([](const Kernels& kernels) {
        for (const int size : {1, 5, 16, 33, 65}) {
            const std::vector<float> norm = gains_and_biases(size);
            for (const float value : {0.0f, 0.1f, -0.7f, 1e-40f, 12345.678f, 1.1e30f, -3.4e38f}) {
                CAPTURE(value);
                const std::vector<float> row(size, value);
                CHECK(run_row(kernels, row, norm, false) == std::vector<float>(norm.begin() + size, norm.end()));
            }
        }
    });
}

TEST_CASE("gains and inputs of any size give finite outputs") {
    constexpr float kMost = std::numeric_limits<float>::max();
    on_every_kernel([&](const Kernels& kernels) {
        const int size = 19;
        std::vector<float> h = random_values(size, 4, kMost), x = random_values(size, 5, kMost), y(size);
        h[3] = kMost;
        h[4] = -kMost;
        x[3] = kMost;
        x[4] = -kMost;
        const std::vector<float> huge(2 * size, kMost);
        for (const float* gain : {static_cast<const float*>(nullptr), huge.data()}) {
            kernels.layer_output({.size = size,
                                  .batch = 1,
                                  .h = h.data(),
                                  .h_stride = 0,
                                  .gain = gain,
                                  .x = x.data(),
                                  .x_stride = 0,
                                  .y = y.data(),
                                  .y_stride = 0,
                                  .normal = nullptr,
                                  .normal_stride = 0,
                                  .scale = nullptr});
            CHECK(gatecast::all_finite(y));
        }
    });
}

TEST_CASE("gradients pass through dropout, normalised and residual layers as in float64") {
    const int steps = 5, batch = 2;
    double largest = 0;
    for (const Cell cell : {Cell::gru, Cell::lstm}) {
        const NetworkSpec spec{.cell = cell,
                               .input_size = 3,
                               .hidden_size = 6,
                               .proj_size = cell == Cell::lstm ? 4 : 0,
                               .num_layers = 3,
                               .layer_norm = true,
                               .residual = true};
        const std::vector<float> at = random_parameters(spec, 61);
        const std::size_t width = spec.output_size();
        const std::vector<float> input = random_values(steps * batch * spec.input_size, 62);
        const std::vector<float> d_output = random_values(steps * batch * width, 63);
        on_every_kernel([&](const Kernels& kernels) {
            gatecast::Trace trace(spec, steps, batch);
            std::copy(input.begin(), input.end(), trace.input(0));
            trace.begin(batch);
            gatecast::Random random(64);
            gatecast::run_layers(*make_network(spec, kernels, at), trace, 0.3f, random);
            gatecast::Backward backward(spec, kernels);
            backward.set_parameters(at);
            std::vector<float> gradients(at.size());
            backward.run(trace, d_output.data(), width, {}, gradients);

            // Layer by layer, with what was dropped: a residual layer adds its input as it reads it.
            const auto loss = [&](const std::vector<double>& parameters) {
                std::vector<double> x = converted<double>(input);
                for (int layer = 0; layer < spec.num_layers; ++layer) {
                    const float* mask = trace.mask(layer).data();
                    for (std::size_t k = 0; layer > 0 && k < x.size(); ++k) x[k] *= mask[k];
                    const auto [own, weights] = one_layer(spec, parameters, layer);
                    std::vector<double> h(batch * own.recurrent_size()), c(batch * own.c_size());
                    std::vector<double> y = run_reference(own, weights, steps, batch, x, h, c).output;
                    for (std::size_t k = 0; layer > 0 && k < y.size(); ++k) y[k] += x[k];
                    x = std::move(y);
                }
                double sum = 0;
                for (std::size_t k = 0; k < x.size(); ++k) sum += x[k] * d_output[k];
                return sum;
            };
            const double error = relative_error(gradients, finite_differences(at, loss));
            CHECK(error < 2e-5);
            largest = std::max(largest, error);
        });
    }
    MESSAGE("largest relative error of a gradient ", largest);
}

TEST_CASE("a normalisation begins with gain 1 and bias 0") {
    const NetworkSpec spec{.input_size = 2, .hidden_size = 5, .num_layers = 2, .head_size = 1, .layer_norm = true};
    gatecast::Network network(spec, *kernels_here().front());
    network.initialise(3);
    for (const auto& [gain, bias] : network.layout().norms) {
        for (int k = 0; k < 5; ++k) CHECK(network.parameters()[gain.offset + k] == 1);
        for (int k = 0; k < 5; ++k) CHECK(network.parameters()[bias.offset + k] == 0);
    }
}

TEST_CASE("what a layer passes on beyond 1 is not cut off in low precision") {
    const int steps = 60;
    on_every_precision([&](const Kernels& kernels, Precision precision) {
        for (const bool norm : {true, false}) {
            NetworkSpec spec{.input_size = 3, .hidden_size = 24, .num_layers = 4, .layer_norm = norm, .residual = true};
            const gatecast::ParameterLayout layout(spec);
            std::vector<float> parameters = random_values(layout.size, 71, norm ? 0.2f : 0.6f);
            for (const auto& [gain, bias] : layout.norms) {
                std::fill_n(parameters.begin() + gain.offset, gain.size(), 2.0f);
            }
            const std::vector<float> input = random_values(steps * spec.input_size, 72, 2), h0(4 * 24);
            const Sequences exact = run_forward(*make_network(spec, kernels, parameters), steps, 1, input, h0, {});
            const auto rounded = make_network(spec, kernels, parameters, precision);
            const double error =
                largest_difference(run_forward(*rounded, steps, 1, input, h0, {}).output, exact.output, steps * 24);
            CHECK(*std::ranges::max_element(exact.output) > 1);
            CHECK(error < (precision == Precision::f32 ? 1e-9 : 0.2));
        }
    });
}
