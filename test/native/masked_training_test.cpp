#include <doctest/doctest.h>

#include <algorithm>
#include <limits>

#include "kernel_list.h"
#include "training_cases.h"

using gatecast::Kernels;
using gatecast::NetworkSpec;
using gatecast::Trainer;
using gatecast::TrainerSpec;

namespace {

constexpr int kInputs = 3, kRows = 40;
/// The windows of 7 + 2 rows at -3 and 15 begin before a series does, at row 0 and row 20.
constexpr int kStarts[] = {4, -3, 15, 29};
const std::vector<int> kBegins = {0, 20};

std::vector<float> table() {
    return random_values(kRows * kInputs, 950);
}

/// Every third true value of the first target is missing, and all of the second in rows 5 to 9.
std::vector<std::uint8_t> some_missing() {
    std::vector<std::uint8_t> missing(kRows * 2);
    for (int row = 0; row < kRows; ++row) {
        missing[row * 2] = row % 3 == 0;
        missing[row * 2 + 1] = row >= 5 && row < 10;
    }
    return missing;
}

/// Where the series of a window's last steps begins, as a step of the window
int first_step(int start) {
    return start == -3 ? 3 : start == 15 ? 5 : 0;
}

/// The mean loss over the known true values by the float64 reference, which only sees the rows of each series.
double reference_loss(const TrainerSpec& spec, const std::vector<double>& parameters) {
    const NetworkSpec& network = spec.network;
    const gatecast::ParameterLayout layout(network);
    const std::vector<float> rows = table();
    const std::vector<std::uint8_t> missing = some_missing();
    const int width = network.output_size(), per_value = network.head_size / 4;
    double sum = 0;
    int count = 0;
    for (const int start : kStarts) {
        const int first = first_step(start), steps = spec.window - first;
        const float* from = rows.data() + (start + first) * kInputs;
        const std::vector<double> x(from, from + steps * kInputs);
        const std::vector<double> h(network.cells() * network.recurrent_size()), c(network.cells() * network.c_size());
        const std::vector<double> output = run_reference(network, parameters, steps, 1, x, h, c).output;
        for (int t = std::max(first, spec.warmup); t < spec.window; ++t) {
            for (int value = 0; value < 4; ++value) {
                const int target = value / 2, row = start + t + 1 + value % 2, column = spec.targets[target];
                if (missing[row * 2 + target] != 0) continue;
                const double anchor = spec.anchor ? rows[(start + t) * kInputs + column] : 0;
                const double truth = rows[row * kInputs + column] - anchor;
                for (int k = 0; k < per_value; ++k) {
                    const int out = value * per_value + k;
                    const double told =
                        head_output(layout, parameters, out, output.data() + (t - first) * width, width);
                    sum += true_loss(spec, k, truth, told);
                    ++count;
                }
            }
        }
    }
    return sum / count;
}

/// The table without the rows that belong to none of the windows' series
std::vector<float> spoiled_table() {
    std::vector<float> rows = table();
    for (const int row : {13, 14, 15, 16, 17, 18, 19, 38, 39}) {
        std::fill_n(rows.data() + row * kInputs, kInputs, std::numeric_limits<float>::quiet_NaN());
    }
    return rows;
}

} // namespace

TEST_CASE("masked losses and their gradients equal finite differences of the float64 reference") {
    double largest = 0;
    for (const NetworkSpec& network : every_combination(kInputs, 4, 2)) {
        if (network.bidirectional || !network.bias || network.num_layers == 3) continue;
        const std::string name = name_of(network);
        CAPTURE(name);
        for (const char* loss : {"mse", "quantile"}) {
            for (const bool anchor : {false, true}) {
                CAPTURE(loss);
                CAPTURE(anchor);
                const TrainerSpec spec = window_spec(network, *gatecast::find_head(loss), anchor);
                REQUIRE(gatecast::is_valid(spec));
                const std::vector<float> at = random_parameters(spec.network, 951);
                const auto loss_at = [&](const std::vector<double>& parameters) {
                    return reference_loss(spec, parameters);
                };
                const std::vector<double> expected = finite_differences(at, loss_at);
                on_every_kernel([&](const Kernels& kernels) {
                    Trainer trainer(spec, kernels, spoiled_table(), at, some_missing(), kBegins);
                    for (const int start : kStarts) REQUIRE(trainer.fits(start));
                    const auto result = trainer.learn(kStarts, 1e-6f);
                    CHECK(result.loss == doctest::Approx(reference_loss(spec, converted<double>(at))).epsilon(1e-5));
                    const double relative = relative_error(trainer.gradients(), expected);
                    CHECK(relative < 2e-5);
                    largest = std::max(largest, relative);
                });
            }
        }
    }
    MESSAGE("largest relative error of a gradient ", largest);
}

TEST_CASE("marks that mark nothing change no bit") {
    const NetworkSpec network{.cell = gatecast::Cell::gru, .input_size = kInputs, .hidden_size = 20, .num_layers = 2};
    constexpr int kWhole[] = {4, 0, 15, 29};
    on_every_kernel([&](const Kernels& kernels) {
        const TrainerSpec spec = window_spec(network, *gatecast::find_head("quantile"), true);
        const std::vector<float> at = random_parameters(spec.network, 952);
        Trainer plain(spec, kernels, table(), at);
        Trainer marked(spec, kernels, table(), at, std::vector<std::uint8_t>(kRows * 2), {0});
        for (int step = 0; step < 5; ++step) {
            const auto one = plain.learn(kWhole, 0.01f), other = marked.learn(kWhole, 0.01f);
            CHECK(one.loss == other.loss);
            CHECK(one.gradient_norm == other.gradient_norm);
            CHECK(marked.share() == 1);
        }
        CHECK(std::ranges::equal(plain.parameters(), marked.parameters()));
    });
}

TEST_CASE("a batch without a known true value teaches nothing") {
    const NetworkSpec network{.cell = gatecast::Cell::lstm, .input_size = kInputs, .hidden_size = 8};
    const TrainerSpec spec = window_spec(network, *gatecast::find_head("mse"), false);
    const std::vector<float> at = random_parameters(spec.network, 953);
    Trainer trainer(spec, *kernels_here().front(), table(), at, std::vector<std::uint8_t>(kRows * 2, 1), kBegins);
    const auto result = trainer.learn(kStarts, 0.01f);
    CHECK(result.loss == 0);
    CHECK(trainer.share() == 0);
    CHECK(std::ranges::equal(trainer.parameters(), at));
}

TEST_CASE("a window may start before the table only if a series begins in it") {
    const NetworkSpec network{.cell = gatecast::Cell::gru, .input_size = kInputs, .hidden_size = 8};
    const TrainerSpec spec = window_spec(network, *gatecast::find_head("mse"), false);
    const std::vector<float> at = random_parameters(spec.network, 954);
    const Trainer trainer(spec, *kernels_here().front(), table(), at, {}, kBegins);
    CHECK(trainer.fits(-spec.window + 1));
    CHECK_FALSE(trainer.fits(-spec.window));
    CHECK_FALSE(Trainer(spec, *kernels_here().front(), table(), at).fits(-1));
}
