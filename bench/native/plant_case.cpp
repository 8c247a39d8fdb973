#include "native/plant_case.h"

#include <algorithm>
#include <thread>

#include "native/case.h"
#include "native/clock.h"
#include "native/shapes.h"

namespace gatecast::bench {
namespace {

constexpr int kRows = 64; ///< of a group, whose vectors stay in the cache

} // namespace

void for_each_plant(const std::string& trial, const std::function<void(const PlantShape&, Precision)>& compare) {
    for (const std::vector<int>& numbers : shapes_of(trial)) {
        for (Cell cell : kCells) {
            for (Precision precision : kPrecisions) {
                PlantShape shape{numbers[0], numbers[1], spec_of(cell, numbers[2], numbers[3])};
                shape.spec.head_size = numbers[2] - kActions;
                compare(shape, precision);
            }
        }
    }
}

Dynamics dynamics_of(const NetworkSpec& spec) {
    Dynamics dynamics{
        {}, std::vector<double>(spec.input_size, 0), std::vector<double>(spec.input_size, 1), false, 1e24f};
    for (int output = 0; output < spec.head_size; ++output) dynamics.outputs.push_back(output);
    return dynamics;
}

Work kernel_alone(const std::shared_ptr<const Network>& network, int samples, int steps) {
    const NetworkSpec& spec = network->spec();
    struct Buffers {
        AlignedBuffer x, h, h_out, c, scratch;
    };
    const std::size_t row = padded(spec.hidden_size);
    auto buffers = std::make_shared<Buffers>(Buffers{
        .x = AlignedBuffer(kRows * spec.input_size),
        .h = AlignedBuffer(kRows * row),
        .h_out = AlignedBuffer(kRows * row),
        .c = AlignedBuffer(kRows * row),
        .scratch = AlignedBuffer(network->scratch_size(kRows)),
    });
    std::ranges::copy(random_inputs(kRows, spec.input_size), buffers->x.data());
    return [network, samples, steps, buffers](long count) {
        const NetworkSpec& spec = network->spec();
        for (; count > 0; --count) {
            for (int first = 0; first < samples; first += kRows) {
                for (int t = 0; t < steps; ++t) {
                    network->step_cell(0, {.batch = std::min(kRows, samples - first),
                                           .x = buffers->x.data(),
                                           .x_stride = static_cast<std::size_t>(spec.input_size),
                                           .h = buffers->h.data(),
                                           .h_out = buffers->h_out.data(),
                                           .c = buffers->c.data(),
                                           .c_out = buffers->c.data(),
                                           .scratch = buffers->scratch.data(),
                                           .backwards = t % 2 == 1});
                    std::swap(buffers->h, buffers->h_out);
                }
            }
        }
        keep(buffers->h.data()[0]);
    };
}

int most_threads() {
    return std::thread::hardware_concurrency() >= 2 ? 2 : 1;
}

Record plant_record(const std::string& trial, const PlantShape& shape, Precision precision, const Kernels& kernels,
                    int threads) {
    Record record;
    record.trial = trial;
    record.cell = name_of(shape.spec.cell);
    record.sizes = {{"inputs", shape.spec.input_size}, {"hidden", shape.spec.hidden_size}, {"steps", shape.steps}};
    record.precision = name_of(precision);
    record.batch = shape.samples;
    record.threads = threads;
    record.isa = kernels.name;
    record.rival_name = threads == 1 ? "the kernel alone" : "gatecast, one thread";
    record.higher_is_better = true;
    return record;
}

} // namespace gatecast::bench
