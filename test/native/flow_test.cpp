#include <doctest/doctest.h>

#include <cmath>

#include "kernel_list.h"
#include "training_cases.h"

using gatecast::Flow;
using gatecast::FlowMeans;
using gatecast::Kernels;
using gatecast::Trainer;
using gatecast::TrainerSpec;

namespace {

/// Relative to the largest value expected, because values of all lags stand in one list.
double worst(const std::vector<double>& actual, const std::vector<float>& expected) {
    REQUIRE(actual.size() == expected.size());
    double error = 0, largest = 1e-30;
    for (std::size_t i = 0; i < actual.size(); ++i) {
        error = std::max(error, std::fabs(actual[i] - expected[i]));
        largest = std::max(largest, std::fabs(static_cast<double>(expected[i])));
    }
    return error / largest;
}

/// The norm of h of the top layer's gradient at each lag, for the squared error of the last step of one window, by
/// central differences of a float64 run on from that lag.
std::vector<double> differences(const TrainerSpec& spec, const std::vector<float>& parameters,
                                const std::vector<float>& rows, int start) {
    constexpr double kStep = 1e-5;
    const gatecast::NetworkSpec& network = spec.network;
    const gatecast::ParameterLayout layout(network);
    const std::vector<double> weights = converted<double>(parameters);
    const int inputs = network.input_size, size = network.recurrent_size(), now = start + spec.window - 1;
    const auto input = [&](int from, int to) {
        return std::vector<double>(rows.begin() + from * inputs, rows.begin() + to * inputs);
    };
    const std::size_t states = static_cast<std::size_t>(network.num_layers);
    std::vector<double> norms(spec.window);
    for (int lag = 1; lag < spec.window; ++lag) {
        const std::vector<double> h0(states * size), c0(states * network.c_size());
        const TrueSequences then =
            run_reference(network, weights, spec.window - lag, 1, input(start, now + 1 - lag), h0, c0);
        std::vector<double> h = then.h;
        const auto loss = [&] {
            const TrueSequences end = run_reference(network, weights, lag, 1, input(now + 1 - lag, now + 1), h, then.c);
            const double* output = end.output.data() + static_cast<std::size_t>(lag - 1) * size;
            double sum = 0;
            for (int out = 0; out < network.head_size; ++out) {
                const int target = spec.targets[out / spec.horizon], step = out % spec.horizon + 1;
                const double told = head_output(layout, weights, out, output, size);
                const double anchor = spec.anchor ? rows[now * inputs + target] : 0.0;
                sum += true_loss(spec, 0, rows[(now + step) * inputs + target] - anchor, told);
            }
            return sum / network.head_size;
        };
        double squares = 0;
        for (int k = 0; k < size; ++k) {
            double& value = h[(states - 1) * size + k];
            const double before = value;
            value = before + kStep;
            const double above = loss();
            value = before - kStep;
            const double slope = (above - loss()) / (2 * kStep);
            value = before;
            squares += slope * slope;
        }
        norms[lag] = std::sqrt(squares);
    }
    return norms;
}

} // namespace

TEST_CASE("how gradients flow back equals PyTorch's autograd, of states, gates, inputs and parameters") {
    const std::vector<GoldenFile> files = golden_files("flow");
    REQUIRE(files.size() == 4);
    on_every_kernel([&](const Kernels& kernels) {
        for (const GoldenFile& file : files) {
            CAPTURE(file.name);
            const TrainerSpec spec = trainer_spec_of(file);
            REQUIRE(gatecast::is_valid(spec));
            REQUIRE(gatecast::shows_flow(spec));
            Trainer trainer(spec, kernels, file.tensor("rows").data, parameters_of(file, spec.network, "initial."));
            const std::vector<int> starts = converted<int>(file.tensor("starts").data);
            Flow flow(spec.network, spec.window);
            const double losses = 3 * trainer.probe(std::span(starts).first(3), flow) +
                                  2 * trainer.probe(std::span(starts).last(2), flow);
            const FlowMeans means = flow.means();
            CHECK(means.windows == 5);
            CHECK(losses / 5 == doctest::Approx(file.tensor("loss").data.at(0)).epsilon(1e-5));
            CHECK(worst(means.states, file.tensor("states").data) < 1e-5);
            CHECK(worst(means.gates, file.tensor("gates").data) < 1e-5);
            CHECK(worst(means.bins, file.tensor("bins").data) < 1e-6);
            CHECK(worst(means.deviations, file.tensor("deviations").data) < 1e-5);
            CHECK(worst(means.inputs, file.tensor("inputs").data) < 1e-5);
            CHECK(worst(means.parameters, parameters_of(file, spec.network, "gradient.")) < 1e-5);
        }
    });
}

TEST_CASE("the gradient at each lag equals finite differences in float64") {
    for (const gatecast::NetworkSpec& network :
         {gatecast::NetworkSpec{.cell = gatecast::Cell::gru, .hidden_size = 6, .num_layers = 2},
          gatecast::NetworkSpec{.cell = gatecast::Cell::gru_reset_before, .hidden_size = 5},
          gatecast::NetworkSpec{.cell = gatecast::Cell::lstm, .hidden_size = 6, .proj_size = 3, .num_layers = 2},
          gatecast::NetworkSpec{
              .cell = gatecast::Cell::gru, .hidden_size = 6, .num_layers = 2, .layer_norm = true, .residual = true}}) {
        CAPTURE(name_of(network));
        TrainerSpec spec = window_spec(network, *gatecast::find_head("mse"), true);
        spec.warmup = spec.window - 1;
        REQUIRE(gatecast::is_valid(spec));
        const std::vector<float> rows = random_values(3 * 20, 900), parameters = random_parameters(spec.network, 901);
        Trainer trainer(spec, *kernels_here().front(), rows, parameters);
        const int starts[] = {4};
        Flow flow(spec.network, spec.window);
        trainer.probe(starts, flow);
        const std::vector<double> states = flow.means().states,
                                  expected = differences(spec, parameters, rows, starts[0]);
        const std::size_t top = static_cast<std::size_t>(network.num_layers - 1) * gatecast::kStateMeasures;
        for (int lag = 1; lag < spec.window; ++lag) {
            CAPTURE(lag);
            const double found = states[(top + gatecast::kGradientOfH) * spec.window + lag];
            CHECK(found == doctest::Approx(expected[lag]).epsilon(1e-3));
        }
    }
}

TEST_CASE("a probe changes nothing that learning computes") {
    TrainerSpec spec = window_spec({.cell = gatecast::Cell::lstm, .hidden_size = 6, .num_layers = 2},
                                   *gatecast::find_head("quantile"), true);
    spec.clip = 1;
    const std::vector<float> rows = random_values(3 * 20, 902), parameters = random_parameters(spec.network, 903);
    Trainer plain(spec, *kernels_here().front(), rows, parameters);
    Trainer probed(spec, *kernels_here().front(), rows, parameters);
    const int starts[] = {0, 7, 3};
    Flow flow(spec.network, spec.window);
    for (int step = 0; step < 3; ++step) {
        CHECK(probed.probe(starts, flow) == plain.evaluate(starts));
        CHECK(probed.learn(starts, 0.01f).gradient_norm == plain.learn(starts, 0.01f).gradient_norm);
        CHECK(std::ranges::equal(probed.parameters(), plain.parameters()));
    }
    CHECK(flow.means().windows == 9);
}

TEST_CASE("gradients too large for a float count as the largest one") {
    TrainerSpec spec = window_spec({.cell = gatecast::Cell::gru, .hidden_size = 4}, *gatecast::find_head("mse"), false);
    std::vector<float> parameters = random_parameters(spec.network, 904);
    for (float& value : parameters) value *= 1e30f;
    Trainer trainer(spec, *kernels_here().front(), random_values(3 * 20, 905), parameters);
    const int starts[] = {0, 1};
    Flow flow(spec.network, spec.window);
    trainer.probe(starts, flow);
    const FlowMeans means = flow.means();
    for (const auto* list : {&means.states, &means.gates, &means.inputs, &means.parameters}) {
        CHECK(std::ranges::all_of(*list, [](double value) { return std::isfinite(value); }));
    }
}

TEST_CASE("only windows without dropout and forecasts as inputs show their gradients") {
    const TrainerSpec plain =
        window_spec({.cell = gatecast::Cell::gru, .hidden_size = 4}, *gatecast::find_head("mse"), false);
    CHECK(gatecast::shows_flow(plain));
    TrainerSpec spec = plain;
    spec.network.bidirectional = true;
    CHECK(gatecast::shows_flow(spec));
    spec = plain;
    spec.dropout = 0.1f;
    CHECK_FALSE(gatecast::shows_flow(spec));
    spec = plain;
    spec.free_steps = 1;
    CHECK_FALSE(gatecast::shows_flow(spec));
}
