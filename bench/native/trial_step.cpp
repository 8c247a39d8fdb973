// One step of one stream, which keeps its state: ours in every precision, the floors, oneDNN.
#include "native/clock.h"
#include "native/floors.h"
#include "native/onednn.h"
#include "native/record.h"
#include "native/shapes.h"
#include "native/trials.h"

namespace gatecast::bench {
namespace {

constexpr int kCheckedSteps = 100;

/// The contenders in one precision; `rival` is empty if oneDNN has none.
struct Entry {
    Precision precision{};
    std::shared_ptr<const Network> network;
    std::shared_ptr<Streams> ours;
    std::shared_ptr<OneDnn> rival;
    double error = 0, rival_error = 0;
    int at = 0, floor_at = 0, rival_at = 0; ///< places among the contenders
};

Entry make_entry(const NetworkSpec& spec, const Kernels& kernels, Precision precision) {
    Entry entry;
    entry.precision = precision;
    entry.network = make_network(spec, kernels, precision);
    entry.ours = std::make_shared<Streams>(entry.network, 1);
    entry.rival = make_onednn(*entry.network, precision, 1, 1, 1);

    const std::vector<float> inputs = random_inputs(kCheckedSteps, spec.input_size);
    const auto wanted = [&](Cell cell) { return reference_outputs(*entry.network, cell, kCheckedSteps, inputs); };
    std::vector<float> got(static_cast<std::size_t>(kCheckedSteps) * spec.hidden_size), rival_got;
    for (int t = 0; t < kCheckedSteps; ++t) {
        const float* x = inputs.data() + t * spec.input_size;
        entry.ours->step(0, x, got.data() + t * spec.hidden_size);
        if (entry.rival == nullptr) continue;
        entry.rival->set_input({x, static_cast<std::size_t>(spec.input_size)});
        entry.rival->run(1);
        const std::vector<float> h = entry.rival->output();
        rival_got.insert(rival_got.end(), h.begin(), h.end());
    }
    entry.error = max_error(got, wanted(spec.cell));
    if (entry.rival != nullptr) entry.rival_error = max_error(rival_got, wanted(entry.rival->cell()));
    return entry;
}

void report(const NetworkSpec& spec, const Entry& entry, const std::vector<Timing>& timings, const char* isa) {
    Record record;
    record.trial = "step";
    record.cell = name_of(spec.cell);
    record.sizes = {{"inputs", spec.input_size}, {"hidden", spec.hidden_size}};
    record.precision = name_of(entry.precision);
    record.isa = isa;
    record.ours = timings[entry.at].ns;
    record.unit = "ns";
    record.floor = timings[entry.floor_at].ns;
    record.spread = timings[entry.at].spread;
    record.extra = {{"error", entry.error}};
    const Record without_rival = record;
    if (entry.precision != Precision::f32) { // the first entry is f32
        record.rival = timings[0].ns;
        record.rival_name = "gatecast f32";
        print(record);
    }
    if (entry.rival != nullptr) {
        record.rival = timings[entry.rival_at].ns;
        record.rival_name = entry.rival->name();
        record.extra.push_back({"rivalError", entry.rival_error});
        print(record);
    }
    if (!record.rival) print(without_rival);
}

void compare(const NetworkSpec& spec, const Kernels& kernels, const Options& options) {
    const Ceilings& ceilings = find_ceilings(kernels.name);
    const std::vector<float> x = random_inputs(1, spec.input_size);
    std::vector<Contender> contenders;
    std::vector<Entry> entries;
    for (Precision precision : kPrecisions) entries.push_back(make_entry(spec, kernels, precision));
    const auto add = [&](const std::string& name, Work work) {
        contenders.push_back({name, std::move(work)});
        return static_cast<int>(contenders.size()) - 1;
    };
    for (Entry& entry : entries) {
        entry.at = add(name_of(entry.precision), [&, ours = entry.ours](long count) {
            std::vector<float> y(spec.hidden_size);
            for (; count > 0; --count) ours->step(0, x.data(), y.data());
            keep(y[0]);
        });
    }
    for (Entry& entry : entries) {
        const ReadFloor floor(ceilings, weight_bytes(spec, entry.precision));
        entry.floor_at = add("floor", floor.work(true));
        if (entry.rival == nullptr) continue;
        entry.rival->set_input(x);
        entry.rival_at = add(entry.rival->name(), [rival = entry.rival](long count) { rival->run(count); });
    }
    const std::vector<Timing> timings = measure(contenders, options);
    for (const Entry& entry : entries) report(spec, entry, timings, kernels.name);
}

} // namespace

void run_step(const Kernels& kernels, const Options& options) {
    for (Cell cell : kCells) {
        for (const std::vector<int>& shape : shapes_of("step")) {
            compare(spec_of(cell, shape[0], shape[1]), kernels, options);
        }
    }
}

} // namespace gatecast::bench
