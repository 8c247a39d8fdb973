#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "core/gatecast.h"
#include "core/random.h"

using gatecast::Answer;
using gatecast::CycleReason;
using gatecast::CycleRecord;
using gatecast::LoopCycle;
using gatecast::LoopRules;
using gatecast::LoopStatus;
using gatecast::Observed;
using gatecast::Random;
using gatecast::Situation;

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity(), kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kOdd[] = {kNaN, kInf, -kInf, 1e300, -1e300, -0.0, 5e-324, 1.7e308};

double virtual_time = 0;
double virtual_now() {
    return virtual_time;
}

double odd_or_any(Random& random) {
    if (random.uniform() < 0.2) return kOdd[random.next() % std::size(kOdd)];
    return (random.uniform() - 0.5) * std::pow(10.0, static_cast<double>(random.next() % 12) - 6);
}

/// In calm spells a linear gain; otherwise it answers anything, in any time.
struct Fickle : gatecast::Controller {
    Random random;
    gatecast::LinearController gain{{0.5, -0.25, 1e5, 0, 1e-3, 1e-3}, {0.25, 0}};
    bool calm = true;

    explicit Fickle(std::uint64_t seed) : random(seed) {}
    int observation_count() const override { return 2; }
    int action_count() const override { return 3; }
    void reset() override {}
    Answer decide(const Situation& situation, std::span<double> action) override {
        if (calm) return gain.decide(situation, action);
        for (double& value : action) value = odd_or_any(random);
        if (random.uniform() < 0.1) virtual_time += 0.02 * random.uniform();
        return {.good = random.uniform() < 0.9,
                .iterations = static_cast<double>(random.next() % 100),
                .undecided = random.uniform() < 0.05};
    }
};

} // namespace

TEST_CASE("no action leaves the bounds or the rate in 1,000,000 cycles of wrong observations, and the loop recovers") {
    constexpr double kPeriod = 1.0 / 250, kDeadline = 0.7 * kPeriod, kOrigin = 12345.678;
    constexpr int kDegradeAfter = 3, kRecoverAfter = 5;
    Random random(1);
    const LoopRules rules = {
        .period = kPeriod,
        .deadline = kDeadline,
        .max_age = 3 * kPeriod,
        .delay = 0.01,
        .inputs = {{-5, 5}, {-1e9, 1e9}},
        .limits = {{-1, 1, 25}, {0, 1e6, kInf}, {-1e-3, 2e-3, 1e-2}},
        .fallback = LoopRules::Action{0.5, 1e300, -1e300},
        .start = LoopRules::Action{0, 0, 0},
        .stop = LoopRules::Action{0, 0, 0},
        .degrade_after = kDegradeAfter,
        .recover_after = kRecoverAfter,
    };
    virtual_time = kOrigin;
    auto controller = std::make_shared<Fickle>(2);
    LoopCycle loop(rules, controller, virtual_now);
    const auto start = loop.start();
    std::vector<double> before(start.begin(), start.end()), values(5);
    double stuck_at = virtual_time;
    int spell = 0, good_in_a_row = 0, bad_in_a_row = 0, outside = 0, too_fast = 0, gaps = 0, astray = 0;
    std::int64_t next = 0;
    LoopStatus status = LoopStatus::warming;
    std::vector<int> reasons(12);
    for (int n = 0; n < 1'000'000; ++n) {
        virtual_time = std::max(virtual_time, loop.due());
        if (!controller->calm && random.uniform() < 0.02) virtual_time += 0.03 * random.uniform(); // the thread is late
        if (spell-- <= 0) {
            spell = static_cast<int>(random.next() % 40);
            controller->calm = random.uniform() < 0.5;
        }
        Observed observed{.at = virtual_time - 1e-3 * random.uniform(), .values = {values.data(), 2}};
        bool missing = false;
        if (controller->calm) {
            for (double& value : values) value = random.uniform();
            stuck_at = observed.at;
        } else {
            for (double& value : values) value = odd_or_any(random);
            switch (random.next() % 5) {
            case 0:
                missing = true;
                break;
            case 1:
                observed.at = stuck_at;
                break;
            case 2:
                observed.at -= 0.05 * random.uniform();
                break;
            case 3:
                observed.at = odd_or_any(random);
                break;
            default:
                observed.values = {values.data(), random.next() % values.size()};
            }
        }
        const auto action = loop.decide(missing ? nullptr : &observed);
        for (std::size_t a = 0; a < 3; ++a) {
            const auto& [min, max, max_rate] = rules.limits[a];
            outside += !(action[a] >= min && action[a] <= max);
            too_fast += !(std::abs(action[a] - before[a]) <= max_rate * kPeriod + 1e-12);
            before[a] = action[a];
        }
        const CycleRecord& cycle = loop.finish(random.uniform() >= 0.01);
        gaps += cycle.seq != next + cycle.missed;
        next = cycle.seq + 1;
        ++reasons[static_cast<std::size_t>(cycle.reason)];
        // The status by a count of its own
        if (cycle.missed > 0) good_in_a_row = 0;
        bad_in_a_row += static_cast<int>(cycle.missed);
        if (bad_in_a_row >= kDegradeAfter) status = LoopStatus::degraded;
        const double due = kOrigin + static_cast<double>(cycle.seq) * kPeriod;
        if (cycle.reason == CycleReason::none && cycle.out <= due + kDeadline) {
            bad_in_a_row = 0;
            if (++good_in_a_row >= kRecoverAfter) status = LoopStatus::running;
        } else {
            good_in_a_row = 0;
            if (++bad_in_a_row >= kDegradeAfter) status = LoopStatus::degraded;
        }
        astray += cycle.status != status;
    }
    CHECK(outside == 0);
    CHECK(too_fast == 0);
    CHECK(gaps == 0);
    CHECK(astray == 0);
    for (const int count : reasons) CHECK(count > 100); // each kind of fault came
}
