// Distance from the float64 reference, over 200 steps in f32 on every instruction set and over 1,000 in the others; and
// between the instruction sets.
#include <algorithm>
#include <cmath>

#include "native/case.h"
#include "native/record.h"
#include "native/shapes.h"
#include "native/trials.h"

namespace gatecast::bench {
namespace {

std::vector<float> outputs(const std::shared_ptr<const Network>& network, int steps, const std::vector<float>& inputs) {
    const NetworkSpec& spec = network->spec();
    Streams stream(network, 1);
    std::vector<float> h(static_cast<std::size_t>(steps) * spec.hidden_size);
    for (int t = 0; t < steps; ++t) {
        stream.step(0, inputs.data() + t * spec.input_size, h.data() + t * spec.hidden_size);
    }
    return h;
}

Record record_of(const NetworkSpec& spec, Precision precision, const std::string& isa, int steps) {
    Record record;
    record.trial = "accuracy";
    record.cell = name_of(spec.cell);
    record.sizes = {{"inputs", spec.input_size}, {"hidden", spec.hidden_size}, {"steps", steps}};
    record.precision = name_of(precision);
    record.isa = isa;
    record.unit = "max abs error";
    return record;
}

void compare(const NetworkSpec& spec, Precision precision) {
    const int steps = precision == Precision::f32 ? 200 : 1000;
    const std::vector<float> inputs = random_inputs(steps, spec.input_size);
    std::vector<double> wanted;
    std::vector<float> first;
    double apart = 0;
    for (auto kernels = available_kernels(); *kernels != nullptr; ++kernels) {
        const auto network = make_network(spec, **kernels, precision);
        if (wanted.empty()) wanted = reference_outputs(*network, spec.cell, steps, inputs);
        const std::vector<float> got = outputs(network, steps, inputs);
        if (first.empty()) first = got;
        apart = std::max(apart, max_error(got, std::vector<double>(first.begin(), first.end())));
        Record record = record_of(spec, precision, (*kernels)->name, steps);
        record.ours = max_error(got, wanted);
        print(record);
    }
    Record record = record_of(spec, precision, "all", steps);
    record.unit = "max abs difference";
    record.ours = apart;
    print(record);
}

} // namespace

void run_accuracy(const Kernels&, const Options&) {
    for (Cell cell : kCells) {
        for (const std::vector<int>& shape : shapes_of("step")) {
            for (Precision precision : kPrecisions) compare(spec_of(cell, shape[0], shape[1]), precision);
        }
    }
}

} // namespace gatecast::bench
