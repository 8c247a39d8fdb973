// One step of many live streams of one network.
#include <algorithm>

#include "native/clock.h"
#include "native/floors.h"
#include "native/onednn.h"
#include "native/record.h"
#include "native/shapes.h"
#include "native/trials.h"

namespace gatecast::bench {
namespace {

constexpr int kCheckedSteps = 20;

/// Error of the first and the last stream, which see different samples.
template <class StepAll>
double error_of(const Network& network, Cell cell, int streams, StepAll step_all) {
    const NetworkSpec& spec = network.spec();
    const int inputs = spec.input_size, hidden = spec.hidden_size;
    const std::vector<float> x = random_inputs(kCheckedSteps * streams, inputs);
    std::vector<float> y(static_cast<std::size_t>(streams) * hidden);
    std::vector<float> seen[2], answers[2];
    for (int t = 0; t < kCheckedSteps; ++t) {
        const float* row = x.data() + static_cast<std::size_t>(t) * streams * inputs;
        step_all(row, y.data());
        for (int end = 0; end < 2; ++end) {
            const int stream = end * (streams - 1);
            seen[end].insert(seen[end].end(), row + stream * inputs, row + (stream + 1) * inputs);
            answers[end].insert(answers[end].end(), y.data() + stream * hidden, y.data() + (stream + 1) * hidden);
        }
    }
    double worst = 0;
    for (int end = 0; end < 2; ++end) {
        worst = std::max(worst, max_error(answers[end], reference_outputs(network, cell, kCheckedSteps, seen[end])));
    }
    return worst;
}

void compare(const NetworkSpec& spec, Precision precision, int streams, const Kernels& kernels,
             const Options& options) {
    const auto network = make_network(spec, kernels, precision);
    Streams ours(network, streams);
    const std::shared_ptr<OneDnn> rival = make_onednn(*network, precision, 1, streams, 1);
    Record record;
    record.extra = {
        {"error", error_of(*network, spec.cell, streams, [&](const float* x, float* y) { ours.step_all(x, y); })}};
    if (rival != nullptr) {
        const double error = error_of(*network, rival->cell(), streams, [&](const float* x, float* y) {
            rival->set_input({x, static_cast<std::size_t>(streams) * spec.input_size});
            rival->run(1);
            const std::vector<float> h = rival->output();
            std::copy(h.begin(), h.end(), y);
        });
        record.extra.push_back({"rivalError", error});
    }

    const std::vector<float> x = random_inputs(streams, spec.input_size);
    std::vector<float> y(static_cast<std::size_t>(streams) * spec.hidden_size);
    const ArithmeticPeak peak(find_ceilings(kernels.name), precision);
    std::vector<Contender> contenders{{"ours",
                                       [&](long count) {
                                           for (; count > 0; --count) ours.step_all(x.data(), y.data());
                                           keep(y[0]);
                                       }},
                                      {"peak", peak.work()}};
    if (rival != nullptr) {
        rival->set_input(x);
        contenders.push_back({"oneDNN", [&](long count) { rival->run(count); }});
    }
    const std::vector<Timing> timings = measure(contenders, options);

    record.trial = "batch";
    record.cell = name_of(spec.cell);
    record.sizes = {{"inputs", spec.input_size}, {"hidden", spec.hidden_size}};
    record.precision = name_of(precision);
    record.batch = streams;
    record.isa = kernels.name;
    record.ours = timings[0].ns;
    record.unit = "ns";
    record.floor = streams * flops_per_step(spec) / (peak.flops() / timings[1].ns);
    record.spread = timings[0].spread;
    if (rival != nullptr) {
        record.rival = timings[2].ns;
        record.rival_name = rival->name();
    }
    print(record);
}

} // namespace

void run_batch(const Kernels& kernels, const Options& options) {
    for (Cell cell : kCells) {
        for (const std::vector<int>& shape : shapes_of("streams")) {
            for (Precision precision : kPrecisions) {
                compare(spec_of(cell, shape[1], shape[2]), precision, shape[0], kernels, options);
            }
        }
    }
}

} // namespace gatecast::bench
