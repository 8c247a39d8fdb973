#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernel_list.h"
#include "training_cases.h"

using gatecast::Kernels;
using gatecast::NetworkSpec;
using gatecast::ScaledValue;
using gatecast::Trainer;
using gatecast::TrainerSpec;

namespace {

constexpr int kInputs = 3, kRows = 40, kTargets = 2;
constexpr int kStarts[] = {4, 0, 15, 29};
constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::vector<float> table() {
    return random_values(kRows * kInputs, 960);
}

/// Each row has a scale of its own: spreads from 0.1 to 10, one so narrow that true values are cut, one without end.
std::vector<ScaledValue> scales() {
    const std::vector<float> numbers = random_values(kRows * kTargets * 3, 961);
    std::vector<ScaledValue> scales;
    for (int i = 0; i < kRows * kTargets; ++i) {
        const float spread = i % 7 == 0 ? 1e-3f : i % 11 == 0 ? kInfinity : std::pow(10.0f, numbers[3 * i + 2]);
        scales.push_back({.value = 5 * numbers[3 * i], .centre = 5 * numbers[3 * i + 1], .spread = spread});
    }
    return scales;
}

/// The mean loss by the float64 reference.
double reference_loss(const TrainerSpec& spec, const std::vector<double>& parameters) {
    const NetworkSpec& network = spec.network;
    const gatecast::ParameterLayout layout(network);
    const std::vector<float> rows = table();
    const std::vector<ScaledValue> scaled = scales();
    const int width = network.output_size(), per_value = network.head_size / 4;
    double sum = 0;
    int count = 0;
    for (const int start : kStarts) {
        const float* from = rows.data() + start * kInputs;
        const std::vector<double> x(from, from + spec.window * kInputs);
        const std::vector<double> h(network.cells() * network.recurrent_size()), c(network.cells() * network.c_size());
        const std::vector<double> output = run_reference(network, parameters, spec.window, 1, x, h, c).output;
        for (int t = spec.warmup; t < spec.window; ++t) {
            for (int value = 0; value < 4; ++value) {
                const int target = value / 2, row = start + t + 1 + value % 2;
                const ScaledValue& scale = scaled[(start + t) * kTargets + target];
                const double distance = double{scaled[row * kTargets + target].value} - double{scale.centre};
                const double truth = std::clamp(distance / scale.spread, -32.0, 32.0);
                for (int k = 0; k < per_value; ++k) {
                    const int out = value * per_value + k;
                    const double told = head_output(layout, parameters, out, output.data() + t * width, width);
                    sum += true_loss(spec, k, truth, told);
                    ++count;
                }
            }
        }
    }
    return sum / count;
}

} // namespace

TEST_CASE("losses on the scale of each row, and their gradients, equal finite differences of the float64 reference") {
    const NetworkSpec network{.cell = gatecast::Cell::gru, .hidden_size = 4, .num_layers = 2};
    for (const char* loss : {"mse", "quantile"}) {
        for (const bool anchor : {false, true}) { // the centre says what an anchored forecast starts from
            CAPTURE(loss);
            CAPTURE(anchor);
            const TrainerSpec spec = window_spec(network, *gatecast::find_head(loss), anchor);
            REQUIRE(gatecast::is_valid(spec));
            const std::vector<float> at = random_parameters(spec.network, 962);
            const auto loss_at = [&](const std::vector<double>& parameters) {
                return reference_loss(spec, parameters);
            };
            const std::vector<double> expected = finite_differences(at, loss_at);
            on_every_kernel([&](const Kernels& kernels) {
                Trainer trainer(spec, kernels, table(), at, {}, {}, scales());
                const auto result = trainer.learn(kStarts, 1e-6f);
                CHECK(result.loss == doctest::Approx(reference_loss(spec, converted<double>(at))).epsilon(1e-5));
                CHECK(relative_error(trainer.gradients(), expected) < 2e-5);
            });
        }
    }
}

TEST_CASE("one scale for all rows is as none") {
    const NetworkSpec network{.cell = gatecast::Cell::lstm, .hidden_size = 20, .num_layers = 2};
    on_every_kernel([&](const Kernels& kernels) {
        for (const bool anchor : {false, true}) {
            const TrainerSpec spec = window_spec(network, *gatecast::find_head("quantile"), anchor);
            const std::vector<float> at = random_parameters(spec.network, 963), rows = table();
            std::vector<ScaledValue> same;
            for (int row = 0; row < kRows; ++row) {
                for (const int column : spec.targets) {
                    const float value = rows[row * kInputs + column];
                    same.push_back({.value = value, .centre = anchor ? value : 0, .spread = 1});
                }
            }
            Trainer plain(spec, kernels, rows, at);
            Trainer scaled(spec, kernels, rows, at, {}, {}, same);
            for (int step = 0; step < 5; ++step)
                CHECK(plain.learn(kStarts, 0.01f).loss == scaled.learn(kStarts, 0.01f).loss);
            CHECK(std::ranges::equal(plain.parameters(), scaled.parameters()));
        }
    });
}
