#include "native/measure.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>

#include "native/clock.h"

namespace gatecast::bench {
namespace {

/// How many calls fit into a round.
long calibrate(const Work& work, double round_ns) {
    for (long count = 1;; count *= 2) {
        const std::uint64_t start = now_ns();
        work(count);
        const double taken = static_cast<double>(now_ns() - start);
        if (taken >= round_ns / 4) return std::max(1L, std::lround(count * round_ns / taken));
    }
}

} // namespace

double median(std::vector<double> values) {
    const auto middle = values.begin() + values.size() / 2;
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

std::vector<Timing> measure(const std::vector<Contender>& contenders, const Options& options) {
    const int rounds = options.quick ? 5 : 31;
    const double round_ns = options.quick ? 1e6 : 8e6;
    std::vector<long> counts;
    for (const Contender& contender : contenders) counts.push_back(calibrate(contender.work, round_ns));

    std::vector<std::vector<double>> samples(contenders.size());
    for (int round = 0; round < rounds; ++round) {
        for (std::size_t turn = 0; turn < contenders.size(); ++turn) {
            const std::size_t who = (turn + round) % contenders.size();
            contenders[who].work(std::max(1L, counts[who] / 8));
            const std::uint64_t start = now_ns();
            contenders[who].work(counts[who]);
            samples[who].push_back(static_cast<double>(now_ns() - start) / counts[who]);
            if (contenders[who].leaves_spinning) std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
    }

    std::vector<Timing> timings;
    for (const std::vector<double>& sample : samples) {
        const double middle = median(sample);
        std::vector<double> deviations;
        for (double value : sample) deviations.push_back(std::abs(value - middle));
        timings.push_back({middle, 100 * median(deviations) / middle});
    }
    return timings;
}

} // namespace gatecast::bench
