// Whole sequences from the zero state, with one thread and with two.
#include <algorithm>
#include <thread>

#include "native/clock.h"
#include "native/floors.h"
#include "native/onednn.h"
#include "native/record.h"
#include "native/shapes.h"
#include "native/trials.h"

namespace gatecast::bench {
namespace {

struct Shape {
    int batch, steps;
    NetworkSpec spec;
    double flops() const { return flops_per_step(spec) * batch * steps; }
};

/// Error of the last stream of a batch; the output is [steps][batch][hidden].
double error_of(const Network& network, Cell cell, const Shape& shape, const std::vector<float>& input,
                const std::vector<float>& output) {
    const auto stream_of = [&](const std::vector<float>& values, int width) {
        std::vector<float> rows;
        for (int t = 0; t < shape.steps; ++t) {
            const auto row = values.begin() + (static_cast<std::size_t>(t + 1) * shape.batch - 1) * width;
            rows.insert(rows.end(), row, row + width);
        }
        return rows;
    };
    const std::vector<float> samples = stream_of(input, shape.spec.input_size);
    return max_error(stream_of(output, shape.spec.hidden_size), reference_outputs(network, cell, shape.steps, samples));
}

bool has_two_threads() {
    return std::thread::hardware_concurrency() >= 2;
}

/// Shared by all contenders of one shape and precision.
struct Setup {
    Shape shape;
    Precision precision;
    const Kernels& kernels;
    std::shared_ptr<const Network> network;
    std::vector<float> input;
};

Contender contender_of(const Setup& setup, const std::shared_ptr<Sequences>& ours) {
    return {"ours", [&input = setup.input, ours](long count) {
                for (; count > 0; --count) ours->run(input);
                keep(ours->output()[0]);
            }};
}

/// Separate rounds for each number of threads, so that oneDNN never has to change it. With more than one, ours with one
/// thread takes part too.
void compare(const Setup& setup, int threads, const Options& options) {
    const auto& [shape, precision, kernels, network, input] = setup;
    const auto ours = std::make_shared<Sequences>(network, shape.steps, shape.batch, threads);
    const std::shared_ptr<OneDnn> rival = make_onednn(*network, precision, shape.steps, shape.batch, threads);
    const ArithmeticPeak peak(find_ceilings(kernels.name), precision);

    Record record;
    ours->run(input);
    record.extra = {{"error", error_of(*network, shape.spec.cell, shape, input, ours->output())}};
    std::vector<Contender> contenders{{"peak", peak.work()}, contender_of(setup, ours)};
    if (threads > 1) {
        const auto alone = std::make_shared<Sequences>(network, shape.steps, shape.batch, 1);
        contenders.push_back(contender_of(setup, alone));
    }
    double rival_error = 0;
    if (rival != nullptr) {
        rival->set_input(input);
        rival->run(1);
        rival_error = error_of(*network, rival->cell(), shape, input, rival->output());
        contenders.push_back({"oneDNN", [rival](long count) { rival->run(count); }, threads > 1});
    }
    const std::vector<Timing> timings = measure(contenders, options);
    const auto rate = [&](const Timing& timing) { return shape.flops() / timing.ns; };

    record.trial = "sequences";
    record.cell = name_of(shape.spec.cell);
    record.sizes = {{"inputs", shape.spec.input_size}, {"hidden", shape.spec.hidden_size}, {"steps", shape.steps}};
    record.precision = name_of(precision);
    record.batch = shape.batch;
    record.threads = threads;
    record.isa = kernels.name;
    record.ours = rate(timings[1]);
    record.unit = "GFLOP/s";
    record.higher_is_better = true;
    record.floor = threads * peak.flops() / timings[0].ns; // every core has the peak of one
    record.spread = timings[1].spread;
    record.extra.push_back({"millionSteps", 1e3 * shape.batch * shape.steps / timings[1].ns});
    if (threads > 1) {
        record.rival = rate(timings[2]);
        record.rival_name = "gatecast, one thread";
        print(record);
    }
    if (rival != nullptr) {
        record.rival = rate(timings.back());
        record.rival_name = rival->name();
        record.extra.push_back({"rivalError", rival_error});
    }
    if (rival != nullptr || threads == 1) print(record);
}

} // namespace

void run_sequences(const Kernels& kernels, const Options& options) {
    if (!has_two_threads()) say("Two threads are SKIPPED: the core or the machine has only one.");
    for (const std::vector<int>& numbers : shapes_of("sequences")) {
        for (Cell cell : kCells) {
            for (Precision precision : kPrecisions) {
                const Shape shape{numbers[0], numbers[1], spec_of(cell, numbers[2], numbers[3])};
                const Setup setup{shape, precision, kernels, make_network(shape.spec, kernels, precision),
                                  random_inputs(shape.steps * shape.batch, shape.spec.input_size)};
                compare(setup, 1, options);
                if (has_two_threads()) compare(setup, 2, options);
            }
        }
    }
}

} // namespace gatecast::bench
