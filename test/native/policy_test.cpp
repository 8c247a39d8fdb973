#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "allocation_counter.h"
#include "kernel_list.h"
#include "sequences.h"

using gatecast::Activation;
using gatecast::Answer;
using gatecast::Cell;
using gatecast::DenseLayers;
using gatecast::Kernels;
using gatecast::Network;
using gatecast::NetworkSpec;
using gatecast::PolicyController;
using gatecast::PolicyForm;
using gatecast::Situation;

namespace {

constexpr int kInputs = 3, kActions = 2;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN(), kMost = std::numeric_limits<double>::max();
constexpr double kEver = std::numeric_limits<double>::infinity();

NetworkSpec spec_with_head(int head_size) {
    return {.cell = Cell::gru, .input_size = kInputs, .hidden_size = 19, .num_layers = 2, .head_size = head_size};
}

PolicyForm form() {
    return {
        .mean = {1, -2, 0.5},
        .deviation = {0.5, 4, 1},
        .clip = 3,
        .limit = 1e24,
        .signal = kInputs,
        .cleared_by_zero = false,
        .reset_after = 0.5,
        .squash = true,
        .scale = {2, -10},
        .offset = {1, 0},
        .low = {-kMost, -4},
        .high = {kMost, 5},
    };
}

DenseLayers no_layers(const Kernels& kernels, int size) {
    return DenseLayers(kernels, Activation::elu, std::vector{size}, {});
}

PolicyController make_policy(const Kernels& kernels, const PolicyForm& form) {
    const NetworkSpec spec = spec_with_head(kActions);
    return {make_network(spec, kernels, random_parameters(spec, 9)), no_layers(kernels, kActions), form};
}

Answer decide(PolicyController& policy, const std::vector<double>& values, double at, std::vector<double>& action) {
    return policy.decide({.values = values, .at = at, .effect = at, .deadline = kEver, .sent = {}}, action);
}

std::vector<double> decided(PolicyController& policy, const std::vector<double>& values, double at = kNan) {
    std::vector<double> action(kActions);
    CHECK(decide(policy, values, at, action).good);
    return action;
}

/// An observation with a signal of 0 behind it
std::vector<double> observed(std::uint32_t seed, double signal = 0) {
    std::vector<double> values = converted<double>(random_values(kInputs, seed, 4));
    values.push_back(signal);
    return values;
}

} // namespace

TEST_CASE("a policy is the float64 reference between its normaliser and its actions") {
    on_every_kernel([](const Kernels& kernels) {
        constexpr int kSteps = 30;
        const NetworkSpec spec = spec_with_head(kActions);
        const PolicyForm policy_form = form();
        std::vector<double> read, numbers(kSteps * kActions), h(2 * 19), output(kSteps * 19);
        for (int t = 0; t < kSteps; ++t) {
            const std::vector<double> values = observed(t);
            for (int i = 0; i < kInputs; ++i) {
                const double scaled = (values[i] - policy_form.mean[i]) / policy_form.deviation[i];
                read.push_back(scaled > 3 ? 3 : scaled < -3 ? -3 : scaled);
            }
        }
        gatecast::reference_forward<double>(spec, converted<double>(random_parameters(spec, 9)), kSteps, read, h, {},
                                            output, numbers);
        PolicyController policy = make_policy(kernels, policy_form);
        CHECK(policy.observation_count() == kInputs + 1);
        CHECK(policy.action_count() == kActions);
        for (int t = 0; t < kSteps; ++t) {
            const std::vector<double> action = decided(policy, observed(t));
            const double first = std::tanh(numbers[t * kActions]), second = std::tanh(numbers[t * kActions + 1]);
            CHECK(action[0] == doctest::Approx(1 + 2 * first).epsilon(1e-5));
            CHECK(action[1] == doctest::Approx(std::min(5.0, std::max(-4.0, -10 * second))).epsilon(1e-5));
        }
    });
}

TEST_CASE("a head of several layers is its matrices and activations, in float64") {
    on_every_kernel([](const Kernels& kernels) {
        const std::vector sizes{19, 33, 5};
        const std::vector<float> parameters = random_values(DenseLayers::parameter_count(sizes), 4, 0.3f);
        CHECK(parameters.size() == 20 * 33 + 34 * 5);
        const std::vector<float> input = random_values(19, 5, 3);
        const auto expect = [&](Activation activation, auto activate) {
            std::vector<double> values = converted<double>(input);
            const float* next = parameters.data();
            for (std::size_t layer = 0; layer < 2; ++layer) {
                const int rows = sizes[layer + 1], columns = sizes[layer];
                std::vector<double> sums(rows);
                for (int row = 0; row < rows; ++row) {
                    sums[row] = next[rows * columns + row];
                    for (int k = 0; k < columns; ++k) sums[row] += next[row * columns + k] * activate(values[k]);
                }
                next += rows * (columns + 1);
                values = sums;
            }
            DenseLayers layers(kernels, activation, sizes, parameters);
            for (int round = 0; round < 2; ++round) {
                std::vector<float> padded(gatecast::padded(19));
                std::ranges::copy(input, padded.begin());
                const std::span<const float> output = layers.run(padded);
                REQUIRE(output.size() == 5);
                CHECK(largest_difference(output, values, 5) < 1e-5);
            }
        };
        expect(Activation::elu, [](double x) { return x > 0 ? x : std::exp(x) - 1; });
        expect(Activation::relu, [](double x) { return x > 0 ? x : 0; });
        expect(Activation::tanh, [](double x) { return std::tanh(x); });
    });
}

TEST_CASE("the signal, a gap in time and reset clear the memory, and nothing else does") {
    const Kernels& kernels = *kernels_here().front();
    PolicyController policy = make_policy(kernels, form());
    const std::vector<double> first = decided(policy, observed(1), 10);
    const std::vector<double> warm = decided(policy, observed(1), 10.5); // just as long as it may be
    CHECK(warm != first);
    CHECK(decided(policy, observed(1, 1), 10.6) == first);
    CHECK(decided(policy, observed(1, -0.5), 10.7) == first);
    CHECK(decided(policy, observed(1), 10.8) == warm);
    CHECK(decided(policy, observed(1), 11.4) == first);
    CHECK(decided(policy, observed(1), 3) == first); // time that goes back
    CHECK(decided(policy, observed(1), 3.1) == warm);
    CHECK(decided(policy, observed(1)) != first); // time that is not known
    policy.reset();
    CHECK(decided(policy, observed(1)) == first);

    PolicyForm other = form();
    other.signal = 1;
    other.cleared_by_zero = true;
    PolicyController masked = make_policy(kernels, other);
    CHECK(masked.observation_count() == kInputs);
    const auto fresh = decided(masked, {1, 0, 2});
    CHECK(decided(masked, {1, 0, 2}) == fresh);
    const auto second = decided(masked, {1, 3, 2});
    CHECK(decided(masked, {1, 3, 2}) != second);
}

TEST_CASE("a value that is not finite or too large decides nothing and changes nothing, yet a signal with it counts") {
    on_every_kernel([](const Kernels& kernels) {
        PolicyForm open = form();
        open.clip = kMost;
        PolicyController policy = make_policy(kernels, open), untouched = make_policy(kernels, open);
        const std::vector<double> first = decided(policy, observed(1), 1);
        CHECK(decided(untouched, observed(1), 1) == first);
        for (const double bad : {kNan, HUGE_VAL, -HUGE_VAL, 1e300, -kMost}) {
            for (int i = 0; i <= kInputs; ++i) {
                std::vector<double> values = observed(2);
                values[i] = bad;
                if (i == kInputs && std::isfinite(bad)) continue; // as a signal it is as good as 1
                std::vector<double> action{7, 8};
                CHECK_FALSE(decide(policy, values, 100, action).good);
                CHECK(action == std::vector<double>{7, 8});
            }
        }
        CHECK(decided(policy, observed(3), 1.1) == decided(untouched, observed(3), 1.1));
        std::vector<double> action(kActions);
        CHECK_FALSE(decide(policy, {kNan, 0, 0, 1}, 1.2, action).good);
        CHECK(decided(policy, observed(1), 1.3) == first);

        PolicyController clipped = make_policy(kernels, form());
        CHECK(decided(clipped, {1e300, kMost, -kMost, 0}) == decided(untouched, {2.5, 10, -2.5, 1}));
    });
}

TEST_CASE("deciding allocates nothing") {
    const Kernels& kernels = *kernels_here().front();
    const NetworkSpec spec = spec_with_head(16);
    const std::vector sizes{16, 8, kActions};
    const std::vector<float> parameters = random_values(DenseLayers::parameter_count(sizes), 4);
    PolicyController policy(make_network(spec, kernels, random_parameters(spec, 9)),
                            DenseLayers(kernels, Activation::tanh, sizes, parameters), form());
    const std::vector<double> good = observed(1), wrong{kNan, 0, 0, 0}, begin = observed(1, 1);
    std::vector<double> action(kActions);
    const AllocationCounter counter;
    for (int t = 0; t < 20; ++t) {
        for (const auto& values : {std::cref(good), std::cref(wrong), std::cref(begin)}) {
            decide(policy, values.get(), t, action);
        }
    }
    CHECK(counter.count() == 0);
}
