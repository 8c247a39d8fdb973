#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernel_list.h"
#include "sequences.h"

using gatecast::Kernels;
using gatecast::NetworkSpec;

namespace {

bool finite(const std::vector<float>& values) {
    return std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
}

/// Mixed signs, a few zeros, and the largest floats among them.
std::vector<float> huge_values(std::size_t count, std::uint32_t seed, float largest) {
    std::vector<float> values = random_values(count, seed, largest);
    for (std::size_t i = 0; i < count; i += 5) values[i] = i % 2 == 0 ? largest : -largest;
    for (std::size_t i = 3; i < count; i += 11) values[i] = 0;
    return values;
}

} // namespace

TEST_CASE("finite inputs and weights of any size never ruin a state") {
    const float extremes[] = {1e19f, 1e38f, std::numeric_limits<float>::max(),
                              std::numeric_limits<float>::denorm_min()};
    on_every_kernel([&](const Kernels& kernels) {
        for (const float weight_scale : extremes) {
            for (const float input_scale : extremes) {
                for (NetworkSpec spec : every_combination(4, 19, 6)) {
                    if (!spec.bidirectional) spec.head_size = spec.attention = 3;
                    const std::string name = name_of(spec);
                    CAPTURE(name);
                    CAPTURE(weight_scale);
                    CAPTURE(input_scale);
                    const int steps = 4, batch = 2;
                    const std::vector<float> parameters =
                        huge_values(gatecast::ParameterLayout(spec).size, 81, weight_scale);
                    const auto network = make_network(spec, kernels, parameters);
                    const std::vector<float> input = huge_values(steps * batch * spec.input_size, 82, input_scale);
                    const std::size_t rows = spec.cells() * batch;
                    const std::vector<float> h0 = huge_values(rows * spec.recurrent_size(), 83, input_scale);
                    const std::vector<float> c0 = huge_values(rows * spec.c_size(), 84, input_scale);
                    const Sequences result = run_forward(*network, steps, batch, input, h0, c0);
                    CHECK(finite(result.output));
                    CHECK(finite(result.h));
                    CHECK(finite(result.c));
                    if (spec.bidirectional) continue;

                    gatecast::States state(network);
                    std::vector<float> y(state.output_size()), contents(state.size());
                    state.write(0, huge_values(state.size(), 85, input_scale));
                    for (int t = 0; t < steps; ++t) {
                        CHECK(state.step(0, input.data() + t * spec.input_size, y.data()));
                        CHECK(finite(y));
                    }
                    state.read(0, contents);
                    CHECK(finite(contents));
                    // It still answers ordinary samples with numbers.
                    CHECK(state.step(0, random_values(spec.input_size, 86).data(), y.data()));
                    CHECK(finite(y));
                }
            }
        }
    });
}

TEST_CASE("h without projection stays in [-1, 1]") {
    on_every_kernel([](const Kernels& kernels) {
        for (const NetworkSpec& spec : every_combination(4, 19, 6)) {
            if (spec.proj_size > 0 || spec.changes_output(spec.num_layers - 1)) continue;
            const auto network = make_network(spec, kernels, huge_values(gatecast::ParameterLayout(spec).size, 91, 50));
            const std::vector<float> h0(spec.cells() * spec.recurrent_size());
            const std::vector<float> c0(spec.cells() * spec.c_size());
            const Sequences result = run_forward(*network, 50, 1, huge_values(50 * 4, 92, 50), h0, c0);
            CHECK(*std::max_element(result.output.begin(), result.output.end()) <= 1.0f);
            CHECK(*std::min_element(result.output.begin(), result.output.end()) >= -1.0f);
        }
    });
}
