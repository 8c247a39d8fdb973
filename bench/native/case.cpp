#include "native/case.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace gatecast::bench {

std::string name_of(Cell cell) {
    return std::string(traits_of(cell).name);
}

NetworkSpec spec_of(Cell cell, int inputs, int hidden) {
    NetworkSpec spec;
    spec.cell = cell;
    spec.input_size = inputs;
    spec.hidden_size = hidden;
    return spec;
}

std::size_t weight_bytes(const NetworkSpec& spec, Precision precision) {
    const std::size_t bytes = precision == Precision::f32 ? 4 : precision == Precision::bf16 ? 2 : 1;
    return bytes * spec.gates() * spec.hidden_size * (spec.input_size + spec.hidden_size);
}

double flops_per_step(const NetworkSpec& spec) {
    return 2.0 * spec.gates() * spec.hidden_size * (spec.input_size + spec.hidden_size);
}

std::vector<float> random_inputs(int rows, int inputs, std::uint64_t seed) {
    Random random(seed);
    std::vector<float> values(static_cast<std::size_t>(rows) * inputs);
    for (float& value : values) value = 2 * random.uniform() - 1;
    return values;
}

std::vector<double> reference_outputs(const Network& network, Cell cell, int steps, const std::vector<float>& inputs) {
    NetworkSpec spec = network.spec();
    spec.cell = cell;
    const std::vector<double> parameters(network.parameters().begin(), network.parameters().end());
    const std::vector<double> input(inputs.begin(), inputs.begin() + static_cast<std::size_t>(steps) * spec.input_size);
    std::vector<double> h(spec.hidden_size), c(spec.c_size());
    std::vector<double> output(static_cast<std::size_t>(steps) * spec.hidden_size);
    reference_forward<double>(spec, parameters, steps, input, h, c, output, {});
    return output;
}

double max_error(const std::vector<float>& got, const std::vector<double>& wanted) {
    double worst = 0;
    for (std::size_t k = 0; k < wanted.size(); ++k) {
        const double error = std::abs(got[k] - wanted[k]);
        worst = std::max(worst, std::isnan(error) ? std::numeric_limits<double>::infinity() : error);
    }
    return worst;
}

} // namespace gatecast::bench
