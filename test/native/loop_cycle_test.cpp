#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "allocation_counter.h"
#include "core/gatecast.h"

using gatecast::ActionSource;
using gatecast::Answer;
using gatecast::CycleReason;
using gatecast::CycleRecord;
using gatecast::LoopCycle;
using gatecast::LoopRules;
using gatecast::LoopStatus;
using gatecast::Observed;
using gatecast::Situation;

// The rules are those of controlLoop; the numbers are those of the tests in test/control/ where they have them.
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN(), kInf = std::numeric_limits<double>::infinity();

double virtual_time = 0;
double virtual_now() {
    return virtual_time;
}

/// Answers as the test sets it.
struct Scripted : gatecast::Controller {
    std::function<Answer(const Situation&, std::span<double>)> answer;
    int inputs = 1, actions = 1, resets = 0;

    int observation_count() const override { return inputs; }
    int action_count() const override { return actions; }
    void reset() override { ++resets; }
    Answer decide(const Situation& situation, std::span<double> action) override { return answer(situation, action); }
};

/// A loop of 100 Hz in virtual time, of one input and one action, which follows the input.
struct Setup {
    LoopRules rules = {
        .period = 0.01,
        .deadline = 0.01,
        .max_age = 0.03,
        .delay = 0,
        .inputs = {{-10, 10}},
        .limits = {{-1, 1, kInf}},
        .fallback = LoopRules::Action{-0.25},
        .start = std::nullopt,
        .stop = std::nullopt,
        .degrade_after = 3,
        .recover_after = 10,
    };
    std::shared_ptr<Scripted> controller = std::make_shared<Scripted>();
    std::vector<double> sent;
    std::unique_ptr<LoopCycle> loop;

    Setup() {
        virtual_time = 1000;
        controller->answer = [](const Situation& situation, std::span<double> action) {
            action[0] = situation.values[0];
            return Answer{.good = true, .iterations = 7};
        };
    }

    void begin() {
        loop = std::make_unique<LoopCycle>(rules, controller, virtual_now);
        for (const double value : loop->start()) sent.push_back(value);
    }

    /// Waits as a thread does, and runs the cycle.
    CycleRecord run(const Observed* observed) {
        virtual_time = std::max(virtual_time, loop->due());
        sent.push_back(loop->decide(observed)[0]);
        return loop->finish();
    }
    CycleRecord run(double value) {
        virtual_time = std::max(virtual_time, loop->due());
        const Observed observed{.at = virtual_time, .values = {&value, 1}};
        return run(&observed);
    }
};

} // namespace

TEST_CASE("a cycle reports what happened") {
    Setup setup;
    setup.rules.deadline = 0.005;
    setup.controller->answer = [](const Situation& situation, std::span<double> action) {
        CHECK(situation.at == 1000 - 0.002);
        CHECK(situation.effect == 1000);
        CHECK(situation.deadline > 1000.004); // some of the time until 1000.005 is the loop's
        CHECK(situation.deadline < 1000.005);
        virtual_time += 0.003;
        action[0] = situation.values[0];
        return Answer{.good = true, .iterations = 7};
    };
    setup.begin();
    CHECK(setup.controller->resets == 1);
    const double value = 0.2;
    const Observed observed{.at = 1000 - 0.002, .values = {&value, 1}};
    const CycleRecord cycle = setup.run(&observed);
    CHECK(cycle.seq == 0);
    CHECK(cycle.missed == 0);
    CHECK(cycle.due == 1000);
    CHECK(cycle.event == 1000 - 0.002);
    CHECK(cycle.in == 1000);
    CHECK(cycle.out == doctest::Approx(1000.003));
    CHECK(cycle.compute == doctest::Approx(0.003));
    CHECK(cycle.iterations == 7);
    CHECK(cycle.reason == CycleReason::none);
    CHECK(cycle.source == ActionSource::model);
    CHECK(cycle.status == LoopStatus::warming);
    CHECK(cycle.deadline_met);
    CHECK(!cycle.limited);
    CHECK(setup.sent == std::vector{0.2});
}

TEST_CASE("the schedule is start + n periods, after 100,000 cycles of uneven length too") {
    Setup setup;
    setup.rules.period = 1.0 / 300;
    int asked = 0;
    setup.controller->answer = [&](const Situation&, std::span<double> action) {
        virtual_time += 1e-5 * (asked++ % 7);
        action[0] = 0;
        return Answer{.good = true, .iterations = 1};
    };
    setup.begin();
    CycleRecord last{};
    for (int n = 0; n < 100'000; ++n) last = setup.run(0.5);
    CHECK(last.seq == 99'999);
    CHECK(last.in == doctest::Approx(1000 + 99'999 / 300.0).epsilon(1e-12));
    CHECK(asked == 100'000);
}

TEST_CASE("cycles that are not run are counted in the next and never caught up") {
    Setup setup;
    setup.controller->answer = [&](const Situation& situation, std::span<double> action) {
        virtual_time += std::abs(situation.effect - 1000.02) < 1e-9 ? 0.034 : 0.001; // at 20 ms, until 54
        action[0] = 0.5;
        return Answer{.good = true, .iterations = 1};
    };
    setup.begin();
    std::vector<std::vector<double>> seen;
    for (int n = 0; n < 6; ++n) {
        const CycleRecord cycle = setup.run(0.0);
        seen.push_back({static_cast<double>(cycle.seq), static_cast<double>(cycle.missed),
                        std::round((cycle.in - 1000) * 1e3), cycle.deadline_met ? 1.0 : 0.0});
    }
    CHECK(seen == std::vector<std::vector<double>>{
                      {0, 0, 0, 1}, {1, 0, 10, 1}, {2, 0, 20, 0}, {5, 2, 54, 1}, {6, 0, 60, 1}, {7, 0, 70, 1}});
}

TEST_CASE("the fallback is sent, or the previous action is held, for every reason") {
    const double fine = 0.5, high = 10.001, low = -1e300, nan = kNaN, infinite = kInf, two[] = {0.5, 0.5};
    const auto one = [](double at, const double& value) { return Observed{.at = at, .values = {&value, 1}}; };
    struct Case {
        CycleReason reason;
        std::optional<Observed> observed;
        std::function<Answer(const Situation&, std::span<double>)> answer = nullptr;
    };
    const std::vector<Case> cases = {
        {CycleReason::missing, std::nullopt},
        {CycleReason::malformed, one(kNaN, fine)},
        {CycleReason::malformed, one(-kInf, fine)},
        {CycleReason::stale, one(1000 - 0.031, fine)},
        {CycleReason::stale, one(1000 + 0.031, fine)},
        {CycleReason::stale, one(-1e308, fine)},
        {CycleReason::wrong_length, Observed{.at = 1000, .values = {}}},
        {CycleReason::wrong_length, Observed{.at = 1000, .values = two}},
        {CycleReason::not_finite, one(1000, nan)},
        {CycleReason::not_finite, one(1000, infinite)},
        {CycleReason::out_of_range, one(1000, high)},
        {CycleReason::out_of_range, one(1000, low)},
        {CycleReason::bad_action, one(1000, fine),
         [](const Situation&, std::span<double>) { return Answer{.good = false, .iterations = 0}; }},
        {CycleReason::bad_action, one(1000, fine),
         [](const Situation&, std::span<double> action) {
             action[0] = kNaN;
             return Answer{.good = true, .iterations = 0};
         }},
        {CycleReason::undecided, one(1000, fine),
         [](const Situation&, std::span<double> action) {
             action[0] = 0.5;
             return Answer{.good = true, .iterations = 0, .undecided = true};
         }},
        {CycleReason::overrun, one(1000, fine),
         [](const Situation&, std::span<double> action) {
             virtual_time += 0.01001;
             action[0] = 0.5;
             return Answer{.good = true, .iterations = 3};
         }},
    };
    for (const Case& each : cases) {
        CAPTURE(static_cast<int>(each.reason));
        for (const bool hold : {false, true}) {
            Setup setup;
            if (each.answer) setup.controller->answer = each.answer;
            if (hold) setup.rules.fallback = std::nullopt;
            if (hold) setup.rules.start = LoopRules::Action{0.75};
            setup.begin();
            const CycleRecord cycle = setup.run(each.observed ? &*each.observed : nullptr);
            CHECK(cycle.reason == each.reason);
            CHECK(cycle.source == (hold ? ActionSource::held : ActionSource::fallback));
            CHECK(setup.sent.back() == (hold ? 0.75 : -0.25));
            CHECK(std::isnan(cycle.compute) == (each.answer == nullptr));
            CHECK(cycle.iterations == (each.reason == CycleReason::overrun ? 3 : each.answer ? 0 : -1));
        }
    }
}

TEST_CASE("a cycle that begins after its deadline does not ask the controller") {
    Setup setup;
    setup.rules.deadline = 0.005;
    setup.controller->answer = [](const Situation& situation, std::span<double> action) {
        CHECK(situation.effect != doctest::Approx(1000.01).epsilon(1e-9));
        virtual_time += situation.effect == 1000 ? 0.019 : 0.001;
        action[0] = 0.5;
        return Answer{.good = true, .iterations = 1};
    };
    setup.begin();
    CHECK(setup.run(0.5).reason == CycleReason::overrun);
    const CycleRecord late = setup.run(0.5);
    CHECK(late.reason == CycleReason::late);
    CHECK(!late.deadline_met);
    CHECK(setup.run(0.5).reason == CycleReason::none);
}

TEST_CASE("observations and answers that are just good enough are used") {
    for (const double at : {1000 - 0.03, 1000 + 0.03}) {
        Setup setup;
        setup.rules.max_age = 0.03 + 1e-12;
        setup.begin();
        const double value = 10;
        const Observed observed{.at = at, .values = {&value, 1}};
        CHECK(setup.run(&observed).reason == CycleReason::none);
    }
    Setup setup;
    setup.controller->answer = [](const Situation& situation, std::span<double> action) {
        virtual_time = situation.effect + 0.01;
        action[0] = 0.5;
        return Answer{.good = true, .iterations = 1};
    };
    setup.begin();
    CHECK(setup.run(0.5).deadline_met);
}

TEST_CASE("the limits are applied last: to the controller's action, the fallback and a held action") {
    Setup setup;
    setup.rules.limits = {{-1, 1, 20}}; // 0.2 a cycle
    setup.rules.start = LoopRules::Action{0.9};
    setup.rules.fallback = LoopRules::Action{-3};
    setup.rules.stop = LoopRules::Action{-7};
    setup.begin();
    std::vector<bool> limited;
    for (const double wanted : {5.0, 5.0, kNaN, -5.0, 0.1}) limited.push_back(setup.run(wanted).limited);
    const double expected[] = {0.9, 1, 1, 0.8, 0.6, 0.4};
    REQUIRE(setup.sent.size() == 6);
    for (std::size_t k = 0; k < 6; ++k) CHECK(setup.sent[k] == doctest::Approx(expected[k]));
    CHECK(limited == std::vector<bool>(5, true));
    const std::span<const double> stop = setup.loop->stop(); // at any rate
    REQUIRE(stop.size() == 1);
    CHECK(stop[0] == -1);
}

TEST_CASE("holding at first is the action nearest to 0, and a stop that holds sends nothing") {
    Setup setup;
    setup.rules.limits = {{0.1, 1, kInf}};
    setup.rules.fallback = std::nullopt;
    setup.begin();
    CHECK(setup.sent.empty());
    setup.run(nullptr);
    setup.run(0.6);
    setup.run(nullptr);
    CHECK(setup.sent == std::vector{0.1, 0.6, 0.6});
    CHECK(setup.loop->stop().empty());
}

TEST_CASE("the controller gets the actions since the observation before, so that it can follow the plant") {
    // A plant x' = u whose actions take effect 35 ms after the cycle is due and whose sensor is 8 ms late. A controller
    // that follows it from the first observation on through the actions knows the state at any time.
    for (const double block : {0.0, 0.047}) {
        Setup setup;
        setup.rules.delay = 0.035;
        setup.rules.limits = {{-1, 1, kInf}};
        double known = 0, since = 0, furthest = 0;
        std::size_t most = 0;
        int asked = 0;
        std::vector<std::pair<double, double>> history; // from then on, u
        const auto plant = [&](double time) {
            double x = 0;
            for (std::size_t k = 0; k < history.size(); ++k) {
                const double until = k + 1 < history.size() ? std::min(time, history[k + 1].first) : time;
                x += history[k].second * std::max(0.0, until - history[k].first);
            }
            return x;
        };
        setup.controller->answer = [&](const Situation& situation, std::span<double> action) {
            if (asked == 0) known = situation.values[0];
            if (asked > 0) {
                for (std::size_t k = 0; k < situation.sent.size(); ++k) {
                    const auto& [effect, values] = situation.sent[k];
                    const double next = k + 1 < situation.sent.size() ? situation.sent[k + 1].effect : situation.at;
                    const double from = std::max(since, effect), until = std::min(situation.at, next);
                    known += values[0] * std::max(0.0, until - from);
                }
            }
            furthest = std::max(furthest, std::abs(known - situation.values[0]));
            since = situation.at;
            most = std::max(most, situation.sent.size());
            if (++asked % 10 == 0) virtual_time += block;
            action[0] = std::sin(asked);
            return Answer{.good = true, .iterations = 1};
        };
        setup.begin();
        for (int n = 0; n < 300; ++n) {
            virtual_time = std::max(virtual_time, setup.loop->due());
            const double x = plant(virtual_time - 0.008);
            const Observed observed{.at = virtual_time - 0.008, .values = {&x, 1}};
            const CycleRecord cycle = setup.run(&observed);
            history.emplace_back(cycle.due + 0.035, setup.sent.back());
        }
        CHECK(asked == 300);
        CHECK(furthest < 1e-9);
        CHECK(most <= static_cast<std::size_t>(setup.rules.sent_count()));
    }
}

TEST_CASE("a controller that could not take an observation gets the actions since the one before it") {
    Setup setup;
    std::vector<double> first; // when the first action under way took effect, for each answer
    setup.controller->answer = [&](const Situation& situation, std::span<double> action) {
        first.push_back(situation.sent.empty() ? kNaN : situation.sent.front().effect);
        action[0] = 0.5;
        return Answer{.good = situation.values[0] != 5, .iterations = 0, .undecided = situation.values[0] == 4};
    };
    setup.begin();
    for (const double value : {1.0, 5.0, 5.0, 4.0, 1.0, 1.0}) setup.run(value);
    const std::vector expected{1000.0, 1000.0, 1000.0, 1000.03, 1000.04};
    REQUIRE(first.size() == 6);
    CHECK(std::isnan(first[0]));
    for (std::size_t k = 0; k < 5; ++k) CHECK(first[k + 1] == doctest::Approx(expected[k]));
}

TEST_CASE("the status runs after recover_after good cycles in a row and is degraded after degrade_after bad ones") {
    const auto statuses = [](const std::string& goods) {
        Setup setup;
        setup.rules.degrade_after = 2;
        setup.rules.recover_after = 3;
        setup.begin();
        std::string seen;
        for (const char good : goods) {
            const CycleRecord cycle = good == '+' ? setup.run(0.0) : setup.run(nullptr);
            seen += "wrd"[static_cast<int>(cycle.status)];
        }
        return seen;
    };
    CHECK(statuses("+++-+-+--++-+++") == "wwrrrrrrddddddr");
    CHECK(statuses("-+-+++") == "wwwwwr");
    CHECK(statuses("--+++") == "wdddr");

    Setup setup; // missed cycles are bad ones
    setup.rules.degrade_after = 4;
    setup.rules.recover_after = 2;
    int asked = 0;
    setup.controller->answer = [&](const Situation&, std::span<double> action) {
        virtual_time += asked++ == 2 ? 0.045 : 0.001;
        action[0] = 0;
        return Answer{.good = true, .iterations = 1};
    };
    setup.begin();
    std::string seen;
    std::vector<int> seqs;
    for (int n = 0; n < 5; ++n) {
        const CycleRecord cycle = setup.run(0.0);
        seen += "wrd"[static_cast<int>(cycle.status)];
        seqs.push_back(static_cast<int>(cycle.seq));
    }
    CHECK(seen == "wrrdr");
    CHECK(seqs == std::vector{0, 1, 2, 6, 7});
}

TEST_CASE("actions that nobody takes are a fault of the cycle, and still the controller's") {
    Setup setup;
    setup.rules.degrade_after = 2;
    setup.begin();
    const auto run = [&](bool read) {
        const double value = 0.5;
        virtual_time = std::max(virtual_time, setup.loop->due());
        const Observed observed{.at = virtual_time, .values = {&value, 1}};
        CHECK(setup.loop->decide(&observed)[0] == 0.5);
        return setup.loop->finish(read);
    };
    CHECK(run(true).reason == CycleReason::none);
    CHECK(run(false).reason == CycleReason::unread);
    const CycleRecord second = run(false);
    CHECK(second.reason == CycleReason::unread);
    CHECK(second.source == ActionSource::model);
    CHECK(second.status == LoopStatus::degraded);
    CHECK(run(true).reason == CycleReason::none);
    virtual_time = setup.loop->due();
    setup.loop->decide(nullptr);
    CHECK(setup.loop->finish(false).reason == CycleReason::missing); // the more specific reason
}

TEST_CASE("flags are raised after 100 cycles in a row of a bound, of one answer, of one reading") {
    using gatecast::Signs;
    const auto flags = [](int cycles, std::function<double(int)> reading, std::function<double(double)> answer) {
        Setup setup;
        setup.controller->answer = [&](const Situation& situation, std::span<double> action) {
            action[0] = answer(situation.values[0]);
            return Answer{.good = true, .iterations = 1};
        };
        setup.begin();
        unsigned raised = 0;
        for (int n = 0; n < cycles; ++n) {
            const CycleRecord cycle = setup.run(reading(n));
            raised = cycle.flags;
            CHECK(cycle.reason == CycleReason::none); // none is a fault
        }
        return raised;
    };
    const auto moving = [](int n) { return std::sin(n) / 2; };
    const auto still = [](int) { return 0.5; };
    const auto follow = [](double value) { return value; };
    CHECK(flags(200, moving, follow) == 0);
    CHECK(flags(99, moving, [](double value) { return 9 + value; }) == 0);
    CHECK(flags(100, moving, [](double value) { return 9 + value; }) == Signs::kSaturated);
    CHECK(flags(100, moving, [](double value) { return -9 + value; }) == Signs::kSaturated);
    CHECK(flags(100, moving, [](double value) { return value > 0 ? 9 : -9; }) == 0);
    CHECK(flags(100, moving, [](double) { return 0.25; }) == 0);
    CHECK(flags(101, moving, [](double) { return 0.25; }) == Signs::kConstant);
    CHECK(flags(101, moving, [](double) { return 1; }) == (Signs::kSaturated | Signs::kConstant));
    CHECK(flags(99, still, follow) == 0);
    CHECK(flags(100, still, follow) == Signs::kFrozen);
    CHECK(flags(
              101, [](int n) { return n < 100 ? 0.5 : 0.6; }, follow) == 0);
}

TEST_CASE("a cycle allocates nothing, nor does a pid") {
    Setup setup;
    gatecast::PidController pid({.observations = 1,
                                 .measure = 0,
                                 .kp = 1,
                                 .ki = 1,
                                 .kd = 1,
                                 .setpoint = 0.3,
                                 .dt = 0.01,
                                 .tau = 0.1,
                                 .min = -1,
                                 .max = 1,
                                 .max_rate = 20,
                                 .feed_forward = 0,
                                 .stuck_after = 50,
                                 .initial = 0.1});
    setup.controller->answer = [&](const Situation& situation, std::span<double> action) {
        return pid.decide(situation, action);
    };
    setup.begin();
    const AllocationCounter counter;
    double value = 0;
    for (int n = 0; n < 1000; ++n) {
        virtual_time = setup.loop->due();
        const Observed observed{.at = virtual_time, .values = {&value, 1}};
        value = n % 7 == 0 ? kNaN : 0.1;
        setup.loop->decide(n % 11 == 0 ? nullptr : &observed);
        setup.loop->finish();
    }
    CHECK(counter.count() == 0);
}
