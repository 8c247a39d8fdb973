#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "kernel_list.h"
#include "sequences.h"

using gatecast::Cell;
using gatecast::Kernels;
using gatecast::NetworkSpec;

namespace {

constexpr double kTolerance = 1e-4;

/// Everything that has a gradient, or the gradients themselves; arrays as in gatecast::VectorJacobian.
template <class Real>
struct Point {
    std::vector<Real> parameters, input, h0, c0;
};

struct Cotangent {
    std::vector<float> output, hn, cn;
};

/// |a - b| / |b| of two tensors in the Euclidean norm; |a| where b is zero
template <class A, class B>
double relative_error(const A* actual, const B* expected, std::size_t size) {
    double error = 0, norm = 0;
    for (std::size_t i = 0; i < size; ++i) {
        const double difference = static_cast<double>(actual[i]) - static_cast<double>(expected[i]);
        error += difference * difference;
        norm += static_cast<double>(expected[i]) * static_cast<double>(expected[i]);
    }
    return std::sqrt(norm > 0 ? error / norm : error);
}

Point<float> native_gradients(const NetworkSpec& spec, const Kernels& kernels, const Point<float>& at, int steps,
                              int batch, const Cotangent& cotangent) {
    Point<float> result = at; // for the sizes
    gatecast::vector_jacobian(*make_network(spec, kernels, at.parameters), {steps, batch, false}, at.input, at.h0,
                              at.c0,
                              {.d_output = cotangent.output,
                               .d_hn = cotangent.hn,
                               .d_cn = cotangent.cn,
                               .parameters = result.parameters,
                               .d_input = result.input,
                               .d_h0 = result.h0,
                               .d_c0 = result.c0});
    return result;
}

/// The largest relative error of a tensor, parameters one by one.
template <class Real>
double worst_tensor(const NetworkSpec& spec, const Point<float>& actual, const Point<Real>& expected) {
    double worst = std::max({relative_error(actual.input.data(), expected.input.data(), expected.input.size()),
                             relative_error(actual.h0.data(), expected.h0.data(), expected.h0.size()),
                             relative_error(actual.c0.data(), expected.c0.data(), expected.c0.size())});
    const auto check = [&](const gatecast::MatrixRange& range) {
        worst = std::max(worst, relative_error(actual.parameters.data() + range.offset,
                                               expected.parameters.data() + range.offset, range.size()));
    };
    for (const gatecast::CellRanges& ranges : gatecast::ParameterLayout(spec).cells) {
        check(ranges.weight_ih);
        check(ranges.weight_hh);
        check(ranges.bias_ih);
        check(ranges.bias_hh);
        check(ranges.weight_hr);
    }
    for (const gatecast::NormRanges& norm : gatecast::ParameterLayout(spec).norms) {
        check(norm.gain);
        check(norm.bias);
    }
    return worst;
}

Point<float> random_point(const NetworkSpec& spec, int steps, int batch, std::uint32_t seed) {
    const std::size_t states = static_cast<std::size_t>(spec.cells()) * batch;
    Point<float> point;
    point.parameters = random_parameters(spec, seed);
    point.input = random_values(static_cast<std::size_t>(steps) * batch * spec.input_size, seed + 1);
    point.h0 = random_values(states * spec.recurrent_size(), seed + 2);
    point.c0 = random_values(states * spec.c_size(), seed + 3);
    return point;
}

Cotangent random_cotangent(const NetworkSpec& spec, const Point<float>& point, int steps, int batch) {
    Cotangent cotangent;
    cotangent.output = random_values(static_cast<std::size_t>(steps) * batch * spec.output_size(), 11);
    cotangent.hn = random_values(point.h0.size(), 12);
    cotangent.cn = random_values(point.c0.size(), 13);
    return cotangent;
}

double weighted_sum(const std::vector<float>& weights, const std::vector<double>& values) {
    double sum = 0;
    for (std::size_t i = 0; i < values.size(); ++i) sum += weights[i] * values[i];
    return sum;
}

/// sum(output * d_output) + sum(hn * d_hn) + sum(cn * d_cn) of the float64 reference
double reference_sum(const NetworkSpec& spec, const Point<double>& at, int steps, int batch,
                     const Cotangent& cotangent) {
    const TrueSequences result = run_reference(spec, at.parameters, steps, batch, at.input, at.h0, at.c0);
    return weighted_sum(cotangent.output, result.output) + weighted_sum(cotangent.hn, result.h) +
           weighted_sum(cotangent.cn, result.c);
}

/// Central differences, one value after the other.
Point<double> finite_differences(const NetworkSpec& spec, const Point<float>& at, int steps, int batch,
                                 const Cotangent& cotangent) {
    constexpr double kStep = 1e-5;
    Point<double> moved{converted<double>(at.parameters), converted<double>(at.input), converted<double>(at.h0),
                        converted<double>(at.c0)};
    Point<double> result = moved;
    for (const auto member :
         {&Point<double>::parameters, &Point<double>::input, &Point<double>::h0, &Point<double>::c0}) {
        for (std::size_t i = 0; i < (moved.*member).size(); ++i) {
            double& value = (moved.*member)[i];
            const double before = value;
            value = before + kStep;
            const double above = reference_sum(spec, moved, steps, batch, cotangent);
            value = before - kStep;
            const double below = reference_sum(spec, moved, steps, batch, cotangent);
            value = before;
            (result.*member)[i] = (above - below) / (2 * kStep);
        }
    }
    return result;
}

} // namespace

TEST_CASE("gradients equal PyTorch's within 1e-4 of each tensor's norm") {
    const std::vector<GoldenFile> files = golden_files("network");
    on_every_kernel([&](const Kernels& kernels) {
        double largest = 0;
        for (const GoldenFile& file : files) {
            CAPTURE(file.name);
            const NetworkSpec spec = spec_of(file);
            const bool has_c = spec.c_size() > 0;
            const int steps = file.integer("gradientSteps"), batch = file.integer("batch");
            const auto of = [&](const std::string& name) { return file.tensor(name).data; };
            const auto of_cell = [&](const std::string& name) { return has_c ? of(name) : std::vector<float>(); };
            Point<float> at{parameters_of(file, spec), of("input"), of("h0"), of_cell("c0")};
            at.input.resize(static_cast<std::size_t>(steps) * batch * spec.input_size);
            const Cotangent cotangent{of("cotangent.output"), of("cotangent.hn"), of_cell("cotangent.cn")};
            const Point<float> expected{parameters_of(file, spec, "gradient."), of("gradient.input"), of("gradient.h0"),
                                        of_cell("gradient.c0")};
            const Point<float> actual = native_gradients(spec, kernels, at, steps, batch, cotangent);
            const double worst = worst_tensor(spec, actual, expected);
            CHECK(worst <= kTolerance);
            largest = std::max(largest, worst);
        }
        MESSAGE("largest relative error against PyTorch ", largest);
    });
}

TEST_CASE("gradients equal finite differences of the float64 reference within 1e-4 of each tensor's norm") {
    const int steps = 5, batch = 2;
    std::vector<double> largest(kernels_here().size());
    for (const NetworkSpec& spec : every_combination(2, 4, 2)) {
        const std::string name = name_of(spec);
        CAPTURE(name);
        const Point<float> at = random_point(spec, steps, batch, 500);
        const Cotangent cotangent = random_cotangent(spec, at, steps, batch);
        const Point<double> expected = finite_differences(spec, at, steps, batch, cotangent);
        std::size_t k = 0;
        on_every_kernel([&](const Kernels& kernels) {
            const Point<float> actual = native_gradients(spec, kernels, at, steps, batch, cotangent);
            const double worst = worst_tensor(spec, actual, expected);
            CHECK(worst <= kTolerance);
            largest[k] = std::max(largest[k], worst);
            ++k;
        });
    }
    std::size_t k = 0;
    on_every_kernel(
        [&](const Kernels&) { MESSAGE("largest relative error against finite differences ", largest[k++]); });
}

TEST_CASE("without cotangents of the last states, and from the zero state, gradients are the same as with zeros") {
    on_every_kernel([](const Kernels& kernels) {
        for (const NetworkSpec& spec : every_combination(3, 18, 5)) {
            const std::string name = name_of(spec);
            CAPTURE(name);
            const int steps = 4, batch = 3;
            Point<float> at = random_point(spec, steps, batch, 600);
            std::fill(at.h0.begin(), at.h0.end(), 0.0f);
            std::fill(at.c0.begin(), at.c0.end(), 0.0f);
            Cotangent cotangent = random_cotangent(spec, at, steps, batch);
            std::fill(cotangent.hn.begin(), cotangent.hn.end(), 0.0f);
            std::fill(cotangent.cn.begin(), cotangent.cn.end(), 0.0f);
            const Point<float> given = native_gradients(spec, kernels, at, steps, batch, cotangent);

            Point<float> left_out = at;
            gatecast::vector_jacobian(*make_network(spec, kernels, at.parameters), {steps, batch, false}, at.input, {},
                                      {},
                                      {.d_output = cotangent.output,
                                       .d_hn = {},
                                       .d_cn = {},
                                       .parameters = left_out.parameters,
                                       .d_input = left_out.input,
                                       .d_h0 = left_out.h0,
                                       .d_c0 = left_out.c0});
            CHECK(left_out.parameters == given.parameters);
            CHECK(left_out.input == given.input);
            CHECK(left_out.h0 == given.h0);
            CHECK(left_out.c0 == given.c0);
        }
    });
}

TEST_CASE("batch first gives the same gradients in another order") {
    const NetworkSpec spec{
        .cell = Cell::gru, .input_size = 3, .hidden_size = 5, .num_layers = 2, .bidirectional = true};
    const int steps = 4, batch = 3, width = spec.output_size();
    const Point<float> at = random_point(spec, steps, batch, 700);
    const Cotangent cotangent = random_cotangent(spec, at, steps, batch);
    const Kernels& kernels = *kernels_here().front();
    const Point<float> by_time = native_gradients(spec, kernels, at, steps, batch, cotangent);

    const auto batch_first = [&](const std::vector<float>& values, int columns) {
        std::vector<float> result(values.size());
        for (int t = 0; t < steps; ++t) {
            for (int b = 0; b < batch; ++b) {
                std::copy_n(values.begin() + (t * batch + b) * columns, columns,
                            result.begin() + (b * steps + t) * columns);
            }
        }
        return result;
    };
    Point<float> by_batch = at;
    gatecast::vector_jacobian(*make_network(spec, kernels, at.parameters), {steps, batch, true},
                              batch_first(at.input, spec.input_size), at.h0, {},
                              {.d_output = batch_first(cotangent.output, width),
                               .d_hn = cotangent.hn,
                               .d_cn = {},
                               .parameters = by_batch.parameters,
                               .d_input = by_batch.input,
                               .d_h0 = by_batch.h0,
                               .d_c0 = {}});
    CHECK(by_batch.parameters == by_time.parameters);
    CHECK(by_batch.input == batch_first(by_time.input, spec.input_size));
    CHECK(by_batch.h0 == by_time.h0);
}
