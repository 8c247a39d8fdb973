#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "allocation_counter.h"
#include "kernel_list.h"
#include "pools.h"
#include "sequences.h"

using gatecast::Cell;
using gatecast::Dynamics;
using gatecast::Kernels;
using gatecast::NetworkSpec;
using gatecast::Pool;
using gatecast::Precision;
using gatecast::Rollout;
using gatecast::States;

namespace {

constexpr int kInputs = 5, kOutputs = 3, kActions = kInputs - kOutputs;

/// Outputs at inputs 4, 0 and 2, so the actions are inputs 1 and 3.
Dynamics dynamics(bool anchor, bool feed_forward = false) {
    return {
        .outputs = {4, 0, 2},
        .mean = {3, -1, 0.25, 100, -7},
        .deviation = {0.5, 2, 10, 33, 1.5},
        .anchor = anchor,
        .limit = 1e24f,
        .feed_forward = feed_forward,
    };
}

/// The networks that a plant can be: every cell, one to three layers.
std::vector<NetworkSpec> plant_specs() {
    std::vector<NetworkSpec> specs;
    for (NetworkSpec spec : every_combination(kInputs, 19, 9)) {
        if (spec.bidirectional || !spec.bias) continue;
        spec.head_size = kOutputs;
        specs.push_back(spec);
    }
    return specs;
}

struct Plans {
    int samples, horizon;
    std::vector<float> actions = random_values(static_cast<std::size_t>(samples) * horizon * kActions, 5, 3);
};

struct Answer {
    std::vector<float> outputs;
    std::vector<int> steps;
    bool operator==(const Answer&) const = default;
};

constexpr double kMeasured[] = {-6.5, 3.25, 1.75}; // in the order of the outputs

Answer run(Rollout& rollout, const States& from, const std::vector<float>& actions) {
    const std::size_t rows = static_cast<std::size_t>(rollout.samples()) * rollout.horizon();
    Answer answer{std::vector<float>(rows * kOutputs), std::vector<int>(rollout.samples())};
    rollout.run(from, 1, kMeasured, actions, answer.outputs, answer.steps);
    return answer;
}

/// The same by stepping a separate state for each plan, with each forecast as the next sample.
Answer one_by_one(const std::shared_ptr<const gatecast::Network>& network, const States& from, const Dynamics& plant,
                  const Plans& plans) {
    Answer answer;
    for (int sample = 0; sample < plans.samples; ++sample) {
        States state(network);
        state.copy_from(0, from, 1);
        double values[kInputs] = {};
        for (int o = 0; o < kOutputs; ++o) values[plant.outputs[o]] = kMeasured[o];
        for (int t = 0; t < plans.horizon; ++t) {
            const float* action = plans.actions.data() + (sample * plans.horizon + t) * kActions;
            values[1] = action[0];
            values[3] = action[1];
            float x[kInputs], y[kOutputs];
            for (int i = 0; i < kInputs; ++i) {
                x[i] = static_cast<float>((values[i] - plant.mean[i]) / plant.deviation[i]);
            }
            if (plant.feed_forward) state.reset(0);
            state.step(0, x, y);
            for (int o = 0; o < kOutputs; ++o) {
                const int input = plant.outputs[o];
                values[input] = (plant.anchor ? values[input] : plant.mean[input]) + plant.deviation[input] * y[o];
                answer.outputs.push_back(static_cast<float>(values[input]));
            }
        }
        answer.steps.push_back(plans.horizon);
    }
    return answer;
}

/// Two streams that have taken samples; the second is rolled out.
States warm_states(const std::shared_ptr<const gatecast::Network>& network) {
    States states(network, 2);
    std::vector<float> y(states.output_size());
    for (int t = 0; t < 7; ++t) states.step(1, random_values(kInputs, 40 + t).data(), y.data());
    return states;
}

} // namespace

TEST_CASE("roll-outs give the same bits as one by one, whatever their number, the group and the threads") {
    const auto pool = std::make_shared<Pool>(3);
    on_every_precision([&](const Kernels& kernels, Precision precision) {
        for (const NetworkSpec& spec : plant_specs()) {
            const std::string name = name_of(spec);
            CAPTURE(name);
            const auto network = make_network(spec, kernels, random_parameters(spec, 3), precision);
            const States from = warm_states(network);
            for (const Dynamics& plant : {dynamics(false), dynamics(true), dynamics(true, true)}) {
                const Plans plans{67, 4}, few{1, 9};
                Rollout many(network, plant, plans.samples, plans.horizon);
                Rollout shared(network, plant, plans.samples, plans.horizon, pool);
                Rollout alone(network, plant, few.samples, few.horizon, pool);
                const Answer expected = one_by_one(network, from, plant, plans);
                CHECK(run(many, from, plans.actions) == expected);
                CHECK(run(shared, from, plans.actions) == expected);
                CHECK(run(shared, from, plans.actions) == expected); // nothing remains of the first run
                CHECK(run(alone, from, few.actions) == one_by_one(network, from, plant, few));
            }
        }
    });
}

TEST_CASE("a roll-out changes nothing in the state and allocates nothing") {
    for (const NetworkSpec& spec : plant_specs()) {
        const std::string name = name_of(spec);
        CAPTURE(name);
        const auto network = make_network(spec, *kernels_here().front(), random_parameters(spec, 3));
        const States from = warm_states(network);
        std::vector<float> before(from.size()), after(from.size());
        from.read(1, before);
        const Plans plans{200, 5};
        Rollout rollout(network, dynamics(true), plans.samples, plans.horizon, started_pool(2));
        std::vector<float> outputs(200 * 5 * kOutputs);
        std::vector<int> steps(200);
        const AllocationCounter counter;
        for (int round = 0; round < 3; ++round) rollout.run(from, 1, kMeasured, plans.actions, outputs, steps);
        CHECK(counter.count() == 0);
        from.read(1, after);
        CHECK(after == before);
    }
}

TEST_CASE("an action beyond the limit ends only its row, which keeps its last outputs") {
    on_every_precision([](const Kernels& kernels, Precision precision) {
        const NetworkSpec spec{
            .cell = Cell::lstm, .input_size = kInputs, .hidden_size = 20, .proj_size = 6, .head_size = kOutputs};
        const auto network = make_network(spec, kernels, random_parameters(spec, 3), precision);
        const States from = warm_states(network);
        Plans plans{70, 6};
        Rollout rollout(network, dynamics(true), plans.samples, plans.horizon);
        const Answer whole = run(rollout, from, plans.actions);
        const auto action = [&](int sample, int step) -> float& {
            return plans.actions[(sample * plans.horizon + step) * kActions];
        };
        action(2, 0) = 3e38f;
        action(65, 4) = std::numeric_limits<float>::quiet_NaN();
        action(65, 5) = HUGE_VALF;
        const Answer answer = run(rollout, from, plans.actions);
        for (int sample = 0; sample < plans.samples; ++sample) {
            const int told = sample == 2 ? 0 : sample == 65 ? 4 : plans.horizon;
            CHECK(answer.steps[sample] == told);
            for (int t = 0; t < plans.horizon; ++t) {
                for (int o = 0; o < kOutputs; ++o) {
                    const auto at = [&](int step) { return (sample * plans.horizon + step) * kOutputs + o; };
                    const float expected = t < told    ? whole.outputs[at(t)]
                                           : told == 0 ? static_cast<float>(kMeasured[o])
                                                       : answer.outputs[at(told - 1)];
                    CHECK(answer.outputs[at(t)] == expected);
                }
            }
        }
    });
}

TEST_CASE("a plant that diverges ends at the last number that a float can hold, and leaves nothing behind") {
    on_every_kernel([](const Kernels& kernels) {
        const NetworkSpec spec{.input_size = kInputs, .hidden_size = 3, .head_size = kOutputs};
        std::vector<float> parameters = random_parameters(spec, 3);
        std::fill_n(parameters.end() - kOutputs, kOutputs, 1e38f); // the head's bias
        const auto wild = make_network(spec, kernels, parameters);
        Dynamics plant = dynamics(true);
        plant.deviation.assign(kInputs, 1);
        plant.limit = std::numeric_limits<float>::max();
        const Plans plans{3, 8};
        Rollout rollout(wild, plant, plans.samples, plans.horizon);
        const Answer answer = run(rollout, warm_states(wild), plans.actions);
        for (const int steps : answer.steps) CHECK(steps == 3); // 1e38, 2e38 and 3e38 fit
        CHECK(gatecast::all_finite(answer.outputs));
        for (std::size_t k = 2 * kOutputs; k < 8 * kOutputs; ++k) CHECK(answer.outputs[k] == doctest::Approx(3e38));
        CHECK(run(rollout, warm_states(wild), plans.actions) == answer);
    });
}
