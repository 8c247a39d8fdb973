#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "kernel_list.h"
#include "sequences.h"

using gatecast::Head;
using gatecast::Kernels;
using gatecast::Trainer;
using gatecast::TrainerSpec;

namespace {

constexpr int kStarts[] = {4, 0, 11};

TrainerSpec spec_of_cell(gatecast::Cell cell) {
    TrainerSpec spec;
    spec.network = {.cell = cell, .input_size = 3, .hidden_size = 5, .num_layers = 2, .head_size = 8};
    spec.window = 6;
    spec.warmup = 2;
    spec.horizon = 2;
    spec.targets = {2, 0};
    spec.anchor = true;
    spec.head = gatecast::find_head("gaussian");
    spec.batch = 3;
    return spec;
}

std::vector<float> table() {
    return random_values(30 * 3, 950);
}

/// -log of the density, by its formula
double surprise(double truth, double mean, double s) {
    const double deviation = std::log(1 + std::exp(s)) + 1e-4;
    const double distance = (truth - mean) / deviation;
    return -std::log(std::exp(-distance * distance / 2) / (deviation * std::sqrt(2 * 3.14159265358979323846)));
}

/// The mean loss of the windows by the float64 reference.
double reference_loss(const TrainerSpec& spec, const std::vector<double>& parameters) {
    const gatecast::ParameterLayout layout(spec.network);
    const std::vector<float> rows = table();
    const std::size_t inputs = spec.network.input_size, width = spec.network.output_size();
    double sum = 0;
    int count = 0;
    for (const int start : kStarts) {
        const auto first = rows.begin() + static_cast<std::ptrdiff_t>(start * inputs);
        const std::vector<double> x(first, first + static_cast<std::ptrdiff_t>(spec.window * inputs));
        const std::vector<double> h(spec.network.cells() * spec.network.recurrent_size());
        const std::vector<double> c(spec.network.cell == gatecast::Cell::lstm ? h.size() : 0);
        const std::vector<double> output = run_reference(spec.network, parameters, spec.window, 1, x, h, c).output;
        for (int t = spec.warmup; t < spec.window; ++t) {
            std::vector<double> head(spec.network.head_size);
            for (std::size_t k = 0; k < head.size(); ++k) {
                head[k] = parameters[layout.head_bias.offset + k];
                for (std::size_t j = 0; j < width; ++j)
                    head[k] += parameters[layout.head_weight.offset + k * width + j] * output[t * width + j];
            }
            for (std::size_t target = 0; target < spec.targets.size(); ++target) {
                for (int step = 0; step < spec.horizon; ++step, ++count) {
                    const std::size_t column = spec.targets[target], k = 2 * (target * spec.horizon + step);
                    const double change = rows[(start + t + 1 + step) * inputs + column] - x[t * inputs + column];
                    sum += surprise(change, head[k], head[k + 1]);
                }
            }
        }
    }
    return sum / count;
}

} // namespace

TEST_CASE("a Gaussian head learns with the loss and the gradients of the float64 reference") {
    double largest = 0;
    for (const gatecast::Cell cell : {gatecast::Cell::gru, gatecast::Cell::lstm}) {
        const TrainerSpec spec = spec_of_cell(cell);
        REQUIRE(gatecast::is_valid(spec));
        const std::vector<float> at = random_parameters(spec.network, 951);
        std::vector<double> moved = converted<double>(at), expected;
        const double loss = reference_loss(spec, moved);
        double norm = 0;
        for (double& parameter : moved) {
            const double before = parameter, step = 1e-5;
            parameter = before + step;
            const double above = reference_loss(spec, moved);
            parameter = before - step;
            expected.push_back((above - reference_loss(spec, moved)) / (2 * step));
            parameter = before;
            norm += expected.back() * expected.back();
        }
        on_every_kernel([&](const Kernels& kernels) {
            Trainer trainer(spec, kernels, table(), at);
            CHECK(trainer.evaluate(kStarts) == doctest::Approx(loss).epsilon(1e-5));
            trainer.learn(kStarts, 1e-3f);
            for (std::size_t i = 0; i < expected.size(); ++i) {
                largest = std::max(largest, std::fabs(trainer.gradients()[i] - expected[i]) / std::sqrt(norm));
            }
        });
    }
    CHECK(largest <= 1e-5);
    MESSAGE("largest difference of a gradient, relative to the norm of all, ", largest);
}

TEST_CASE("the loss of a Gaussian head is -log of the density") {
    const Head& head = *gatecast::find_head("gaussian");
    float gradient[2];
    for (const float mean : {-0.5f, 0.0f, 1.5f}) {
        for (const float s : {-1.0f, 0.0f, 0.5f, 4.0f}) {
            const std::vector<float> outputs = {mean, s};
            const double loss = head.loss_and_gradient({}, {0.25f}, outputs, 1, gradient);
            CHECK(loss == doctest::Approx(surprise(0.25, mean, s)).epsilon(1e-12));
        }
    }
}
