// The machine's own limits: read bandwidth over the bytes of each cell's weights, and arithmetic.
#include "core/gatecast.h"
#include "native/case.h"
#include "native/ceilings.h"
#include "native/floors.h"
#include "native/measure.h"
#include "native/record.h"
#include "native/shapes.h"
#include "native/trials.h"

namespace gatecast::bench {
namespace {

void read_bandwidth(const Ceilings& ceilings, const NetworkSpec& spec, Precision precision, const Options& options) {
    const ReadFloor floor(ceilings, weight_bytes(spec, precision));
    const std::vector<Timing> timings =
        measure({{"alternating", floor.work(true)}, {"forward", floor.work(false)}}, options);
    Record record;
    record.trial = "ceilings";
    record.cell = name_of(spec.cell);
    record.sizes = {{"inputs", spec.input_size}, {"hidden", spec.hidden_size}};
    record.precision = name_of(precision);
    record.isa = ceilings.name;
    record.ours = floor.bytes() / timings[0].ns;
    record.rival = floor.bytes() / timings[1].ns;
    record.rival_name = "forward only";
    record.unit = "GB/s";
    record.higher_is_better = true;
    record.spread = timings[0].spread;
    record.extra = {{"bytes", floor.bytes()}, {"floorNs", timings[0].ns}, {"forwardNs", timings[1].ns}};
    print(record);
}

void arithmetic(const Ceilings& ceilings, Precision precision, double (*peak)(long), const Options& options) {
    if (peak == nullptr) {
        say(std::string("This machine has no dot product for ") + name_of(precision) + " in " + ceilings.name + ".");
        return;
    }
    const Timing timing = measure({{"peak", [=](long count) { peak(count); }}}, options)[0];
    Record record;
    record.trial = "ceilings";
    record.precision = name_of(precision);
    record.isa = ceilings.name;
    record.ours = peak(1) / timing.ns;
    record.unit = precision == Precision::int8 ? "GOP/s" : "GFLOP/s";
    record.higher_is_better = true;
    record.spread = timing.spread;
    print(record);
}

} // namespace

void run_ceilings(const Kernels& kernels, const Options& options) {
    const Ceilings& ceilings = find_ceilings(kernels.name);
    arithmetic(ceilings, Precision::f32, ceilings.f32, options);
    arithmetic(ceilings, Precision::bf16, ceilings.bf16, options);
    arithmetic(ceilings, Precision::int8, ceilings.int8, options);
    for (Cell cell : kCells) {
        for (const std::vector<int>& shape : shapes_of("step")) {
            for (Precision precision : {Precision::f32, Precision::bf16, Precision::int8}) {
                read_bandwidth(ceilings, spec_of(cell, shape[0], shape[1]), precision, options);
            }
        }
    }
}

} // namespace gatecast::bench
