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

/// Of the last stream of a batch; the output is [steps][batch][hidden].
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

std::vector<int> thread_counts() {
    if (!kHasThreads || std::thread::hardware_concurrency() < 2) return {1};
    return {1, 2};
}

/// Ours and oneDNN with one number of threads, and where they stand among the contenders.
struct Entry {
    int threads;
    std::shared_ptr<Sequences> ours;
    std::shared_ptr<OneDnn> rival;
    std::size_t at = 0, rival_at = 0;
};

void compare(const Shape& shape, Precision precision, const Kernels& kernels, const Options& options) {
    const auto network = make_network(shape.spec, kernels, precision);
    const std::vector<float> input = random_inputs(shape.steps * shape.batch, shape.spec.input_size);
    const ArithmeticPeak peak(find_ceilings(kernels.name), precision);
    std::vector<Contender> contenders{{"peak", peak.work()}};
    std::vector<Entry> entries;
    double error = 0, rival_error = 0;
    for (int threads : thread_counts()) {
        Entry entry{threads, std::make_shared<Sequences>(network, shape.steps, shape.batch, threads),
                    make_onednn(*network, precision, shape.steps, shape.batch, threads)};
        entry.ours->run(input);
        error = std::max(error, error_of(*network, shape.spec.cell, shape, input, entry.ours->output()));
        entry.at = contenders.size();
        contenders.push_back({"ours", [&input, ours = entry.ours](long count) {
                                  for (; count > 0; --count) ours->run(input);
                                  keep(ours->output()[0]);
                              }});
        if (entry.rival != nullptr) {
            entry.rival->set_input(input);
            entry.rival->run(1);
            rival_error =
                std::max(rival_error, error_of(*network, entry.rival->cell(), shape, input, entry.rival->output()));
            entry.rival_at = contenders.size();
            contenders.push_back({"oneDNN", [rival = entry.rival](long count) { rival->run(count); }});
        }
        entries.push_back(std::move(entry));
    }
    const std::vector<Timing> timings = measure(contenders, options);

    for (const Entry& entry : entries) {
        const auto rate = [&](std::size_t who) { return shape.flops() / timings[who].ns; };
        Record record;
        record.trial = "sequences";
        record.cell = name_of(shape.spec.cell);
        record.sizes = {{"inputs", shape.spec.input_size}, {"hidden", shape.spec.hidden_size}, {"steps", shape.steps}};
        record.precision = name_of(precision);
        record.batch = shape.batch;
        record.threads = entry.threads;
        record.isa = kernels.name;
        record.ours = rate(entry.at);
        record.unit = "GFLOP/s";
        record.higher_is_better = true;
        record.floor = entry.threads * peak.flops() / timings[0].ns; // every core has the peak of one
        record.spread = timings[entry.at].spread;
        record.extra = {{"millionSteps", 1e3 * shape.batch * shape.steps / timings[entry.at].ns}, {"error", error}};
        if (entry.threads > 1) {
            record.rival = rate(entries[0].at);
            record.rival_name = "gatecast, one thread";
            print(record);
        }
        if (entry.rival != nullptr) {
            record.rival = rate(entry.rival_at);
            record.rival_name = entry.rival->name();
            record.extra.push_back({"rivalError", rival_error});
            print(record);
        } else if (entry.threads == 1) {
            print(record);
        }
    }
}

} // namespace

void run_sequences(const Kernels& kernels, const Options& options) {
    if (thread_counts().size() == 1) say("Two threads are SKIPPED: the core or the machine has only one.");
    for (const std::vector<int>& shape : shapes_of("sequences")) {
        for (Cell cell : kCells) {
            for (Precision precision : kPrecisions) {
                compare({shape[0], shape[1], spec_of(cell, shape[2], shape[3])}, precision, kernels, options);
            }
        }
    }
}

} // namespace gatecast::bench
