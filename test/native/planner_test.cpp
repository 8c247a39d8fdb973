#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "allocation_counter.h"
#include "plants.h"
#include "pools.h"

using gatecast::ActionLimits;
using gatecast::Batch;
using gatecast::Cost;
using gatecast::Method;
using gatecast::PlanFault;
using gatecast::Planner;
using gatecast::Pool;

namespace {

constexpr int kSamples = 70, kHorizon = 9, kActions = 2, kOutputs = 3;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN(), kInfinity = std::numeric_limits<double>::infinity();
constexpr Method kMethods[] = {Method::mppi, Method::cem, Method::icem, Method::random};

/// A clock that each look at it moves on.
std::atomic<double> now = 0;
double tick = 0;
double fake_clock() {
    return now += tick;
}

gatecast::PlannerOptions options(Method method, int iterations = 2, std::uint64_t seed = 1) {
    return {
        .search =
            {
                .method = method,
                .samples = kSamples,
                .horizon = kHorizon,
                .seed = seed,
                .deviation = {0.5, 2},
                .colour = method == Method::icem ? 2.0 : 0.0,
                .elites = 8,
                .keep = method == Method::icem ? 3 : 0,
                .momentum = 0.25,
            },
        .iterations = iterations,
        .time = kInfinity,
        .clock = fake_clock,
        .batch_cost = nullptr,
    };
}

std::vector<ActionLimits> bounds() {
    return {{-1, 1}, {-4, 3}};
}

std::vector<ActionLimits> tight_limits() {
    return {{-1, 1, 0.3, 0.2, 0.15}, {-4, 3, 1}};
}

/// Terms of every kind
Cost some_cost() {
    Cost cost;
    cost.track.push_back({0, 1, 2, std::vector<double>(kHorizon, -6)});
    cost.soft.push_back({1, 3, 3.5, 10});
    cost.risk.push_back({2, 0.5});
    std::vector<double> reference(kHorizon);
    for (int t = 0; t < kHorizon; ++t) reference[t] = 0.1 * t;
    cost.effort.push_back({1, 0.2, 0.3, reference});
    return cost;
}

/// Costs of the actions alone: each wants to be at a place of its own.
class Bowl : public gatecast::BatchCost {
  public:
    static double wanted(std::size_t k) { return 0.4 * std::sin(static_cast<double>(k)); }
    bool judge(Batch& batch) override {
        if (refuse) return false;
        const std::size_t plan = kHorizon * kActions;
        for (std::size_t sample = 0; sample < batch.costs.size(); ++sample) {
            batch.costs[sample] = 0;
            for (std::size_t k = 0; k < plan; ++k) {
                batch.costs[sample] += std::pow(batch.actions[sample * plan + k] - wanted(k), 2);
            }
        }
        seen = batch;
        all.push_back(batch);
        return true;
    }
    Batch seen;
    std::vector<Batch> all;
    bool refuse = false;
};

constexpr double kNothingSent[3 * kActions] = {kNaN, kNaN, kNaN, kNaN, kNaN, kNaN};
constexpr double kSent[3 * kActions] = {0.1, -1, 0.2, -0.5, 0.25, 0.5};

double plan(Planner& planner, const Origin& origin, int passed = 1, double deadline = kInfinity,
            std::span<const double> sent = kSent) {
    return planner.plan({.origin = origin.get(), .sent = sent, .passed = passed, .deadline = deadline});
}

template <class T>
std::vector<double> copy(std::span<T> values) {
    return {values.begin(), values.end()};
}

/// One action of a plan, [horizon], after what was sent
std::vector<double> sequence(std::span<const double> plan, int action) {
    std::vector<double> values;
    for (int k = 0; k < 3; ++k) values.push_back(kSent[k * kActions + action]);
    for (std::size_t k = action; k < plan.size(); k += kActions) values.push_back(plan[k]);
    return values;
}

void check_limits(std::span<const double> plan, double slack) {
    const std::vector<double> u = sequence(plan, 0), w = sequence(plan, 1);
    for (std::size_t t = 3; t < u.size(); ++t) {
        const double change = u[t] - u[t - 1], second = change - (u[t - 1] - u[t - 2]);
        const double third = second - (u[t - 1] - 2 * u[t - 2] + u[t - 3]);
        REQUIRE(std::abs(u[t]) <= 1);
        REQUIRE(std::abs(change) <= 0.3 + slack);
        REQUIRE(std::abs(second) <= 0.2 + slack);
        REQUIRE(std::abs(third) <= 0.15 + slack);
        REQUIRE(w[t] >= -4);
        REQUIRE(w[t] <= 3);
        REQUIRE(std::abs(w[t] - w[t - 1]) <= 1 + slack);
    }
}

} // namespace

TEST_CASE("every plan that is tried and every answer keeps the limits from what was sent on") {
    const std::vector plants{make_plant(1)};
    const Origin origin(plants);
    for (const Method method : kMethods) {
        Bowl bowl;
        auto with = options(method, 3);
        with.batch_cost = &bowl;
        Planner planner(plants, {}, tight_limits(), with, nullptr);
        for (int round = 0; round < 3; ++round) {
            CHECK(plan(planner, origin, 2) == 3);
            check_limits(planner.actions(), 1e-12);
        }
        for (const Batch& batch : bowl.all) {
            const std::vector<double> all(batch.actions.begin(), batch.actions.end());
            for (int k = 0; k < kSamples; ++k) {
                check_limits(std::span(all).subspan(k * kHorizon * kActions, kHorizon * kActions), 1e-6);
            }
        }
    }
}

TEST_CASE("the same seed gives the same plans, to the bit, with any number of threads") {
    for (const int models : {1, 3}) {
        std::vector<gatecast::Plant> plants;
        for (int k = 0; k < models; ++k) plants.push_back(make_plant(k + 1));
        const Origin origin(plants);
        for (const Method method : kMethods) {
            std::vector<std::vector<double>> first;
            for (const int threads : {0, 2, 3}) {
                Planner planner(plants, some_cost(), tight_limits(), options(method),
                                threads > 0 ? std::make_shared<Pool>(threads) : nullptr);
                std::vector<std::vector<double>> all;
                for (int round = 0; round < 3; ++round) {
                    plan(planner, origin);
                    all.push_back(copy(planner.actions()));
                    all.push_back(copy(planner.predicted()));
                    all.push_back({planner.predicted_cost()});
                }
                planner.reset();
                plan(planner, origin, kHorizon);
                CHECK(copy(planner.actions()) == all[0]);
                if (first.empty()) first = all;
                CHECK(all == first);
            }
            Planner other(plants, some_cost(), tight_limits(), options(method, 2, 2), nullptr);
            plan(other, origin);
            CHECK(copy(other.actions()) != first[0]);
        }
    }
}

TEST_CASE("a planning cycle allocates nothing") {
    const std::vector plants{make_plant(1), make_plant(2, gatecast::Cell::gru)};
    const Origin origin(plants);
    for (const Method method : kMethods) {
        Planner planner(plants, some_cost(), tight_limits(), options(method), started_pool(2));
        const AllocationCounter counter;
        for (int round = 0; round < 3; ++round) plan(planner, origin);
        for (int round = 0; round < 5; ++round) plan(planner, origin, 1, now - 1); // until an action is held
        CHECK(planner.held());
        CHECK(counter.count() == 0);
    }
}

TEST_CASE("the answer's outputs are those of a roll-out, and its cost that of an independent sum") {
    const std::vector plants{make_plant(1), make_plant(2), make_plant(3)};
    const Origin origin(plants);
    Planner planner(plants, some_cost(), bounds(), options(Method::mppi), nullptr);
    plan(planner, origin);
    const std::vector<double> u = copy(planner.actions());
    const std::vector<float> actions(u.begin(), u.end());
    std::vector<std::vector<float>> told;
    for (std::size_t k = 0; k < plants.size(); ++k) {
        gatecast::Rollout rollout(plants[k].network, plants[k].dynamics, 1, kHorizon);
        told.emplace_back(kHorizon * kOutputs);
        std::vector<int> steps(1);
        rollout.run(origin.get().states[k], 0, origin.get().outputs.first(kOutputs), actions, told.back(), steps);
    }
    double cost = 0, before = kSent[2 * kActions + 1];
    for (int t = 0; t < kHorizon; ++t) {
        double mean[kOutputs], variance[kOutputs];
        for (int o = 0; o < kOutputs; ++o) {
            const int k = t * kOutputs + o;
            mean[o] = (told[0][k] + told[1][k] + told[2][k]) / 3.0;
            variance[o] = 0;
            for (const auto& each : told) variance[o] += std::pow(each[k] - mean[o], 2) / 3;
            CHECK(planner.predicted()[k] == doctest::Approx(mean[o]).epsilon(1e-6));
        }
        cost += (t + 1 == kHorizon ? 3 : 1) * std::pow(mean[0] + 6, 2);
        cost += 10 * std::pow(std::max({0.0, 3 - mean[1], mean[1] - 3.5}), 2);
        cost += 0.5 * variance[2];
        const double w = u[t * kActions + 1];
        cost += 0.2 * std::pow(w - 0.1 * t, 2) + 0.3 * std::pow(w - before, 2);
        before = w;
    }
    CHECK(planner.predicted_cost() == doctest::Approx(cost).epsilon(1e-5));
}

TEST_CASE("mppi answers with the weighted mean of its plans") {
    const std::vector plants{make_plant(1)};
    const Origin origin(plants);
    for (const double temperature : {0.0, 2.5}) {
        Bowl bowl;
        auto with = options(Method::mppi, 1);
        with.batch_cost = &bowl;
        with.search.temperature = temperature;
        Planner planner(plants, {}, bounds(), with, nullptr);
        plan(planner, origin);
        std::vector<double> sorted = bowl.seen.costs;
        std::ranges::sort(sorted);
        const double lambda = temperature > 0 ? temperature : (sorted[kSamples / 10] - sorted[0]) / 10;
        for (int k = 0; k < kHorizon * kActions; ++k) {
            double sum = 0, weights = 0;
            for (int sample = 0; sample < kSamples; ++sample) {
                const double weight = std::exp(-(bowl.seen.costs[sample] - sorted[0]) / lambda);
                sum += weight * bowl.seen.actions[sample * kHorizon * kActions + k];
                weights += weight;
            }
            CHECK(planner.actions()[k] == doctest::Approx(sum / weights));
        }
        CHECK(planner.predicted_cost() == sorted[0]);
    }
}

TEST_CASE("cem goes to the mean of its best plans, icem and random to the best") {
    const std::vector plants{make_plant(1)};
    const Origin origin(plants);
    for (const Method method : {Method::cem, Method::icem, Method::random}) {
        Bowl bowl;
        auto with = options(method, 1);
        with.batch_cost = &bowl;
        Planner planner(plants, {}, bounds(), with, nullptr);
        plan(planner, origin);
        std::vector<int> order(kSamples);
        for (int k = 0; k < kSamples; ++k) order[k] = k;
        std::ranges::sort(order, {}, [&](int k) { return bowl.seen.costs[k]; });
        for (int k = 0; k < kHorizon * kActions; ++k) {
            const auto value = [&](int rank) { return bowl.seen.actions[order[rank] * kHorizon * kActions + k]; };
            double mean = 0;
            for (int rank = 0; rank < 8; ++rank) mean += value(rank) / 8;
            // cem: a quarter of the mean before, which was 0
            CHECK(planner.actions()[k] == doctest::Approx(method == Method::cem ? 0.75 * mean : value(0)));
        }
    }
}

TEST_CASE("with iterations the plans of all methods get better, most where they learn") {
    const std::vector plants{make_plant(1)};
    const Origin origin(plants);
    for (const Method method : kMethods) {
        Bowl bowl;
        auto with = options(method, 30);
        with.batch_cost = &bowl;
        with.search.deviation = {0.5, 0.5};
        with.search.colour = 0;
        Planner planner(plants, {}, {{-1, 1}, {-1, 1}}, with, nullptr);
        plan(planner, origin);
        double error = 0;
        for (int k = 0; k < kHorizon * kActions; ++k) error += std::pow(planner.actions()[k] - Bowl::wanted(k), 2);
        const double first = *std::ranges::min_element(bowl.all[0].costs);
        CAPTURE(static_cast<int>(method));
        CHECK(error <= first * (method == Method::random ? 1 : method == Method::mppi ? 0.6 : 0.2));
    }
}

TEST_CASE("a plan continues the previous one") {
    const std::vector plants{make_plant(1)};
    const Origin origin(plants);
    for (const Method method : kMethods) {
        Bowl bowl;
        auto with = options(method, 1);
        with.batch_cost = &bowl;
        Planner planner(plants, {}, bounds(), with, nullptr);
        plan(planner, origin);
        const std::vector<double> before = copy(planner.actions());
        bowl.refuse = true; // no iteration counts, and the rest of the previous plan is the answer
        CHECK(plan(planner, origin, 3) == 0);
        if (method == Method::icem) continue; // icem continues from the mean, which is not the answer
        for (int t = 0; t < kHorizon; ++t) {
            for (int a = 0; a < kActions; ++a) {
                CHECK(planner.actions()[t * kActions + a] == before[std::min(t + 3, kHorizon - 1) * kActions + a]);
            }
        }
        CHECK_FALSE(planner.held());
        CHECK(plan(planner, origin, kHorizon) == 0);
        CHECK(planner.held()); // nothing of it is left
        for (int k = 0; k < kHorizon * kActions; ++k) {
            CHECK(planner.actions()[k] == kSent[2 * kActions + k % kActions]);
        }
    }
}

TEST_CASE("when the time is over, the plans judged so far give the answer") {
    const std::vector plants{make_plant(1)};
    const Origin origin(plants);
    // A look at the clock, of 1 s, for the start, for what there is time for, for the beginning and the end of the
    // roll-outs, for each group, which are of 64 and 6 plans or of 16, two for learning, two for the answer.
    for (const Method method : kMethods) {
        for (const int threads : {1, 3}) {
            tick = 0;
            Bowl bowl;
            auto with = options(method, 1);
            with.batch_cost = &bowl;
            Planner planner(plants, {}, bounds(), with, threads > 1 ? std::make_shared<Pool>(threads) : nullptr);
            plan(planner, origin); // it knows from then on how long the cost takes
            planner.reset();
            tick = 1;
            now = 0;
            const double done = plan(planner, origin, 1, threads > 1 ? 6.5 : 4.5);
            const int judged = static_cast<int>(std::lround(done * kSamples));
            // Of several threads the first group may be the last to look at the clock.
            if (threads == 1) CHECK(judged == 64);
            CHECK(judged % 16 == 0);
            CHECK(judged < kSamples);
            CHECK(planner.held() == (judged == 0));
            tick = 0;
            if (judged == 0) continue;
            for (int sample = judged; sample < kSamples; ++sample) CHECK(bowl.seen.steps[sample] == 0);
            // As a planner does that has no more samples than were judged, and as large a share of elites
            with.search.samples = judged;
            with.search.elites = std::max(2, with.search.elites * judged / kSamples);
            with.search.keep = std::min(with.search.keep, with.search.elites);
            Planner small(plants, {}, bounds(), with, nullptr);
            CHECK(plan(small, origin) == 1);
            CHECK(copy(planner.actions()) == copy(small.actions()));
            CHECK(copy(planner.predicted()) == copy(small.predicted()));
        }
    }
}

TEST_CASE("before a batch cost was asked once, half of the time is left for it") {
    const std::vector plants{make_plant(1)};
    const Origin origin(plants);
    Bowl bowl;
    auto with = options(Method::mppi, 1);
    with.batch_cost = &bowl;
    with.search.samples = 64 * 60; // a look at the clock, of 1 s, for each 64
    const auto done_in_40 = [&](bool known) {
        Planner planner(plants, {}, bounds(), with, nullptr);
        if (known) plan(planner, origin);
        planner.reset();
        now = 0;
        tick = 1;
        const double done = plan(planner, origin, 1, 40);
        tick = 0;
        return 60 * done;
    };
    CHECK(done_in_40(true) == doctest::Approx(36).epsilon(0.1));
    CHECK(done_in_40(false) == doctest::Approx(18).epsilon(0.1));
}

TEST_CASE("no deadline is exceeded by more than a group of plans and the answer") {
    const std::vector plants{make_plant(1)};
    const Origin origin(plants);
    auto with = options(Method::cem, 50);
    with.search.samples = 640;
    Planner planner(plants, some_cost(), bounds(), with, nullptr);
    tick = 1;
    for (int round = 0; round < 40; ++round) {
        const double deadline = now + 5 + round % 30;
        const double done = plan(planner, origin, 1, deadline);
        CHECK(now - deadline <= 6); // the looks that come after the last group's
        CHECK(done < 4);
    }
    // However long a plan took once, some day one is tried again.
    tick = 1000;
    plan(planner, origin, 0, now + 2500);
    tick = 1;
    double tried = 0;
    for (int round = 0; round < 100 && tried == 0; ++round) tried = plan(planner, origin, 0, now + 50);
    CHECK(tried > 0);
    tick = 0;
}

TEST_CASE("without time a plan is continued three times, and then the last action is held") {
    const std::vector plants{make_plant(1)};
    const Origin origin(plants);
    for (const Method method : kMethods) {
        Planner planner(plants, some_cost(), tight_limits(), options(method), nullptr);
        CHECK(plan(planner, origin, 1, now - 1) == 0);
        CHECK(planner.held()); // there never was one
        CHECK(planner.fault() == PlanFault::no_time);
        check_limits(planner.actions(), 1e-12);
        CHECK(plan(planner, origin) == 2);
        CHECK_FALSE(planner.held());
        for (int k = 0; k < 5; ++k) {
            CHECK(plan(planner, origin, 0, now - 1) == 0);
            CHECK(planner.held() == (k >= 3));
        }
        CHECK(planner.actions()[1] == kSent[2 * kActions + 1]); // which has no acceleration to end
        for (const double value : planner.predicted()) CHECK(std::isfinite(value));
        CHECK(plan(planner, origin) == 2);
        CHECK_FALSE(planner.held());
        planner.reset();
        CHECK(plan(planner, origin, 0, now - 1) == 0);
        CHECK(planner.held());
    }
}

TEST_CASE("an iteration tries as many samples as there is time for, if it may") {
    const std::vector plants{make_plant(1)};
    const Origin origin(plants);
    for (const Method method : kMethods) {
        auto with = options(method, 2);
        with.search.samples = 640;
        with.adapt = true;
        Planner planner(plants, some_cost(), bounds(), with, nullptr),
            free(plants, some_cost(), bounds(), with, nullptr);
        CHECK(planner.fitting_samples(1) == kInfinity);
        tick = 1;
        now = 0;
        planner.measure(origin.get());
        // 64 plans took 2 s, and the answer 1 s.
        CHECK(planner.fitting_samples(11) == doctest::Approx(320));
        CHECK(plan(planner, origin, 1, now + 30) == 2); // of some hundred samples each
        CHECK(now <= 2000);
        tick = 0;
        // The measurement changes nothing if there is time for all.
        planner.reset();
        plan(planner, origin);
        plan(free, origin);
        CHECK(copy(planner.actions()) == copy(free.actions()));
        tick = 1;
        plan(planner, origin, 1, now + 4);
        CHECK(planner.fitting_samples(4) < 640);
        tick = 0;
    }
}

TEST_CASE("what nothing can be learned from is no plan") {
    std::vector plants{make_plant(1)};
    const Origin origin(plants);
    /// Says the same of each plan
    class Says : public gatecast::BatchCost {
      public:
        bool judge(Batch& batch) override {
            std::ranges::fill(batch.costs, cost);
            if (good >= 0) batch.costs[good] = 5;
            return true;
        }
        double cost = 0;
        int good = -1;
    };
    for (const Method method : kMethods) {
        Says says;
        auto with = options(method);
        with.batch_cost = &says;
        Planner planner(plants, {}, bounds(), with, nullptr);
        for (const double cost : {kNaN, kInfinity, -kInfinity, 1e31}) {
            says.cost = cost;
            CHECK(plan(planner, origin) == 0);
            CHECK(planner.held());
            CHECK(planner.fault() == PlanFault::no_cost);
            CHECK(std::isnan(planner.predicted_cost()));
            for (int k = 0; k < kHorizon * kActions; ++k) {
                CHECK(planner.actions()[k] == kSent[2 * kActions + k % kActions]);
            }
        }
        // The only one with a cost is all that is learned from.
        says.good = 7;
        CHECK(plan(planner, origin) == 2);
        CHECK_FALSE(planner.held());
        CHECK(planner.effective_samples() == 1);
        says.good = -1;
        says.cost = 3; // any plan is as good as another
        CHECK(plan(planner, origin) == 2);

        auto still = options(method);
        still.search.deviation = {0, 0};
        Planner stuck(plants, some_cost(),
                      method == Method::random ? std::vector<ActionLimits>{{1, 1}, {2, 2}} : bounds(), still, nullptr);
        CHECK(plan(stuck, origin) == 0);
        CHECK(stuck.held());
        CHECK(stuck.fault() == PlanFault::alike);

        std::vector wild{make_plant(1), make_plant(1)};
        wild[1].dynamics.limit = 3; // of what is measured in this test the third output is just inside
        Planner lost(wild, some_cost(), {{-1e30, -1e20}, {-1e30, -1e20}}, options(method), nullptr);
        const Origin two(wild);
        CHECK(plan(lost, two) == 0);
        CHECK(lost.held());
        CHECK(lost.fault() == PlanFault::diverged);
        for (const double value : lost.predicted()) CHECK(std::isfinite(value));
    }
}

TEST_CASE("the first action is free if nothing was sent") {
    const std::vector plants{make_plant(1)};
    const Origin origin(plants);
    Bowl bowl;
    auto with = options(Method::random, 1);
    with.batch_cost = &bowl;
    Planner planner(plants, {}, tight_limits(), with, nullptr);
    plan(planner, origin, 1, kInfinity, kNothingSent);
    float least = 0, most = 0;
    for (int k = 0; k < kSamples; ++k) {
        least = std::min(least, bowl.seen.actions[k * kHorizon * kActions]);
        most = std::max(most, bowl.seen.actions[k * kHorizon * kActions]);
    }
    CHECK(least < -0.9);
    CHECK(most > 0.9);
}
