#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "planner_cases.h"
#include "pools.h"

using gatecast::PlanFault;
using gatecast::Pool;

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
