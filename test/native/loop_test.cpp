#include <doctest/doctest.h>

#include <chrono>
#include <limits>
#include <memory>
#include <thread>
#include <vector>

#include "core/gatecast.h"

using gatecast::Loop;
using gatecast::LoopCycle;
using gatecast::LoopRules;
using gatecast::Ring;
using gatecast::Tally;

namespace {

struct Memory {
    std::vector<double> doubles;
    Ring ring;

    Memory(int width, std::uint32_t capacity)
        : doubles(Ring::bytes(width, capacity) / 8),
          ring(reinterpret_cast<std::byte*>(doubles.data()), width, capacity) {}
    /// How many rows were given
    std::uint32_t given() {
        return __atomic_load_n(reinterpret_cast<std::uint32_t*>(doubles.data()) + 16, __ATOMIC_ACQUIRE);
    }
};

LoopCycle cycle(double period) {
    const double any = std::numeric_limits<double>::infinity();
    return LoopCycle({.period = period,
                      .deadline = period,
                      .max_age = 3600,
                      .delay = 0,
                      .inputs = {{-10, 10}},
                      .limits = {{-100, 100, any}},
                      .fallback = LoopRules::Action{5},
                      .start = LoopRules::Action{-7},
                      .stop = LoopRules::Action{77},
                      .degrade_after = 3,
                      .recover_after = 10},
                     std::make_shared<gatecast::LinearController>(std::vector<double>{2}, std::vector<double>{0}),
                     gatecast::steady_now);
}

} // namespace

TEST_CASE("a loop takes the newest observation, gives actions and records, and counts every cycle") {
    Memory observations(1, 4), actions(1, 4096), records(Loop::kRecordWidth + 1, 2);
    Loop loop(cycle(0.0005), observations.ring, actions.ring, records.ring, {});
    std::vector<double> sums(Tally::kSize), total(Tally::kSize);
    const auto add = [&] {
        if (!loop.tally().take(sums)) return;
        for (std::size_t k = 0; k < sums.size(); ++k) total[k] += sums[k];
    };
    while (actions.given() < 20) std::this_thread::yield();
    for (int n = 0; n < 50; ++n) {
        const double value = 0.5;
        observations.ring.push(gatecast::steady_now(), {&value, 1});
        add();
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    loop.stop();
    loop.stop();
    add();
    add();
    double at = 0, last = 0;
    CHECK(actions.ring.take_newest(at, {&last, 1}));
    CHECK(last == 77);
    const std::uint32_t cycles = actions.given() - 2; // without start and stop
    CHECK(total[Tally::kCycles] == cycles);
    CHECK(records.given() == cycles);
    for (const std::size_t times : {0, 1, 2, 3}) { // period, jitter, age, compute
        const double* numbers = total.data() + Tally::kTimes + times * gatecast::TimeCounts::kSize;
        double counted = 0;
        for (std::size_t k = gatecast::TimeCounts::kFirst; k < gatecast::TimeCounts::kSize; ++k) counted += numbers[k];
        CHECK(numbers[0] == counted);
        if (times < 2) CHECK(counted == cycles - (times == 0 ? 1 : 0));
        if (times > 1) CHECK(counted >= cycles - total[Tally::kFallbacks]); // late cycles have an age, too
    }
    std::vector<double> record(Loop::kRecordWidth + 1);
    REQUIRE(records.ring.take_newest(at, record));
    CHECK(record[0] == cycles - 1);
    CHECK(record[1] == cycles - 1 + total[Tally::kSkipped]);
    CHECK(record[Loop::kRecordWidth] == -1); // u = -K x
}

TEST_CASE("a loop of a period of an hour stops at once") {
    Memory observations(1, 4), actions(1, 4), records(Loop::kRecordWidth + 1, 2);
    {
        const Loop loop(cycle(3600), observations.ring, actions.ring, records.ring, {});
        while (actions.given() < 2) std::this_thread::yield(); // start, and cycle 0
    }
    double at = 0, last = 0;
    CHECK(actions.ring.take_newest(at, {&last, 1}));
    CHECK(last == 77);
    CHECK(actions.given() == 3);
}

TEST_CASE("times are counted in the buckets of the histogram in TypeScript") {
    std::vector<double> numbers(gatecast::TimeCounts::kSize);
    gatecast::TimeCounts counts(numbers);
    // Worked by hand: below 128 ns the ns itself; 128 to 255 by twos from 128 on; 256 to 511 by fours from 192 on.
    for (const double ns : {0.0, 1.5, 127.0, 128.0, 129.9, 255.0, 256.0, 259.0, 511.0, -5.0})
        counts.add(ns * 1e-9 + 1e-12);
    std::vector<std::size_t> found;
    for (std::size_t k = gatecast::TimeCounts::kFirst; k < numbers.size(); ++k) {
        for (double n = 0; n < numbers[k]; ++n) found.push_back(k - gatecast::TimeCounts::kFirst);
    }
    CHECK(found == std::vector<std::size_t>{0, 0, 1, 127, 128, 128, 191, 192, 192, 255});
    CHECK(numbers[0] == 10);
    CHECK(numbers[2] == 511);
    counts.add(1e300);
    CHECK(numbers.back() == 1);
}
