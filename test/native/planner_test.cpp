#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "allocation_counter.h"
#include "planner_cases.h"
#include "pools.h"

using gatecast::PlanFault;
using gatecast::Pool;

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
