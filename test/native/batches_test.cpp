#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <numeric>
#include <random>

#include "allocation_counter.h"
#include "kernel_list.h"
#include "sequences.h"

using gatecast::Cell;
using gatecast::Kernels;
using gatecast::NetworkSpec;
using gatecast::Pool;
using gatecast::Precision;
using gatecast::States;

namespace {

/// The networks that a stream can run: every cell, one and two layers, with and without a head, and with attention.
std::vector<NetworkSpec> stream_specs() {
    std::vector<NetworkSpec> specs;
    for (NetworkSpec spec : every_combination(5, 35, 9)) {
        if (spec.bidirectional || spec.num_layers == 3 || !spec.bias) continue;
        spec.head_size = spec.num_layers == 2 ? 18 : 0;
        specs.push_back(spec);
        if (spec.head_size == 0) continue;
        spec.attention = 5;
        specs.push_back(spec);
    }
    return specs;
}

std::vector<float> contents(const States& states, int slot) {
    std::vector<float> values(states.size());
    states.read(slot, values);
    return values;
}

} // namespace

TEST_CASE("any subset of streams in any order gives the same bits as one by one, in every precision and with a pool") {
    const auto pool = std::make_shared<Pool>(2);
    on_every_precision([&](const Kernels& kernels, Precision precision) {
        for (const NetworkSpec& spec : stream_specs()) {
            const std::string name = name_of(spec);
            CAPTURE(name);
            const int slots = 70, inputs = spec.input_size;
            const auto network = make_network(spec, kernels, random_parameters(spec, 11), precision);
            States together(network, slots, pool), alone(network, slots);
            const std::size_t width = alone.output_size();
            std::vector<float> y(slots * width), expected(width);
            std::vector<int> order(slots);
            std::iota(order.begin(), order.end(), 0);
            std::mt19937 generator(12);
            for (const int count : {1, 2, 3, 5, 67}) {
                std::shuffle(order.begin(), order.end(), generator);
                const std::span<const int> chosen(order.data(), count);
                const std::vector<float> x = random_values(count * inputs, 13 + count, 2);
                REQUIRE(together.differ(chosen));
                REQUIRE(together.step_batch(chosen, x.data(), y.data()));
                for (int row = 0; row < count; ++row) {
                    alone.step(chosen[row], x.data() + row * inputs, expected.data());
                    CHECK(std::equal(expected.begin(), expected.end(), y.begin() + row * width));
                }
            }
            for (int slot = 0; slot < slots; ++slot) CHECK(contents(together, slot) == contents(alone, slot));
        }
    });
}

TEST_CASE("a batch with a value that is not finite is refused as a whole, and a batch allocates nothing") {
    const NetworkSpec spec{.cell = Cell::lstm, .input_size = 4, .hidden_size = 20, .proj_size = 6, .num_layers = 2};
    const auto network = make_network(spec, *kernels_here().front(), random_parameters(spec, 21));
    States states(network, 100, std::make_shared<Pool>(2));
    std::vector<int> slots(100);
    std::iota(slots.begin(), slots.end(), 0);
    std::vector<float> x = random_values(400, 22), y(100 * states.output_size());
    const AllocationCounter counter;
    REQUIRE(states.step_batch(slots, x.data(), y.data()));
    REQUIRE(states.differ(slots));
    CHECK(counter.count() == 0);
    const std::vector<float> before = contents(states, 3), answer = y;
    x[399] = HUGE_VALF;
    CHECK_FALSE(states.step_batch(slots, x.data(), y.data()));
    CHECK(contents(states, 3) == before);
    CHECK(y == answer);
}

TEST_CASE("slots that are out of range or repeated are detected") {
    const NetworkSpec spec{.input_size = 1, .hidden_size = 1};
    States states(make_network(spec, *kernels_here().back(), random_parameters(spec, 1)), 4);
    CHECK(states.differ(std::vector<int>{0, 3, 1}));
    CHECK(states.differ(std::vector<int>{}));
    CHECK_FALSE(states.differ(std::vector<int>{0, 3, 0}));
    CHECK(states.differ(std::vector<int>{0, 3}));
    CHECK_FALSE(states.differ(std::vector<int>{4}));
    CHECK_FALSE(states.differ(std::vector<int>{-1}));
}

TEST_CASE("whole sequences give the same bits as single steps, in every precision and with a pool") {
    Pool pool(3);
    on_every_precision([&](const Kernels& kernels, Precision precision) {
        for (const NetworkSpec& spec : every_combination(5, 35, 9)) {
            if (spec.num_layers == 3 || !spec.bias) continue;
            const std::string name = name_of(spec);
            CAPTURE(name);
            const auto network = make_network(spec, kernels, random_parameters(spec, 31), precision);
            // Few streams and many steps, then many streams: the input's products are computed in different orders.
            for (const auto& [steps, batch] : {std::pair{120, 2}, {3, 67}}) {
                const std::vector<float> input = random_values(steps * batch * spec.input_size, 32, 2);
                const std::size_t states = static_cast<std::size_t>(spec.cells()) * batch;
                const std::vector<float> h0 = random_values(states * spec.recurrent_size(), 33);
                const std::vector<float> c0 = random_values(states * spec.c_size(), 34);
                const Sequences one = run_forward(*network, steps, batch, input, h0, c0);
                const Sequences shared = run_forward(*network, steps, batch, input, h0, c0, &pool);
                CHECK(shared.output == one.output);
                CHECK(shared.h == one.h);
                CHECK(shared.c == one.c);
                if (spec.bidirectional) continue;
                const Sequences stepped = run_steps(network, steps, batch, input, h0, c0);
                CHECK(stepped.output == one.output);
                CHECK(stepped.h == one.h);
                CHECK(stepped.c == one.c);
            }
        }
    });
}

TEST_CASE("a pool runs every part of every job once, whatever their number") {
    for (const int threads : {1, 2, 5}) {
        Pool pool(threads);
        CHECK(pool.threads() == threads);
        for (int round = 0; round < 200; ++round) {
            const int parts = round % 9;
            std::vector<std::atomic<int>> calls(9);
            auto job = [&](int part) { ++calls[part]; };
            pool.run(parts, job);
            for (int part = 0; part < 9; ++part) CHECK(calls[part] == (part < parts ? 1 : 0));
        }
    }
}
