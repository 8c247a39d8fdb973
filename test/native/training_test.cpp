#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "kernel_list.h"
#include "pools.h"
#include "training_cases.h"

using gatecast::find_head;
using gatecast::Head;
using gatecast::Kernels;
using gatecast::NetworkSpec;
using gatecast::Trainer;
using gatecast::TrainerSpec;

namespace {

TrainerSpec small_spec() {
    TrainerSpec spec;
    spec.network = {.cell = gatecast::Cell::gru, .input_size = 2, .hidden_size = 20, .num_layers = 2, .head_size = 3};
    spec.window = 12;
    spec.warmup = 2;
    spec.horizon = 3;
    spec.targets = {0};
    spec.head = find_head("mse");
    spec.batch = 4;
    spec.clip = 1;
    return spec;
}

std::vector<float> table(int rows) {
    return random_values(2 * rows, 800);
}

constexpr int kStarts[] = {3, 17, 0, 30};

} // namespace

TEST_CASE("five steps of AdamW equal PyTorch's: losses, gradient norms, weights") {
    const std::vector<GoldenFile> files = golden_files("training");
    REQUIRE(files.size() == 8);
    on_every_kernel([&](const Kernels& kernels) {
        double largest = 0;
        for (const GoldenFile& file : files) {
            CAPTURE(file.name);
            const TrainerSpec spec = trainer_spec_of(file);
            REQUIRE(gatecast::is_valid(spec));
            Trainer trainer(spec, kernels, file.tensor("rows").data, parameters_of(file, spec.network, "initial."));
            const std::vector<int> starts = converted<int>(file.tensor("starts").data);
            const auto rate = static_cast<float>(file.number("learningRate"));
            for (int step = 0; step < file.integer("steps"); ++step) {
                CAPTURE(step);
                const std::span<const int> batch(starts.data() + step * spec.batch, spec.batch);
                const gatecast::CarriedStates before = trainer.carried();
                const double evaluated = trainer.evaluate(batch);
                trainer.carried() = before;
                const Trainer::Result result = trainer.learn(batch, rate);
                CHECK(result.loss == evaluated);
                CHECK(result.loss == doctest::Approx(file.tensor("losses").data.at(step)).epsilon(1e-5));
                CHECK(result.gradient_norm == doctest::Approx(file.tensor("norms").data.at(step)).epsilon(1e-4));
            }
            const std::vector<float> expected = parameters_of(file, spec.network, "final.");
            const double worst = largest_difference(trainer.parameters(), expected, expected.size());
            CHECK(worst <= 1e-5); // a thousandth of 0.01, by which Adam's first step moves a weight at these rates
            largest = std::max(largest, worst);
        }
        MESSAGE("largest difference of a trained weight from PyTorch's ", largest);
    });
}

TEST_CASE("a batch may have fewer windows than its room") {
    on_every_kernel([](const Kernels& kernels) {
        TrainerSpec spec = small_spec();
        const std::vector<float> initial = random_parameters(spec.network, 801);
        Trainer roomy(spec, kernels, table(60), initial);
        spec.batch = 2;
        Trainer exact(spec, kernels, table(60), initial);
        // A full batch first, so that the smaller one meets used buffers.
        roomy.evaluate(kStarts);
        const auto first = roomy.learn(std::span(kStarts).first(2), 0.01f);
        const auto second = exact.learn(std::span(kStarts).first(2), 0.01f);
        CHECK(first.loss == second.loss);
        CHECK(first.gradient_norm == second.gradient_norm);
        CHECK(std::ranges::equal(roomy.parameters(), exact.parameters()));
    });
}

TEST_CASE("the loss falls when one batch is learned again and again") {
    for (const Head* head : gatecast::heads()) {
        CAPTURE(head->loss);
        TrainerSpec spec = small_spec();
        spec.head = head;
        if (head->has_levels()) spec.levels = {0.1f, 0.5f, 0.9f};
        spec.network.head_size = 3 * (head->fixed_outputs > 0 ? head->fixed_outputs : 3);
        std::vector<gatecast::ScaledValue> scaled;
        if (head->truths != gatecast::Truths::scaled) {
            spec.anchor = false;
            // counts, or classes, that follow from the rows, so that they can be learned
            const std::vector<float> rows = table(60);
            for (int row = 0; row < 60; ++row) {
                for (const int target : spec.targets) {
                    const float value = rows[row * spec.network.input_size + target];
                    scaled.push_back({.value = value > 0 ? 2.0f : 0.0f, .centre = 0, .spread = 1.5f});
                }
            }
        }
        REQUIRE(gatecast::is_valid(spec));
        REQUIRE(gatecast::fits_head(spec, scaled, {}));
        Trainer trainer(spec, *kernels_here().front(), table(60), random_parameters(spec.network, 802), {}, {}, scaled);
        const double before = trainer.evaluate(kStarts);
        for (int step = 0; step < 300; ++step) trainer.learn(kStarts, 0.01f);
        // a distribution of counts is never narrow
        CHECK(trainer.evaluate(kStarts) < (head->truths == gatecast::Truths::counts ? 0.8 : 0.5) * before);
    }
}

TEST_CASE("the same seed gives the same bits, and another seed gives others") {
    on_every_kernel([](const Kernels& kernels) {
        TrainerSpec spec = small_spec();
        spec.dropout = 0.3f;
        const auto learned = [&](std::uint64_t seed) {
            spec.seed = seed;
            gatecast::Network network(spec.network, kernels);
            network.initialise(seed);
            Trainer trainer(spec, kernels, table(60), network.parameters());
            for (int step = 0; step < 5; ++step) trainer.learn(kStarts, 0.01f);
            return std::vector<float>(trainer.parameters().begin(), trainer.parameters().end());
        };
        CHECK(learned(1) == learned(1));
        CHECK(learned(1) != learned(2));
    });
}

TEST_CASE("any number of threads gives the same bits, whatever is learned") {
    struct Variant {
        const char* name;
        NetworkSpec network;
        bool in_turn; ///< forecasts are inputs
    };
    const Variant variants[] = {
        {"dropout", {.cell = gatecast::Cell::gru, .hidden_size = 20, .num_layers = 3}, false},
        {"both directions", {.cell = gatecast::Cell::lstm, .hidden_size = 9, .bidirectional = true}, false},
        {"attention", {.cell = gatecast::Cell::gru, .hidden_size = 9, .attention = 5}, false},
        {"both", {.cell = gatecast::Cell::gru, .hidden_size = 9, .bidirectional = true, .attention = 5}, false},
        {"projection", {.cell = gatecast::Cell::lstm, .hidden_size = 20, .proj_size = 5}, false},
        {"late gates", {.cell = gatecast::Cell::gru_reset_before, .hidden_size = 20}, false},
        {"in turn", {.cell = gatecast::Cell::gru, .hidden_size = 9, .num_layers = 2}, true},
        {"changed layers", {.hidden_size = 20, .num_layers = 3, .layer_norm = true, .residual = true}, false},
        {"changed in turn", {.hidden_size = 9, .num_layers = 2, .layer_norm = true, .residual = true}, true},
    };
    std::vector<int> starts(29);
    for (std::size_t b = 0; b < starts.size(); ++b) starts[b] = static_cast<int>(7 * b % 45);
    on_every_kernel([&](const Kernels& kernels) {
        for (const auto& [name, network, in_turn] : variants) {
            const std::string label = name; // clang 14 captures no structured binding
            CAPTURE(label);
            TrainerSpec spec = small_spec();
            spec.network = network;
            spec.network.input_size = 2;
            spec.horizon = in_turn ? 1 : 3;
            spec.network.head_size = spec.horizon;
            spec.free_steps = in_turn ? 4 : 0;
            if (network.bidirectional) spec.warmup = spec.window - 1;
            spec.dropout = network.num_layers == 3 ? 0.3f : 0;
            spec.batch = static_cast<int>(starts.size());
            const std::vector<float> initial = random_parameters(spec.network, 805);
            const auto learned = [&](int threads) {
                const auto pool = threads > 1 ? started_pool(threads) : nullptr;
                Trainer trainer(spec, kernels, table(60), initial, {}, {}, {}, pool);
                std::vector<double> found;
                for (int step = 0; step < 3; ++step) {
                    const Trainer::Result result = trainer.learn(starts, 0.01f);
                    found.insert(found.end(), {result.loss, result.gradient_norm, trainer.evaluate(starts)});
                }
                found.insert(found.end(), trainer.parameters().begin(), trainer.parameters().end());
                return found;
            };
            const std::vector<double> alone = learned(1);
            for (const int threads : {2, 3, 7}) CHECK(learned(threads) == alone);
        }
    });
}

TEST_CASE("parameters are drawn as PyTorch draws them") {
    const NetworkSpec spec{
        .cell = gatecast::Cell::lstm, .input_size = 10, .hidden_size = 64, .num_layers = 2, .head_size = 40};
    gatecast::Network network(spec, *kernels_here().front());
    network.initialise(5);
    const std::span<const float> values = network.parameters();
    const double bound = 1 / std::sqrt(64.0);
    double sum = 0, square = 0, largest = 0;
    for (const double value : values) {
        sum += value;
        square += value * value;
        largest = std::max(largest, std::fabs(value));
    }
    const double count = static_cast<double>(values.size());
    CHECK(largest <= bound);
    CHECK(largest > 0.999 * bound);
    CHECK(std::fabs(sum / count) < 4 * bound / std::sqrt(3 * count)); // four standard deviations
    CHECK(square / count == doctest::Approx(bound * bound / 3).epsilon(0.02));
}

TEST_CASE("dropout zeroes each value between layers independently with its probability, and keeps the mean") {
    for (const float probability : {0.1f, 0.5f, 0.8f}) {
        CAPTURE(probability);
        const NetworkSpec spec{.cell = gatecast::Cell::gru, .input_size = 2, .hidden_size = 50, .num_layers = 3};
        const int steps = 100, batch = 4;
        gatecast::Network network(spec, *kernels_here().front());
        network.initialise(6);
        gatecast::Trace trace(spec, steps, batch);
        const std::vector<float> input = random_values(steps * batch * spec.input_size, 803);
        std::copy(input.begin(), input.end(), trace.input(0));
        trace.begin(batch);
        gatecast::Random random(7);
        gatecast::run_layers(network, trace, probability, random);

        CHECK(std::equal(input.begin(), input.end(), trace.input(0))); // never the input
        const std::size_t count = static_cast<std::size_t>(steps) * batch * spec.hidden_size;
        for (const int layer : {1, 2}) {
            const float* mask = trace.mask(layer).data();
            std::size_t dropped = 0, dropped_again = 0, wrong = 0;
            const std::size_t one_step = static_cast<std::size_t>(batch) * spec.hidden_size;
            for (std::size_t i = 0; i < count; ++i) {
                if (mask[i] == 0) {
                    ++dropped;
                    if (i >= one_step && mask[i - one_step] == 0) ++dropped_again;
                    if (trace.input(layer)[i] != 0) ++wrong;
                } else if (std::fabs(mask[i] - 1 / (1 - probability)) > 1e-6) {
                    ++wrong;
                }
            }
            const double n = static_cast<double>(count), p = probability;
            CHECK(wrong == 0);
            CHECK(std::fabs(dropped - n * p) < 4 * std::sqrt(n * p * (1 - p)));
            // Independent from one step to the next: both dropped with probability p squared.
            CHECK(std::fabs(dropped_again - n * p * p) < 6 * std::sqrt(n * p * p));
        }
        // The layers' masks differ.
        CHECK_FALSE(std::equal(trace.mask(1).data(), trace.mask(1).data() + count, trace.mask(2).data()));
    }
}

TEST_CASE("a window fits only while its last forecast is inside the table") {
    const TrainerSpec spec = small_spec();
    const Trainer trainer(spec, *kernels_here().front(), table(60), random_parameters(spec.network, 804));
    CHECK(trainer.fits(0));
    CHECK(trainer.fits(60 - spec.window - spec.horizon));
    CHECK_FALSE(trainer.fits(60 - spec.window - spec.horizon + 1));
    CHECK_FALSE(trainer.fits(-1));
    CHECK_FALSE(trainer.fits(2'000'000'000));
}
