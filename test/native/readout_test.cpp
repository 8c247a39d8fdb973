#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "kernel_list.h"
#include "pools.h"
#include "training_cases.h"

using gatecast::Kernels;
using gatecast::NetworkSpec;
using gatecast::Precision;
using gatecast::States;
using gatecast::Trainer;
using gatecast::TrainerSpec;

namespace {

/// Networks whose head does not read the newest output alone: two directions, attention over fewer and over more
/// outputs than a window has, and both; also with layers that are normalised and residual.
std::vector<NetworkSpec> readouts(int input_size, int hidden_size, int head_size) {
    std::vector<NetworkSpec> specs;
    for (NetworkSpec spec : every_combination(input_size, hidden_size, hidden_size / 2)) {
        if (!spec.bias || (spec.num_layers == 3 && !spec.layer_norm)) continue;
        spec.head_size = head_size;
        if (spec.bidirectional) specs.push_back(spec);
        for (const int attention : {1, 3, 12}) {
            spec.attention = attention;
            specs.push_back(spec);
        }
    }
    return specs;
}

constexpr int kInputs = 3, kRows = 40;
/// The windows of 7 + 2 rows at -3 and 15 begin before a series does, at row 0 and row 20.
constexpr int kStarts[] = {4, -3, 15, 29};
const std::vector<int> kBegins = {0, 20};

std::vector<float> table() {
    return random_values(kRows * kInputs, 970);
}

TrainerSpec trainer_spec(const NetworkSpec& network) {
    TrainerSpec spec = window_spec(network, *gatecast::find_head("mse"), false);
    if (network.bidirectional) spec.warmup = spec.window - 1;
    return spec;
}

/// What the head says after each step of a sequence of one stream, by the float64 reference, [steps][head_size]
std::vector<double> true_answers(const NetworkSpec& spec, const std::vector<double>& parameters, int steps,
                                 const std::vector<double>& x) {
    std::vector<double> h(spec.cells() * spec.recurrent_size()), c(spec.cells() * spec.c_size());
    std::vector<double> output(static_cast<std::size_t>(steps) * spec.output_size());
    std::vector<double> head(static_cast<std::size_t>(steps) * spec.head_size);
    gatecast::reference_forward<double>(spec, parameters, steps, x, h, c, output, head);
    return head;
}

/// The mean squared error of the windows by the float64 reference, which only sees the rows of each series.
double reference_loss(const TrainerSpec& spec, const std::vector<double>& parameters) {
    const std::vector<float> rows = table();
    double sum = 0;
    int count = 0;
    for (const int start : kStarts) {
        const int first = start == -3 ? 3 : start == 15 ? 5 : 0, steps = spec.window - first;
        const float* from = rows.data() + (start + first) * kInputs;
        const std::vector<double> head = true_answers(spec.network, parameters, steps, {from, from + steps * kInputs});
        for (int t = std::max(first, spec.warmup); t < spec.window; ++t) {
            for (int value = 0; value < 4; ++value, ++count) {
                const int row = start + t + 1 + value % 2, column = spec.targets[value / 2];
                const double told = head[(t - first) * spec.network.head_size + value];
                sum += true_loss(spec, value, rows[row * kInputs + column], told);
            }
        }
    }
    return sum / count;
}

} // namespace

TEST_CASE("losses and gradients through attention and both directions equal differences of the float64 reference") {
    double largest = 0;
    for (const NetworkSpec& network : readouts(kInputs, 3, 4)) {
        const std::string name = name_of(network);
        CAPTURE(name);
        const TrainerSpec spec = trainer_spec(network);
        REQUIRE(gatecast::is_valid(spec));
        std::vector<float> at = random_parameters(spec.network, 971);
        for (float& value : at) value *= 2; // so that the weights of attention are not all the same
        const auto loss_at = [&](const std::vector<double>& parameters) { return reference_loss(spec, parameters); };
        const std::vector<double> expected = finite_differences(at, loss_at);
        on_every_kernel([&](const Kernels& kernels) {
            Trainer trainer(spec, kernels, table(), at, {}, kBegins);
            const auto result = trainer.learn(kStarts, 1e-6f);
            CHECK(result.loss == doctest::Approx(loss_at(converted<double>(at))).epsilon(1e-5));
            const double relative = relative_error(trainer.gradients(), expected);
            CHECK(relative < 2e-5);
            largest = std::max(largest, relative);
        });
    }
    MESSAGE("largest relative error of a gradient ", largest);
}

TEST_CASE("the gradient of each weight of attention equals finite differences") {
    const NetworkSpec network{.cell = gatecast::Cell::lstm, .hidden_size = 6, .attention = 4};
    const TrainerSpec spec = trainer_spec(network);
    std::vector<float> at = random_parameters(spec.network, 972);
    for (float& value : at) value *= 3;
    const gatecast::ParameterLayout layout(spec.network);
    const std::vector<double> expected =
        finite_differences(at, [&](const std::vector<double>& parameters) { return reference_loss(spec, parameters); });
    on_every_kernel([&](const Kernels& kernels) {
        Trainer trainer(spec, kernels, table(), at, {}, kBegins);
        trainer.learn(kStarts, 1e-6f);
        for (const gatecast::MatrixRange& range : {layout.attention_weight, layout.attention_bias}) {
            const std::span<const double> truth(expected.data() + range.offset, range.size());
            CHECK(std::ranges::any_of(truth, [](double value) { return std::fabs(value) > 1e-4; }));
            CHECK(relative_error(trainer.gradients().subspan(range.offset, range.size()), truth) < 1e-4);
        }
    });
}

TEST_CASE("a window gives what the float64 reference gives, and the same bits in any company, precision aside") {
    on_every_kernel([](const Kernels& kernels) {
        for (const NetworkSpec& spec : readouts(3, 19, 5)) {
            const std::string name = name_of(spec);
            CAPTURE(name);
            const std::vector<float> parameters = random_parameters(spec, 973);
            const auto network = make_network(spec, kernels, parameters);
            const int slots = 70;
            std::vector<int> order(slots), lengths(slots);
            std::iota(order.begin(), order.end(), 0);
            for (int k = 0; k < slots; ++k) lengths[k] = k < 3 ? k + 1 : k < 60 ? 8 : 2;
            const int samples = std::accumulate(lengths.begin(), lengths.end(), 0);
            const std::vector<float> x = random_values(samples * spec.input_size, 974);
            States together(network, slots, started_pool(3)), alone(network);
            std::vector<float> y(slots * spec.head_size), one(spec.head_size);
            REQUIRE(together.run_windows(order, lengths, x.data(), y.data()));
            std::vector<float> first(together.size()), second(alone.size());
            const float* window = x.data();
            for (int k = 0; k < slots; window += lengths[k] * spec.input_size, ++k) {
                const int slot = 0;
                REQUIRE(alone.run_windows({&slot, 1}, {&lengths[k], 1}, window, one.data()));
                CHECK(std::equal(one.begin(), one.end(), y.begin() + k * spec.head_size));
                together.read(k, first);
                alone.read(0, second);
                CHECK(first == second);
                if (k > 4) continue;
                const std::vector<double> truth = true_answers(spec, converted<double>(parameters), lengths[k],
                                                               {window, window + lengths[k] * spec.input_size});
                CHECK(largest_difference(one, truth.data() + (lengths[k] - 1) * spec.head_size, one.size()) < 1e-5);
            }
        }
    });
}

TEST_CASE("steps give the same bits as windows, in every precision, and continue from them") {
    on_every_precision([](const Kernels& kernels, Precision precision) {
        for (const NetworkSpec& spec : readouts(3, 19, 5)) {
            if (spec.bidirectional) continue;
            const std::string name = name_of(spec);
            CAPTURE(name);
            const auto network = make_network(spec, kernels, random_parameters(spec, 975), precision);
            const int steps = 9, slot = 0;
            const std::vector<float> x = random_values((steps + 1) * spec.input_size, 976);
            States stepped(network), whole(network);
            std::vector<float> y(spec.head_size), expected(spec.head_size);
            std::vector<float> first(stepped.size()), second(whole.size());
            for (int t = 1; t <= steps; ++t) {
                stepped.step(0, x.data() + (t - 1) * spec.input_size, y.data());
                REQUIRE(whole.run_windows({&slot, 1}, {&t, 1}, x.data(), expected.data()));
                CHECK(y == expected);
                stepped.read(0, first);
                whole.read(0, second);
                CHECK(first == second);
            }
            stepped.step(0, x.data() + steps * spec.input_size, y.data());
            whole.step(0, x.data() + steps * spec.input_size, expected.data());
            CHECK(y == expected);
        }
    });
}

TEST_CASE("a window with a value that is not finite is refused and changes nothing") {
    const NetworkSpec spec{
        .cell = gatecast::Cell::gru, .input_size = 2, .hidden_size = 5, .bidirectional = true, .head_size = 3};
    States states(make_network(spec, *kernels_here().front(), random_parameters(spec, 977)));
    std::vector<float> x = random_values(8, 978), y(3), before(states.size()), after(states.size());
    const int slot = 0, length = 4;
    REQUIRE(states.run_windows({&slot, 1}, {&length, 1}, x.data(), y.data()));
    states.read(0, before);
    const std::vector<float> told = y;
    x[7] = std::numeric_limits<float>::infinity();
    CHECK_FALSE(states.run_windows({&slot, 1}, {&length, 1}, x.data(), y.data()));
    states.read(0, after);
    CHECK(after == before);
    CHECK(y == told);
}

TEST_CASE("attention gives finite weights and context for any finite values") {
    constexpr int kSize = 5, kReach = 4;
    constexpr float kMost = std::numeric_limits<float>::max();
    for (const float size : {0.0f, 1e-40f, 1.0f, 1e30f, kMost}) {
        std::vector<float> rows(kReach * kSize), query(kSize), weights(kReach), context(kSize);
        for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = i % 3 == 0 ? -size : size;
        for (const float factor : {0.0f, 1.0f, -kMost, kMost}) {
            std::ranges::fill(query, factor);
            const gatecast::LastOutputs outputs{
                .rows = rows.data(), .stride = kSize, .capacity = kReach, .first = 2, .count = 3};
            gatecast::attend(outputs, kReach, kSize, query.data(), weights.data(), context.data());
            CHECK(std::accumulate(weights.begin(), weights.end(), 0.0f) == doctest::Approx(1));
            CHECK(std::ranges::all_of(context, [](float value) { return std::isfinite(value); }));
        }
    }
}

TEST_CASE("a trainer takes no bidirectional network with a loss before the last step, and free steps no attention") {
    TrainerSpec spec = trainer_spec({.cell = gatecast::Cell::gru, .hidden_size = 4, .bidirectional = true});
    CHECK(gatecast::is_valid(spec));
    --spec.warmup;
    CHECK_FALSE(gatecast::is_valid(spec));
    spec = trainer_spec({.cell = gatecast::Cell::gru, .hidden_size = 4});
    spec.horizon = 1;
    spec.network.head_size = 2;
    spec.free_steps = 2;
    CHECK(gatecast::is_valid(spec));
    spec.network.attention = 2;
    CHECK_FALSE(gatecast::is_valid(spec));
    spec.free_steps = 0;
    CHECK(gatecast::is_valid(spec));
    spec.network.head_size = 0; // nothing reads what attention finds
    CHECK_FALSE(gatecast::is_valid(spec.network));
}

TEST_CASE("answers, loss and gradients equal PyTorch's") {
    const std::vector<GoldenFile> files = golden_files("readout");
    REQUIRE(files.size() == 6);
    on_every_kernel([&](const Kernels& kernels) {
        double largest = 0;
        for (const GoldenFile& file : files) {
            CAPTURE(file.name);
            TrainerSpec spec;
            spec.network = spec_of(file);
            spec.window = file.integer("window");
            spec.warmup = file.integer("warmup");
            spec.horizon = file.integer("horizon");
            spec.targets = {2, 0};
            spec.head = gatecast::find_head("mse");
            spec.batch = file.integer("batchSize");
            const std::vector<float> parameters = parameters_of(file, spec.network);
            const std::vector<float>& rows = file.tensor("rows").data;
            const std::vector<int> starts = converted<int>(file.tensor("starts").data);

            const auto network = make_network(spec.network, kernels, parameters);
            States states(network);
            const float* expected = file.tensor("answers").data.data();
            std::vector<float> y(spec.network.head_size);
            for (const int start : starts) {
                for (int t = spec.warmup; t < spec.window; ++t, expected += y.size()) {
                    const int slot = 0, length = t + 1;
                    states.run_windows({&slot, 1}, {&length, 1}, rows.data() + start * spec.network.input_size,
                                       y.data());
                    CHECK(largest_difference(y, expected, y.size()) < 2e-6);
                }
            }

            Trainer trainer(spec, kernels, rows, parameters);
            const Trainer::Result result = trainer.learn(starts, 1e-6f);
            CHECK(result.loss == doctest::Approx(file.tensor("loss").data[0]).epsilon(1e-6));
            const std::vector<float> gradients = parameters_of(file, spec.network, "gradient.");
            const double relative = relative_error(trainer.gradients(), converted<double>(gradients));
            CHECK(relative < 2e-6);
            largest = std::max(largest, relative);
        }
        MESSAGE("largest relative error of a gradient against PyTorch's ", largest);
    });
}
