#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "allocation_counter.h"
#include "plants.h"

using gatecast::Belief;
using gatecast::PlannerController;
using gatecast::Plant;
using gatecast::SentAction;
using gatecast::Situation;
using gatecast::States;

namespace {

constexpr double kInterval = 0.01, kInfinity = std::numeric_limits<double>::infinity();
constexpr int kInputs = 5, kOutputs = 3, kActions = 2, kSteps = 30;

/// What a plant did, a row for each step: outputs in their order, then the actions taken then.
struct Log {
    std::vector<std::vector<double>> outputs, actions;
    std::vector<SentAction> sent;

    /// `delay`: an action takes effect so long after the step it counts from, on the clock.
    explicit Log(double start, double delay = 0) {
        for (int t = 0; t < kSteps; ++t) {
            outputs.push_back({-6 + std::sin(0.3 * t), 3 + std::cos(0.2 * t), 1.5 * std::sin(0.5 * t)});
            actions.push_back({std::sin(1.0 * t), 1 - std::cos(0.7 * t)});
        }
        for (int t = 0; t < kSteps; ++t) sent.push_back({start + t * kInterval + delay, actions[t]});
    }
    std::span<const SentAction> sent_from(int first) const { return std::span(sent).subspan(first); }
};

/// The sample of a step
void take(const Plant& plant, States& state, const std::vector<double>& outputs, const std::vector<double>& action,
          std::vector<double>& next) {
    double values[kInputs] = {};
    for (int o = 0; o < kOutputs; ++o) values[plant.dynamics.outputs[o]] = outputs[o];
    values[1] = action[0];
    values[3] = action[1];
    float x[kInputs], y[kOutputs];
    for (int i = 0; i < kInputs; ++i) {
        x[i] = static_cast<float>((values[i] - plant.dynamics.mean[i]) / plant.dynamics.deviation[i]);
    }
    state.step(0, x, y);
    next.resize(kOutputs);
    for (int o = 0; o < kOutputs; ++o) {
        const int input = plant.dynamics.outputs[o];
        next[o] =
            (plant.dynamics.anchor ? outputs[o] : plant.dynamics.mean[input]) + plant.dynamics.deviation[input] * y[o];
    }
}

std::vector<float> values_of(const States& states, int slot) {
    std::vector<float> values(states.size());
    states.read(slot, values);
    return values;
}

Situation situation(const Log& log, int step, double at, std::span<const SentAction> sent) {
    return {.values = log.outputs[step], .at = at, .effect = at, .deadline = kInfinity, .sent = sent};
}

} // namespace

TEST_CASE("a belief is the state that takes each observation with the action in effect then") {
    for (const double start : {0.0, 1.8e9}) {
        for (const double jitter : {0.0, 0.003}) {
            const std::vector plants{make_plant(1), make_plant(2, gatecast::Cell::lstm)};
            const Log log(start, jitter); // within half a step an action counts from the nearest
            Belief belief(plants, kInterval);
            for (int t = 0; t < kSteps; ++t) {
                const double at = start + t * kInterval + (t % 2 == 0 ? jitter / 2 : -jitter / 2);
                CHECK(belief.observe(situation(log, t, at, log.sent_from(std::max(0, t - 2)))));
            }
            CHECK(belief.predict(start + (kSteps - 1) * kInterval, log.sent, true));
            for (std::size_t k = 0; k < plants.size(); ++k) {
                States state(plants[k].network);
                std::vector<double> next;
                for (int t = 0; t + 1 < kSteps; ++t) take(plants[k], state, log.outputs[t], log.actions[t], next);
                CHECK(values_of(belief.states()[k], belief.slot()) == values_of(state, 0));
                CHECK(std::ranges::equal(belief.outputs().subspan(k * kOutputs, kOutputs), log.outputs.back()));
            }
            for (int back = 0; back < 3; ++back) {
                CHECK(std::ranges::equal(belief.sent().subspan(back * kActions, kActions),
                                         log.actions[kSteps - 4 + back]));
            }
        }
    }
}

TEST_CASE("steps without an observation take what the model predicts, and predict() does the same") {
    const std::vector plants{make_plant(1)};
    const Log log(5);
    States state(plants[0].network);
    std::vector<double> next;
    Belief belief(plants, kInterval), ahead(plants, kInterval);
    for (int t = 0; t <= 20; ++t) {
        const bool seen = t < 12 || t > 15;
        if (seen) CHECK(belief.observe(situation(log, t, 5 + t * kInterval, log.sent_from(std::max(0, t - 6)))));
        if (t < 12) ahead.observe(situation(log, t, 5 + t * kInterval, log.sent_from(std::max(0, t - 2))));
        if (t == 16) {
            // From the last observation, at 11, to 16 by what is under way
            CHECK(ahead.predict(5 + 16 * kInterval, log.sent_from(11), true));
            CHECK(std::ranges::equal(ahead.outputs(), next));
            CHECK(values_of(ahead.states()[0], ahead.slot()) == values_of(state, 0));
            CHECK(ahead.predict(5 + 16 * kInterval, log.sent_from(11), false)); // time stands still, the actions go on
            CHECK(std::ranges::equal(ahead.outputs(), log.outputs[11]));
            CHECK(std::ranges::equal(ahead.sent().last(kActions), log.actions[15]));
        }
        if (t < 20) take(plants[0], state, seen ? log.outputs[t] : next, log.actions[t], next);
    }
    CHECK(belief.predict(5 + 20 * kInterval, log.sent, true));
    CHECK(values_of(belief.states()[0], belief.slot()) == values_of(state, 0));
}

TEST_CASE("a belief is reset after a long gap, and uses nothing that is absurd or older") {
    const std::vector plants{make_plant(1)};
    const Log log(0);
    Belief belief(plants, kInterval), fresh(plants, kInterval);
    const auto state = [](Belief& of, double at, const Log& with) {
        REQUIRE(of.predict(at, with.sent, true));
        return values_of(of.states()[0], of.slot());
    };
    for (int t = 0; t < 5; ++t) belief.observe(situation(log, t, t * kInterval, log.sent));
    const std::vector<float> before = state(belief, 4 * kInterval, log);
    const std::vector<double> absurd[] = {{1e300, 0, 0}, {0, std::nan(""), 0}, {0, 0, -HUGE_VAL}};
    for (const auto& values : absurd) {
        CHECK_FALSE(belief.observe({values, 5 * kInterval, 0, kInfinity, log.sent}));
    }
    CHECK_FALSE(belief.observe(situation(log, 5, std::nan(""), log.sent)));
    CHECK(belief.observe(situation(log, 2, 2 * kInterval, log.sent))); // older
    CHECK(state(belief, 4 * kInterval, log) == before);
    CHECK(std::ranges::equal(belief.outputs(), log.outputs[4]));
    CHECK_FALSE(belief.predict(4 * kInterval + 1.02, log.sent, true)); // 102 steps ahead
    const long step = belief.step();
    CHECK(belief.observe(situation(log, 7, 50, log.sent)));
    fresh.observe(situation(log, 7, 50, log.sent));
    CHECK(state(belief, 50, log) == state(fresh, 50, log));
    CHECK(belief.step() > step + 10'000);
}

namespace {

PlannerController make_controller(const std::vector<Plant>& plants, bool compensate) {
    gatecast::Cost cost;
    cost.track.push_back({0, 1, 0, std::vector<double>(8, -6)});
    cost.effort.push_back({0, 0.1, 1, std::vector<double>(8)});
    return PlannerController(
        plants, cost, {{-1, 1, 0.4}, {-1, 1}},
        {.search = {.method = gatecast::Method::mppi, .samples = 64, .horizon = 8, .seed = 3, .deviation = {0.5, 0.5}},
         .iterations = 1,
         .time = kInfinity,
         .clock = gatecast::steady_now,
         .batch_cost = nullptr},
        kInterval, compensate, nullptr);
}

} // namespace

TEST_CASE("an observation that is late and an actuator that is slow are the same to a planner") {
    const std::vector plants{make_plant(1)};
    const Log log(0), later(2 * kInterval);
    PlannerController late = make_controller(plants, true), slow = make_controller(plants, true);
    PlannerController naive = make_controller(plants, false);
    std::vector<double> a(2), b(2), c(2);
    bool differs = false;
    for (int t = 0; t < 20; ++t) {
        const int first = std::max(0, t - 1);
        // Seen at t and late by two steps; or seen at t + 2 and taking effect two steps after.
        Situation old = situation(log, t, t * kInterval, log.sent_from(first));
        Situation fresh = situation(later, t, (t + 2) * kInterval, later.sent_from(first));
        old.effect = (t + 2) * kInterval;
        fresh.effect = (t + 4) * kInterval;
        CHECK(late.decide(old, a).good);
        CHECK(slow.decide(fresh, b).good);
        CHECK(a == b);
        CHECK(naive.decide(old, c).good);
        differs |= std::abs(a[0] - c[0]) > 1e-6;
        // It continues from what is under way then, as far as that was inside the bounds.
        CHECK(std::abs(a[0] - log.actions[t + 1][0]) <= 0.4 + 1e-12);
    }
    CHECK(differs);
}

TEST_CASE("a planning controller allocates nothing, forgets everything at reset, and answers only what it can take") {
    const std::vector plants{make_plant(1), make_plant(2)};
    const Log log(0);
    PlannerController controller = make_controller(plants, true);
    CHECK(controller.observation_count() == kOutputs);
    CHECK(controller.action_count() == kActions);
    std::vector<double> first(2), action(2);
    const AllocationCounter counter;
    for (int t = 0; t < 10; ++t) {
        CHECK(controller.decide(situation(log, t, t * kInterval, log.sent_from(std::max(0, t - 1))), action).good);
        if (t == 0) std::ranges::copy(action, first.begin());
    }
    CHECK(counter.count() == 0);
    const std::vector<double> absurd{1e300, 0, 0};
    CHECK_FALSE(controller.decide({absurd, 0.1, 0.1, kInfinity, log.sent}, action).good);
    CHECK_FALSE(controller.decide({log.outputs[3], 0.1, 1e9, kInfinity, log.sent}, action).good);
    controller.reset();
    CHECK(controller.decide(situation(log, 0, 0, log.sent), action).good);
    CHECK(action == first);
}
