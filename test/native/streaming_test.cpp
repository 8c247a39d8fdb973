#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <random>

#include "kernel_list.h"
#include "sequences.h"

using gatecast::Kernels;
using gatecast::NetworkSpec;
using gatecast::States;

namespace {

/// The combinations that a stream can have, with and without a head and with attention.
std::vector<NetworkSpec> streaming_specs() {
    std::vector<NetworkSpec> specs;
    for (NetworkSpec spec : every_combination(3, 19, 5)) {
        if (spec.bidirectional) continue;
        specs.push_back(spec);
        spec.head_size = 18;
        specs.push_back(spec);
        spec.attention = 4;
        specs.push_back(spec);
    }
    return specs;
}

std::vector<float> first_h(const NetworkSpec& spec, int batch) {
    return random_values(static_cast<std::size_t>(spec.cells()) * batch * spec.recurrent_size(), 21);
}

std::vector<float> first_c(const NetworkSpec& spec, int batch) {
    return random_values(static_cast<std::size_t>(spec.cells()) * batch * spec.c_size(), 22);
}

std::vector<float> contents(const States& state) {
    std::vector<float> values(state.size());
    state.read(0, values);
    return values;
}

} // namespace

TEST_CASE("streaming equals forward to the bit, however the sequence is cut and whatever the batch is") {
    std::mt19937 generator(7);
    on_every_kernel([&](const Kernels& kernels) {
        for (const NetworkSpec& spec : streaming_specs()) {
            if (spec.head_size > 0) continue;
            const std::string name = name_of(spec);
            CAPTURE(name);
            const int steps = 40, batch = 3;
            const auto network = make_network(spec, kernels, random_parameters(spec, 23));
            const std::vector<float> input = random_values(steps * batch * spec.input_size, 24, 3);
            const std::vector<float> h0 = first_h(spec, batch), c0 = first_c(spec, batch);
            const Sequences whole = run_forward(*network, steps, batch, input, h0, c0);

            const Sequences stepped = run_steps(network, steps, batch, input, h0, c0);
            CHECK(stepped.output == whole.output);
            CHECK(stepped.h == whole.h);
            CHECK(stepped.c == whole.c);

            Sequences part{{}, h0, c0};
            std::vector<float> output;
            for (int t = 0; t < steps;) {
                const int count = std::min<int>(1 + generator() % 9, steps - t);
                const auto begin = input.begin() + t * batch * spec.input_size;
                part = run_forward(*network, count, batch, {begin, begin + count * batch * spec.input_size}, part.h,
                                   part.c);
                output.insert(output.end(), part.output.begin(), part.output.end());
                t += count;
            }
            CHECK(output == whole.output);
            CHECK(part.h == whole.h);
            CHECK(part.c == whole.c);
        }
    });
}

TEST_CASE("two states of one network never mix") {
    on_every_kernel([](const Kernels& kernels) {
        for (const NetworkSpec& spec : streaming_specs()) {
            const std::string name = name_of(spec);
            CAPTURE(name);
            const auto network = make_network(spec, kernels, random_parameters(spec, 31));
            const int steps = 20;
            const std::vector<float> a = random_values(steps * spec.input_size, 32);
            const std::vector<float> b = random_values(steps * spec.input_size, 33);
            const std::size_t width = States(network).output_size();
            const auto alone = [&](const std::vector<float>& input) {
                States state(network);
                std::vector<float> output(steps * width);
                for (int t = 0; t < steps; ++t)
                    state.step(0, input.data() + t * spec.input_size, output.data() + t * width);
                return output;
            };
            States first(network), second(network);
            std::vector<float> first_output(steps * width), second_output(steps * width);
            for (int t = 0; t < steps; ++t) {
                first.step(0, a.data() + t * spec.input_size, first_output.data() + t * width);
                second.step(0, b.data() + t * spec.input_size, second_output.data() + t * width);
            }
            CHECK(first_output == alone(a));
            CHECK(second_output == alone(b));
            CHECK(first_output != second_output);
        }
    });
}

TEST_CASE("a sample that is not finite is refused and changes nothing") {
    const float bad[] = {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                         -std::numeric_limits<float>::infinity()};
    on_every_kernel([&](const Kernels& kernels) {
        for (const NetworkSpec& spec : streaming_specs()) {
            const auto network = make_network(spec, kernels, random_parameters(spec, 41));
            States state(network), untouched(network);
            const std::vector<float> input = random_values(2 * spec.input_size, 42);
            std::vector<float> y(state.output_size()), expected(y.size());
            state.step(0, input.data(), y.data());
            untouched.step(0, input.data(), expected.data());
            for (const float value : bad) {
                for (int position = 0; position < spec.input_size; ++position) {
                    std::vector<float> x(input.begin(), input.begin() + spec.input_size);
                    x[position] = value;
                    CHECK_FALSE(state.step(0, x.data(), y.data()));
                    CHECK(y == expected);
                    CHECK(contents(state) == contents(untouched));
                }
            }
            CHECK(state.step(0, input.data() + spec.input_size, y.data()));
            untouched.step(0, input.data() + spec.input_size, expected.data());
            CHECK(y == expected);
        }
    });
}

TEST_CASE("reset is a new state, and a state read and written elsewhere, or copied, continues to the bit") {
    on_every_kernel([](const Kernels& kernels) {
        for (const NetworkSpec& spec : streaming_specs()) {
            const std::string name = name_of(spec);
            CAPTURE(name);
            const auto network = make_network(spec, kernels, random_parameters(spec, 51));
            const int steps = 11; // odd, so that the two sides of a state have changed places
            const std::vector<float> input = random_values(2 * steps * spec.input_size, 52);
            States state(network), written(network), copied(network);
            std::vector<float> y(state.output_size()), other(y.size()), fresh(y.size());
            for (int t = 0; t < steps; ++t) state.step(0, input.data() + t * spec.input_size, y.data());
            written.step(0, input.data(), other.data());
            written.write(0, contents(state));
            copied.copy_from(0, state, 0);
            for (int t = steps; t < 2 * steps; ++t) {
                const float* x = input.data() + t * spec.input_size;
                state.step(0, x, y.data());
                written.step(0, x, other.data());
                CHECK(other == y);
                copied.step(0, x, other.data());
                CHECK(other == y);
            }
            state.reset(0);
            CHECK(contents(state) == std::vector<float>(state.size()));
            States begun(network);
            for (int t = 0; t < steps; ++t) {
                state.step(0, input.data() + t * spec.input_size, y.data());
                begun.step(0, input.data() + t * spec.input_size, fresh.data());
                CHECK(y == fresh);
            }
        }
    });
}

TEST_CASE("a stream gets the same bits with an odd number of streams and at any place in the batch") {
    on_every_kernel([](const Kernels& kernels) {
        for (const NetworkSpec& spec : every_combination(4, 17, 3)) {
            const std::string name = name_of(spec);
            CAPTURE(name);
            const auto network = make_network(spec, kernels, random_parameters(spec, 61));
            const int steps = 6;
            const std::vector<float> one = random_values(steps * spec.input_size, 62);
            const std::vector<float> h1(spec.cells() * spec.recurrent_size());
            const std::vector<float> c1(spec.cells() * spec.c_size());
            const Sequences alone = run_forward(*network, steps, 1, one, h1, c1);
            for (const int batch : {2, 3, 5}) {
                std::vector<float> input = random_values(steps * batch * spec.input_size, 63, 100);
                for (int t = 0; t < steps; ++t) {
                    std::copy_n(one.data() + t * spec.input_size, spec.input_size,
                                input.data() + (t * batch + batch - 1) * spec.input_size);
                }
                const Sequences many = run_forward(*network, steps, batch, input, std::vector<float>(h1.size() * batch),
                                                   std::vector<float>(c1.size() * batch));
                const int width = spec.output_size();
                for (int t = 0; t < steps; ++t) {
                    const float* expected = alone.output.data() + t * width;
                    CHECK(std::equal(expected, expected + width, many.output.data() + (t * batch + batch - 1) * width));
                }
            }
        }
    });
}
