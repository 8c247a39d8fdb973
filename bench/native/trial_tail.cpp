// The slowest of many steps, and whether a state that has decayed into denormal numbers costs more than a busy one.
#include <algorithm>
#include <cmath>

#include "native/case.h"
#include "native/clock.h"
#include "native/histogram.h"
#include "native/record.h"
#include "native/shapes.h"
#include "native/trials.h"

namespace gatecast::bench {
namespace {

Record tail_record(const NetworkSpec& spec, Precision precision, const char* isa, const Histogram& times) {
    Record record;
    record.cell = name_of(spec.cell);
    record.sizes = {{"inputs", spec.input_size}, {"hidden", spec.hidden_size}};
    record.precision = name_of(precision);
    record.isa = isa;
    record.ours = times.quantile(0.5);
    record.unit = "ns";
    record.extra = {{"steps", times.count()},
                    {"p50", times.quantile(0.5)},
                    {"p99", times.quantile(0.99)},
                    {"p999", times.quantile(0.999)},
                    {"max", times.largest()}};
    return record;
}

void tail(const NetworkSpec& spec, Precision precision, const Kernels& kernels, const Options& options) {
    Streams stream(make_network(spec, kernels, precision), 1);
    constexpr int kInputs = 16;
    const std::vector<float> x = random_inputs(kInputs, spec.input_size);
    std::vector<float> y(spec.hidden_size);
    Histogram times;
    const long steps = options.quick ? 100'000 : 10'000'000;
    for (long t = 0; t < steps; ++t) {
        const std::uint64_t start = ticks();
        stream.step(0, x.data() + (t % kInputs) * spec.input_size, y.data());
        times.add(ticks() - start);
    }
    keep(y[0]);
    Record record = tail_record(spec, precision, kernels.name, times);
    record.trial = "tail";
    print(record);
}

/// Steps from a state that is rewritten every few steps, because otherwise it would leave the denormal range.
Histogram times_from(Streams& stream, const std::vector<float>& state, const std::vector<float>& x, long steps) {
    constexpr int kUntilWritten = 8;
    std::vector<float> y(state.size());
    Histogram times;
    for (long t = 0; t < steps; ++t) {
        if (t % kUntilWritten == 0) stream.write(0, state);
        const std::uint64_t start = ticks();
        stream.step(0, x.data(), y.data());
        times.add(ticks() - start);
    }
    keep(y[0]);
    return times;
}

void decayed(NetworkSpec spec, Precision precision, const Kernels& kernels, const Options& options) {
    spec.bias = false; // biases would fill the state again
    Streams stream(make_network(spec, kernels, precision), 1);
    const std::size_t size = static_cast<std::size_t>(spec.hidden_size) + spec.c_size();
    const std::vector<float> busy(size, 0.5f), denormal(size, 1e-39f);
    const std::vector<float> x = random_inputs(1, spec.input_size), faint(spec.input_size, 1e-40f);
    const long steps = options.quick ? 20'000 : 1'000'000;
    Histogram busy_times = times_from(stream, busy, x, steps);
    const Histogram denormal_times = times_from(stream, denormal, faint, steps);
    Record record = tail_record(spec, precision, kernels.name, denormal_times);
    record.trial = "decayed";
    record.rival = busy_times.quantile(0.5);
    record.rival_name = "busy state";
    print(record);
}

} // namespace

void run_tail(const Kernels& kernels, const Options& options) {
    for (Cell cell : kCells) {
        for (const std::vector<int>& shape : shapes_of("tail")) {
            for (Precision precision : kPrecisions) {
                const NetworkSpec spec = spec_of(cell, shape[0], shape[1]);
                tail(spec, precision, kernels, options);
                decayed(spec, precision, kernels, options);
            }
        }
    }
}

} // namespace gatecast::bench
