#include <doctest/doctest.h>

#include <algorithm>
#include <cfenv>
#include <cmath>
#include <limits>

#include "core/denormals.h"
#include "kernel_list.h"
#include "sequences.h"

using gatecast::Cell;
using gatecast::Kernels;
using gatecast::NetworkSpec;
using gatecast::Precision;

namespace {

/// The largest error of h over `steps` against the float64 reference, whose weights are not rounded.
double error_of(const NetworkSpec& spec, const Kernels& kernels, Precision precision, int steps) {
    const std::vector<float> parameters = random_parameters(spec, 41);
    const std::vector<float> input = random_values(steps * spec.input_size, 42, 2);
    const std::vector<float> h0(spec.cells() * spec.recurrent_size());
    const std::vector<float> c0(spec.cells() * spec.c_size());
    const TrueSequences truth = run_reference(spec, converted<double>(parameters), steps, 1, converted<double>(input),
                                              converted<double>(h0), converted<double>(c0));
    const auto network = make_network(spec, kernels, parameters, precision);
    const Sequences result = run_forward(*network, steps, 1, input, h0, c0);
    return largest_difference(result.output, truth.output, truth.output.size());
}

/// h of 50 steps of every combination
std::vector<float> outputs_of(const Kernels& kernels, Precision precision) {
    std::vector<float> all;
    for (const NetworkSpec& spec : every_combination(5, 35, 9)) {
        const auto network = make_network(spec, kernels, random_parameters(spec, 51), precision);
        const std::vector<float> h0(spec.cells() * spec.recurrent_size());
        const std::vector<float> c0(spec.cells() * spec.c_size());
        const Sequences result = run_forward(*network, 50, 1, random_values(50 * spec.input_size, 52, 2), h0, c0);
        all.insert(all.end(), result.output.begin(), result.output.end());
    }
    return all;
}

} // namespace

TEST_CASE("low precision stays near the float64 reference, and is not f32") {
    on_every_kernel([](const Kernels& kernels) {
        for (const NetworkSpec& spec : every_combination(7, 48, 12)) {
            const std::string name = name_of(spec);
            CAPTURE(name);
            // Rounding to 8 bits of mantissa and to 255 levels; the error does not grow with the steps.
            const double bf16 = error_of(spec, kernels, Precision::bf16, 300);
            const double int8 = error_of(spec, kernels, Precision::int8, 300);
            CHECK(bf16 < 6e-3);
            CHECK(bf16 > 2e-6);
            CHECK(int8 < 3e-2);
            CHECK(int8 > 2e-6);
        }
    });
}

TEST_CASE("all instruction sets agree within 1e-6 in f32, and nearly so in low precision") {
    const std::vector<const Kernels*> list = kernels_here();
    const std::pair<Precision, double> tolerances[] = {
        {Precision::f32, 1e-6},
        // A sum that differs in its last bit may round h to the next bfloat16, or byte, in a few places.
        {Precision::bf16, 3e-3},
        {Precision::int8, 1e-2},
    };
    for (const auto& [precision, tolerance] : tolerances) {
        const std::vector<float> expected = outputs_of(*list.back(), precision);
        for (const Kernels* kernels : list) {
            const std::string isa = kernels->name;
            CAPTURE(isa);
            CHECK(largest_difference(outputs_of(*kernels, precision), expected, expected.size()) <= tolerance);
        }
    }
}

TEST_CASE("an input far larger than the rest of its row costs int8 no more than the row's scale") {
    const NetworkSpec spec{.cell = Cell::gru, .input_size = 6, .hidden_size = 5};
    on_every_kernel([&](const Kernels& kernels) {
        const auto network = make_network(spec, kernels, random_parameters(spec, 61), Precision::int8);
        gatecast::States states(network);
        std::vector<float> x(6, 1e-42f), y(5);
        CHECK(states.step(0, x.data(), y.data())); // too small for a scale: the same as zero
        x = {3e38f, -3e38f, 0, 1, 1e-38f, 0};
        CHECK(states.step(0, x.data(), y.data()));
        for (const float value : y) CHECK(std::fabs(value) <= 1.0f);
    });
}

TEST_CASE("denormals count as zero while a guard lives, and the caller's mode is restored after a step") {
    volatile float tiny = std::numeric_limits<float>::denorm_min(), half = 0.5f;
    const auto keeps_denormals = [&] {
        return tiny * 4.0f != 0.0f && std::numeric_limits<float>::min() * half != 0.0f;
    };
    REQUIRE(keeps_denormals());
    {
        const gatecast::FlushDenormals flush;
        CHECK_FALSE(keeps_denormals());
        { const gatecast::FlushDenormals inner; }
        CHECK_FALSE(keeps_denormals());
    }
    CHECK(keeps_denormals());
    const NetworkSpec spec{.input_size = 1, .hidden_size = 3};
    gatecast::States states(make_network(spec, *kernels_here().front(), random_parameters(spec, 71)));
    std::vector<float> x{tiny}, y(3), hn(3);
    states.step(0, x.data(), y.data());
    CHECK(keeps_denormals());
    const std::vector<int> slot{0};
    states.step_batch(slot, x.data(), y.data());
    CHECK(keeps_denormals());
    gatecast::forward(states.network(), {1, 1, false}, x, {}, {}, y, hn, {});
    CHECK(keeps_denormals());
}
