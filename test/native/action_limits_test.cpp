#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "core/gatecast.h"

using gatecast::ActionLimits;

namespace {

constexpr double kNone = ActionLimits::kNone, kNaN = std::numeric_limits<double>::quiet_NaN();

struct Numbers {
    double min, max, rate, acceleration, jerk;
    ActionLimits limits() const { return {min, max, rate, acceleration, jerk}; }
};

/// The most that the values of a sequence leave their limits by, relative to the largest number in play; the bounds
/// counted apart, without any allowance.
double worst_excess(const Numbers& numbers, const std::vector<double>& values) {
    double worst = 0;
    double scale = std::max(std::abs(numbers.min), std::abs(numbers.max));
    for (std::size_t t = 0; t < values.size(); ++t) {
        REQUIRE(values[t] >= numbers.min);
        REQUIRE(values[t] <= numbers.max);
        if (t < 1) continue;
        const double change = values[t] - values[t - 1];
        worst = std::max(worst, std::abs(change) - numbers.rate);
        if (t < 2) continue;
        const double second = change - (values[t - 1] - values[t - 2]);
        worst = std::max(worst, std::abs(second) - numbers.acceleration);
        if (t < 3) continue;
        const double before = values[t - 1] - 2 * values[t - 2] + values[t - 3];
        worst = std::max(worst, std::abs(second - before) - numbers.jerk);
    }
    return worst / scale;
}

/// A wish that is hard on a limiter: far off, near, at a bound, held for long or reversed at once.
class Wishes {
  public:
    Wishes(const Numbers& numbers, unsigned seed) : numbers_(numbers), random_(seed) {}

    double next() {
        if (left_-- <= 0) {
            kind_ = pick(8);
            left_ = pick(30);
        }
        const double range = numbers_.max - numbers_.min;
        switch (kind_) {
        case 0:
            return numbers_.max + 10 * range;
        case 1:
            return numbers_.min - 10 * range;
        case 2:
            return pick(2) ? numbers_.max : numbers_.min;
        case 3:
            return numbers_.min + range * unit_(random_);
        case 4:
            return last_ += range * (unit_(random_) - 0.5) / 20;
        case 5:
            return pick(2) ? 1e300 : -HUGE_VAL;
        case 6:
            return kNaN;
        default:
            return numbers_.max - range * 1e-6 * unit_(random_);
        }
    }

  private:
    int pick(int count) { return static_cast<int>(random_() % count); }

    Numbers numbers_;
    std::mt19937_64 random_;
    std::uniform_real_distribution<double> unit_{0, 1};
    int kind_ = 0, left_ = 0;
    double last_ = 0;
};

/// Limits of every kind, from far narrower than the range to far wider; each may be missing.
Numbers random_numbers(std::mt19937_64& random) {
    std::uniform_real_distribution<double> unit{0, 1};
    const double offset = (unit(random) - 0.5) * (random() % 3 == 0 ? 1000 : 1);
    const double range = std::pow(10, 4 * unit(random) - 2);
    const auto part = [&] { return random() % 4 == 0 ? kNone : range * std::pow(10, -2.5 * unit(random)); };
    Numbers numbers{offset, offset + range, part(), part(), part()};
    if (numbers.jerk < range * 1e-4) numbers.jerk = range * 1e-4;
    return numbers;
}

} // namespace

TEST_CASE("whatever is wanted, no limit of an action is broken") {
    std::mt19937_64 random(1);
    double worst = 0;
    for (int round = 0; round < 2000; ++round) {
        const Numbers numbers = random_numbers(random);
        const ActionLimits limits = numbers.limits();
        Wishes wishes(numbers, round);
        ActionLimits::Motion motion;
        std::vector<double> values;
        for (int t = 0; t < 1000; ++t) values.push_back(limits.take(motion, wishes.next()));
        const double excess = worst_excess(numbers, values);
        CAPTURE(round);
        CHECK(excess < 2e-13);
        worst = std::max(worst, excess);
    }
    MESSAGE("worst excess, relative: " << worst);
}

TEST_CASE("a sequence that continues from what was sent keeps the limits with it") {
    std::mt19937_64 random(2);
    for (int round = 0; round < 2000; ++round) {
        const Numbers numbers = random_numbers(random);
        const ActionLimits limits = numbers.limits();
        Wishes wishes(numbers, round);
        ActionLimits::Motion motion;
        std::vector<double> values;
        for (int t = 0; t < 60; ++t) values.push_back(limits.take(motion, wishes.next()));
        // Another begins from the last three alone.
        motion = limits.motion_after(values[57], values[58], values[59]);
        for (int t = 0; t < 60; ++t) values.push_back(limits.take(motion, wishes.next()));
        CAPTURE(round);
        CHECK(worst_excess(numbers, values) < 2e-13);
    }
}

TEST_CASE("with bounds and a rate alone it is the nearest value") {
    const ActionLimits limits(-1, 2, 0.5);
    std::mt19937_64 random(3);
    std::uniform_real_distribution<double> wish(-4, 4);
    ActionLimits::Motion motion = limits.motion_after(kNaN, kNaN, 0.25);
    double before = 0.25;
    for (int t = 0; t < 1000; ++t) {
        const double wanted = wish(random);
        const double expected = std::clamp(std::clamp(wanted, -1.0, 2.0), before - 0.5, before + 0.5);
        CHECK(limits.take(motion, wanted) == expected);
        before = expected;
    }
    ActionLimits::Motion nothing_sent;
    CHECK(limits.take(nothing_sent, 5) == 2);
    ActionLimits::Motion outside = limits.motion_after(kNaN, kNaN, 9); // the bounds come before the rate
    CHECK(limits.take(outside, 9) == 2);
}

TEST_CASE("values inside the limits are taken as they are") {
    std::mt19937_64 random(4);
    for (int round = 0; round < 1000; ++round) {
        const Numbers numbers = random_numbers(random);
        const ActionLimits limits = numbers.limits();
        Wishes wishes(numbers, round);
        ActionLimits::Motion motion, again;
        const double scale = std::max(std::abs(numbers.min), std::abs(numbers.max));
        CAPTURE(round);
        for (int t = 0; t < 60; ++t) {
            const double value = limits.take(motion, wishes.next());
            REQUIRE(std::abs(limits.take(again, value) - value) < 1e-11 * scale);
        }
    }
}

TEST_CASE("if nothing is wanted it comes to rest") {
    std::mt19937_64 random(5);
    for (int round = 0; round < 200; ++round) {
        const Numbers numbers = random_numbers(random);
        const ActionLimits limits = numbers.limits();
        Wishes wishes(numbers, round);
        ActionLimits::Motion motion;
        for (int t = 0; t < 50; ++t) limits.take(motion, wishes.next());
        for (int t = 0; t < 2000; ++t) limits.take(motion, kNaN);
        const double rest = motion.value;
        CHECK(std::abs(limits.take(motion, kNaN) - rest) <= 1e-12 * (numbers.max - numbers.min));
    }
}

TEST_CASE("a ramp with an acceleration, by hand") {
    // From rest at 0 towards 10, change of the change 1: up by 1, 2, 3, then by 7/3, 4/3, 1/3.
    const ActionLimits limits(0, 10, kNone, 1);
    ActionLimits::Motion motion = limits.motion_after(0, 0, 0);
    std::vector<double> values;
    for (int t = 0; t < 7; ++t) values.push_back(limits.take(motion, 10));
    const double expected[] = {1, 3, 6, 6 + 7.0 / 3, 6 + 11.0 / 3, 10, 10};
    for (int t = 0; t < 7; ++t) CHECK(values[t] == doctest::Approx(expected[t]));
}

TEST_CASE("if what was sent leaves no way to brake, the bounds still hold and the acceleration gives way") {
    const ActionLimits limits(-1, 1, kNone, 0.01, 0.001);
    ActionLimits::Motion motion = limits.motion_after(-1, 0, 1); // at full speed into the bound
    CHECK(motion.change == 0);
    CHECK(limits.take(motion, 1) == 1);
    motion = limits.motion_after(0, 0.1, 0.1); // brakes harder than is allowed, and stands
    CHECK(motion.value == 0.1);
    CHECK(motion.change == 0);
}
