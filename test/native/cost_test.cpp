#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "core/gatecast.h"

using gatecast::Cost;
using gatecast::cost_of;
using gatecast::finite_cost;

TEST_CASE("a cost by hand") {
    // Two outputs and one action over two steps.
    const std::vector<float> actions{2, 5}, outputs{1, 10, 3, 20}, spread{0.5f, 1, 2, 3};
    const std::vector<double> sent{1};
    const gatecast::TriedPlan trial{.horizon = 2, .steps = 2, .actions = actions, .outputs = outputs, .spread = spread};
    Cost cost;
    CHECK(cost_of(cost, trial, sent) == 0);
    cost.track.push_back({0, 2, 5, {0, 1}}); // 2 (1 + 4) + 5 * 4
    CHECK(cost_of(cost, trial, sent) == 30);
    cost.soft.push_back({1, 12, 16, 3}); // 3 (4 + 16)
    CHECK(cost_of(cost, trial, sent) == 90);
    cost.risk.push_back({0, 4}); // 4 (0.25 + 4)
    CHECK(cost_of(cost, trial, sent) == 107);
    cost.effort.push_back({0, 1, 10, {0, 1}}); // 4 + 16 + 10 (1 + 9)
    CHECK(cost_of(cost, trial, sent) == 227);
    const std::vector<double> nothing{std::numeric_limits<double>::quiet_NaN()};
    CHECK(cost_of(cost, trial, nothing) == 217);
}

TEST_CASE("a plan that could not be predicted costs more than any other, and every cost is a number") {
    const double infinity = std::numeric_limits<double>::infinity();
    const double any[] = {0, -5, 1e300, infinity, -infinity, std::numeric_limits<double>::quiet_NaN()};
    double most = -infinity;
    for (const double cost : any) {
        const double told = finite_cost(cost, 4, 4);
        CHECK(std::isfinite(told));
        most = std::max(most, told);
    }
    for (const double cost : any) {
        double before = most;
        for (int steps = 3; steps >= 0; --steps) {
            const double now = finite_cost(cost, steps, 4);
            CHECK(std::isfinite(now));
            CHECK(now > before);
            before = now;
        }
    }
}
