#pragma once

#include <doctest/doctest.h>

#include <atomic>
#include <cmath>
#include <limits>
#include <vector>

#include "plants.h"

/// What the tests of the planner share: options, limits, costs and a clock that the test moves.

using gatecast::ActionLimits;
using gatecast::Batch;
using gatecast::Cost;
using gatecast::Method;
using gatecast::Planner;

constexpr int kSamples = 70, kHorizon = 9, kActions = 2, kOutputs = 3;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN(), kInfinity = std::numeric_limits<double>::infinity();
constexpr Method kMethods[] = {Method::mppi, Method::cem, Method::icem, Method::random};

/// A clock that each look at it moves on.
inline std::atomic<double> now = 0;
inline double tick = 0;
inline double fake_clock() {
    return now += tick;
}

inline gatecast::PlannerOptions options(Method method, int iterations = 2, std::uint64_t seed = 1) {
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

inline std::vector<ActionLimits> bounds() {
    return {{-1, 1}, {-4, 3}};
}

inline std::vector<ActionLimits> tight_limits() {
    return {{-1, 1, 0.3, 0.2, 0.15}, {-4, 3, 1}};
}

/// Terms of every kind
inline Cost some_cost() {
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

inline double plan(Planner& planner, const Origin& origin, int passed = 1, double deadline = kInfinity,
                   std::span<const double> sent = kSent) {
    return planner.plan({.origin = origin.get(), .sent = sent, .passed = passed, .deadline = deadline});
}

template <class T>
std::vector<double> copy(std::span<T> values) {
    return {values.begin(), values.end()};
}

/// One action of a plan, [horizon], after what was sent
inline std::vector<double> sequence(std::span<const double> plan, int action) {
    std::vector<double> values;
    for (int k = 0; k < 3; ++k) values.push_back(kSent[k * kActions + action]);
    for (std::size_t k = action; k < plan.size(); k += kActions) values.push_back(plan[k]);
    return values;
}

inline void check_limits(std::span<const double> plan, double slack) {
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
