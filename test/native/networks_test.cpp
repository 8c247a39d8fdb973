#include <doctest/doctest.h>

#include <algorithm>

#include "kernel_list.h"
#include "sequences.h"

using gatecast::Cell;
using gatecast::Kernels;
using gatecast::NetworkSpec;

namespace {

/// A normalisation divides an error of h by the deviation of its values.
double tolerance_of(const NetworkSpec& spec) {
    return spec.layer_norm ? 1e-5 : 2e-6;
}

double worst_against(const Sequences& result, const TrueSequences& truth) {
    const double output = largest_difference(result.output, truth.output, truth.output.size());
    const double h = largest_difference(result.h, truth.h, truth.h.size());
    return std::max({output, h, largest_difference(result.c, truth.c, truth.c.size())});
}

struct Worst {
    double forward = 0, step = 0;
};

/// Checks both ways through a network against the float64 reference, from a state that is not zero.
Worst measure(const NetworkSpec& spec, const Kernels& kernels, int steps, int batch, std::uint32_t seed) {
    const std::vector<float> parameters = random_parameters(spec, seed);
    const std::size_t states = static_cast<std::size_t>(spec.cells()) * batch;
    const std::vector<float> input =
        random_values(static_cast<std::size_t>(steps) * batch * spec.input_size, seed + 1, 2);
    const std::vector<float> h0 = random_values(states * spec.recurrent_size(), seed + 2);
    const std::vector<float> c0 = random_values(states * spec.c_size(), seed + 3);
    const TrueSequences truth = run_reference(spec, converted<double>(parameters), steps, batch,
                                              converted<double>(input), converted<double>(h0), converted<double>(c0));
    const auto network = make_network(spec, kernels, parameters);
    Worst worst;
    worst.forward = worst_against(run_forward(*network, steps, batch, input, h0, c0), truth);
    if (!spec.bidirectional) worst.step = worst_against(run_steps(network, steps, batch, input, h0, c0), truth);
    return worst;
}

} // namespace

TEST_CASE("forward and step equal PyTorch's goldens within 2e-6, and 1e-5 behind a normalisation") {
    const std::vector<GoldenFile> files = golden_files("network");
    REQUIRE(files.size() == every_combination(5, 17, 7).size());
    on_every_kernel([&](const Kernels& kernels) {
        double largest = 0;
        for (const GoldenFile& file : files) {
            CAPTURE(file.name);
            const NetworkSpec spec = spec_of(file);
            const int steps = file.integer("steps"), batch = file.integer("batch"), every = file.integer("outputEvery");
            const std::vector<float>& input = file.tensor("input").data;
            const std::vector<float>& h0 = file.tensor("h0").data;
            const bool has_c = spec.c_size() > 0;
            const std::vector<float> c0 = has_c ? file.tensor("c0").data : std::vector<float>();
            const auto error_of = [&](const Sequences& result) {
                double worst = largest_difference(result.h, file.tensor("hn").data, h0.size());
                if (has_c) worst = std::max(worst, largest_difference(result.c, file.tensor("cn").data, c0.size()));
                const std::vector<float>& expected = file.tensor("output").data;
                const std::size_t width = static_cast<std::size_t>(batch) * spec.output_size();
                for (int row = 0; row < steps / every; ++row) {
                    const float* actual = result.output.data() + ((row + 1) * every - 1) * width;
                    worst = std::max(worst, largest_difference(actual, expected.data() + row * width, width));
                }
                return worst;
            };
            const auto network = make_network(spec, kernels, parameters_of(file, spec));
            const double forward = error_of(run_forward(*network, steps, batch, input, h0, c0));
            CHECK(forward <= tolerance_of(spec));
            largest = std::max(largest, forward);
            if (spec.bidirectional) continue; // a stream has one direction
            const double step = error_of(run_steps(network, steps, batch, input, h0, c0));
            CHECK(step <= tolerance_of(spec));
            largest = std::max(largest, step);
        }
        MESSAGE("largest error against PyTorch ", largest);
    });
}

TEST_CASE(
    "every combination equals the float64 reference within 2e-6 over 200 steps, and 1e-5 behind a normalisation") {
    on_every_kernel([](const Kernels& kernels) {
        double largest = 0;
        for (const NetworkSpec& spec : every_combination(3, 21, 5)) {
            const std::string name = name_of(spec);
            CAPTURE(name);
            const Worst worst = measure(spec, kernels, 200, 2, 100);
            CHECK(worst.forward <= tolerance_of(spec));
            CHECK(worst.step <= tolerance_of(spec));
            largest = std::max({largest, worst.forward, worst.step});
        }
        MESSAGE("largest error against the reference ", largest);
    });
}

TEST_CASE("sizes around the width of a vector equal the reference") {
    on_every_kernel([](const Kernels& kernels) {
        for (const int hidden : {1, 2, 15, 16, 17, 31, 32, 33, 64, 100}) {
            for (const int inputs : {1, 16, 37}) {
                for (NetworkSpec spec : every_combination(inputs, hidden, hidden / 2)) {
                    if (spec.num_layers == 3 || !spec.bias || spec.bidirectional) continue;
                    const std::string name = name_of(spec);
                    CAPTURE(name);
                    CAPTURE(hidden);
                    CAPTURE(inputs);
                    const Worst worst = measure(spec, kernels, 12, 3, 200 + hidden);
                    CHECK(worst.forward <= tolerance_of(spec));
                    CHECK(worst.step <= tolerance_of(spec));
                }
            }
        }
    });
}

TEST_CASE("the head on a step equals the reference") {
    on_every_kernel([](const Kernels& kernels) {
        for (const int head : {1, 16, 19, 50}) {
            for (NetworkSpec spec : every_combination(4, 18, 7)) {
                if (spec.bidirectional || spec.num_layers == 3) continue;
                spec.head_size = head;
                const std::string name = name_of(spec);
                CAPTURE(name);
                CAPTURE(head);
                const int steps = 25;
                const std::vector<float> parameters = random_parameters(spec, 300);
                const std::vector<float> input = random_values(steps * spec.input_size, 301);
                std::vector<double> h(spec.cells() * spec.recurrent_size()), c(spec.cells() * spec.c_size());
                std::vector<double> expected(static_cast<std::size_t>(steps) * head);
                gatecast::reference_forward<double>(spec, converted<double>(parameters), steps,
                                                    converted<double>(input), h, c, {}, expected);
                gatecast::States state(make_network(spec, kernels, parameters));
                REQUIRE(state.output_size() == head);
                std::vector<float> actual(expected.size());
                for (int t = 0; t < steps; ++t)
                    state.step(0, input.data() + t * spec.input_size, actual.data() + t * head);
                CHECK(largest_difference(actual, expected, expected.size()) <= tolerance_of(spec));
            }
        }
    });
}

TEST_CASE("batch first is the same sequences in another order") {
    const NetworkSpec spec{.cell = Cell::lstm, .input_size = 3, .hidden_size = 6, .bidirectional = true};
    const int steps = 5, batch = 4, width = spec.output_size();
    const auto network = make_network(spec, *kernels_here().back(), random_parameters(spec, 400));
    const std::vector<float> input = random_values(steps * batch * spec.input_size, 401);
    std::vector<float> h(spec.cells() * batch * 6), c(h.size()), h_first(h.size()), c_first(h.size());
    std::vector<float> by_time(steps * batch * width), by_batch(by_time.size()), input_first(input.size());
    for (int t = 0; t < steps; ++t) {
        for (int b = 0; b < batch; ++b) {
            std::copy_n(input.data() + (t * batch + b) * 3, 3, input_first.data() + (b * steps + t) * 3);
        }
    }
    gatecast::forward(*network, {steps, batch, false}, input, {}, {}, by_time, h, c);
    gatecast::forward(*network, {steps, batch, true}, input_first, {}, {}, by_batch, h_first, c_first);
    for (int t = 0; t < steps; ++t) {
        for (int b = 0; b < batch; ++b) {
            const float* expected = by_time.data() + (t * batch + b) * width;
            CHECK(std::equal(expected, expected + width, by_batch.data() + (b * steps + t) * width));
        }
    }
    CHECK(h == h_first);
    CHECK(c == c_first);
}
