#include <doctest/doctest.h>

#include <algorithm>

#include "kernel_list.h"
#include "training_cases.h"

using gatecast::Cell;
using gatecast::Kernels;
using gatecast::NetworkSpec;
using gatecast::Trainer;
using gatecast::TrainerSpec;

namespace {

constexpr int kInputs = 3, kOutputs = 2;
constexpr int kStarts[] = {4, 0, 11};

std::vector<float> table() {
    return random_values(30 * kInputs, 900);
}

/// Outputs at inputs 2 and 0, so the action is input 1.
TrainerSpec plant_spec(NetworkSpec network, bool anchor, bool feed_forward) {
    network.input_size = kInputs;
    network.head_size = kOutputs;
    TrainerSpec spec;
    spec.head = gatecast::find_head("mse");
    spec.network = network;
    spec.window = 7;
    spec.warmup = 2;
    spec.horizon = 1;
    spec.free_steps = 4;
    spec.feed_forward = feed_forward;
    spec.targets = {2, 0};
    spec.anchor = anchor;
    spec.batch = 3;
    return spec;
}

/// The mean squared error of the windows by the float64 reference, one step at a time.
double reference_loss(const TrainerSpec& spec, const std::vector<double>& parameters) {
    const NetworkSpec& network = spec.network;
    const gatecast::ParameterLayout layout(network);
    const std::vector<float> rows = table();
    const std::size_t width = network.output_size();
    double sum = 0;
    int count = 0;
    for (const int start : kStarts) {
        std::vector<double> h(network.cells() * network.recurrent_size());
        std::vector<double> c(network.cells() * network.c_size());
        const std::vector<double> no_h = h, no_c = c;
        double told[kOutputs] = {};
        for (int t = 0; t < spec.window; ++t) {
            const float* row = rows.data() + (start + t) * kInputs;
            std::vector<double> x(row, row + kInputs);
            for (int k = 0; k < kOutputs && t >= spec.window - spec.free_steps; ++k) x[spec.targets[k]] = told[k];
            const TrueSequences step = spec.feed_forward ? run_reference(network, parameters, 1, 1, x, no_h, no_c)
                                                         : run_reference(network, parameters, 1, 1, x, h, c);
            h = step.h;
            c = step.c;
            for (int k = 0; k < kOutputs; ++k) {
                told[k] = parameters[layout.head_bias.offset + k] + (spec.anchor ? x[spec.targets[k]] : 0);
                for (std::size_t j = 0; j < width; ++j) {
                    told[k] += parameters[layout.head_weight.offset + k * width + j] * step.output[j];
                }
                if (t < spec.warmup) continue;
                const double error = told[k] - row[kInputs + spec.targets[k]];
                sum += error * error;
                ++count;
            }
        }
    }
    return sum / count;
}

} // namespace

TEST_CASE("gradients through a network's own forecasts equal finite differences of the float64 reference") {
    double largest = 0;
    for (const NetworkSpec& network : every_combination(kInputs, 4, 2)) {
        if (network.bidirectional || !network.bias || network.num_layers == 3) continue;
        const std::string name = name_of(network);
        CAPTURE(name);
        for (const bool anchor : {false, true}) {
            for (const bool feed_forward : {false, true}) {
                CAPTURE(anchor);
                CAPTURE(feed_forward);
                const TrainerSpec spec = plant_spec(network, anchor, feed_forward);
                REQUIRE(gatecast::is_valid(spec));
                const std::vector<float> at = random_parameters(spec.network, 901);
                const auto loss_at = [&](const std::vector<double>& parameters) {
                    return reference_loss(spec, parameters);
                };
                const std::vector<double> expected = finite_differences(at, loss_at);
                on_every_kernel([&](const Kernels& kernels) {
                    Trainer trainer(spec, kernels, table(), at);
                    const double loss = trainer.evaluate(kStarts);
                    CHECK(loss == doctest::Approx(reference_loss(spec, converted<double>(at))).epsilon(1e-5));
                    CHECK(trainer.learn(kStarts, 1e-3f).loss == loss);
                    const gatecast::ParameterLayout layout(spec.network);
                    std::vector<gatecast::MatrixRange> ranges{layout.head_weight, layout.head_bias};
                    for (const gatecast::CellRanges& cell : layout.cells) {
                        ranges.insert(ranges.end(),
                                      {cell.weight_ih, cell.weight_hh, cell.bias_ih, cell.bias_hh, cell.weight_hr});
                    }
                    for (const gatecast::MatrixRange& range : ranges) {
                        const double error = relative_error(trainer.gradients().subspan(range.offset, range.size()),
                                                            std::span(expected).subspan(range.offset, range.size()));
                        CHECK(error <= 1e-4);
                        largest = std::max(largest, error);
                    }
                });
            }
        }
    }
    MESSAGE("largest relative error against finite differences ", largest);
}

TEST_CASE("a batch of free-running windows may be smaller than its room") {
    TrainerSpec spec = plant_spec({.cell = Cell::lstm, .hidden_size = 20, .num_layers = 2}, true, false);
    const std::vector<float> initial = random_parameters(spec.network, 902);
    Trainer roomy(spec, *kernels_here().front(), table(), initial);
    spec.batch = 2;
    Trainer exact(spec, *kernels_here().front(), table(), initial);
    roomy.evaluate(kStarts); // a full batch first, so that the smaller one meets used buffers
    for (int round = 0; round < 3; ++round) {
        const auto first = roomy.learn(std::span(kStarts).first(2), 0.01f);
        const auto second = exact.learn(std::span(kStarts).first(2), 0.01f);
        CHECK(first.loss == second.loss);
        CHECK(first.gradient_norm == second.gradient_norm);
    }
    CHECK(std::ranges::equal(roomy.parameters(), exact.parameters()));
}

TEST_CASE("free steps need a horizon of 1, a value for each target and a measured first step with a loss") {
    const auto with = [](auto change) {
        TrainerSpec spec = plant_spec({.cell = Cell::gru, .hidden_size = 5}, true, false);
        change(spec);
        return gatecast::is_valid(spec);
    };
    CHECK(with([](TrainerSpec&) {}));
    CHECK_FALSE(with([](TrainerSpec& spec) { spec.free_steps = 5; }));
    CHECK_FALSE(with([](TrainerSpec& spec) { spec.free_steps = -1; }));
    CHECK_FALSE(with([](TrainerSpec& spec) { spec.dropout = 0.1f; }));
    CHECK_FALSE(with([](TrainerSpec& spec) {
        spec.horizon = 2;
        spec.network.head_size = 4;
    }));
    CHECK_FALSE(with([](TrainerSpec& spec) {
        spec.head = gatecast::find_head("quantile");
        spec.levels = {0.5f};
    }));
}
