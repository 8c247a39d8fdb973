#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "kernel_list.h"
#include "pools.h"
#include "training_cases.h"

using gatecast::Kernels;
using gatecast::NetworkSpec;
using gatecast::Trainer;
using gatecast::TrainerSpec;

namespace {

constexpr int kWindow = 7;

TrainerSpec carried_spec(const NetworkSpec& network) {
    TrainerSpec spec = window_spec(network, *gatecast::find_head("mse"), true);
    spec.carries = true;
    return spec;
}

std::vector<float> table(int rows) {
    return random_values(3 * rows, 810);
}

const NetworkSpec kNetworks[] = {
    {.cell = gatecast::Cell::gru, .hidden_size = 20},
    {.cell = gatecast::Cell::gru_reset_before, .hidden_size = 9, .num_layers = 2},
    {.cell = gatecast::Cell::lstm, .hidden_size = 9, .num_layers = 2, .layer_norm = true, .residual = true},
    {.cell = gatecast::Cell::lstm, .hidden_size = 20, .proj_size = 5},
};

} // namespace

TEST_CASE("windows that go on from one another forecast what one long window does") {
    on_every_kernel([](const Kernels& kernels) {
        for (const NetworkSpec& network : kNetworks) {
            TrainerSpec spec = carried_spec(network), whole = spec;
            whole.carries = false;
            whole.window = 3 * kWindow;
            const std::vector<float> initial = random_parameters(spec.network, 811);
            Trainer parts(spec, kernels, table(60), initial), one(whole, kernels, table(60), initial);
            double sum = 0, weight = 0;
            for (const int start : {4, 11, 18}) {
                const int other = start + 20; // a second chain, whose windows change places with those of the first
                const std::vector<int> starts = start == 11 ? std::vector{other, start} : std::vector{start, other};
                sum += parts.evaluate(starts) * parts.share();
                weight += parts.share();
            }
            CHECK(weight == doctest::Approx((3 * kWindow - spec.warmup) / double{kWindow}));
            CHECK(sum / weight == doctest::Approx(one.evaluate(std::vector{4, 24})).epsilon(1e-6));
        }
    });
}

TEST_CASE("a window that begins elsewhere, or at a row of begins, begins from the zero state") {
    on_every_kernel([](const Kernels& kernels) {
        const TrainerSpec spec = carried_spec(kNetworks[0]);
        const std::vector<float> initial = random_parameters(spec.network, 812);
        const auto loss_after = [&](std::vector<int> before, std::vector<int> begins) {
            Trainer trainer(spec, kernels, table(60), initial, {}, std::move(begins));
            if (!before.empty()) trainer.evaluate(before);
            return trainer.evaluate(std::vector{20});
        };
        const double anew = loss_after({}, {});
        CHECK(loss_after({13}, {}) != anew);
        CHECK(loss_after({12}, {}) == anew);
        CHECK(loss_after({13}, {20}) == anew);
        Trainer forgetful(spec, kernels, table(60), initial);
        forgetful.evaluate(std::vector{13});
        forgetful.forget();
        CHECK(forgetful.evaluate(std::vector{20}) == anew);
    });
}

TEST_CASE("a batch ends before a window that goes on from one of its own") {
    TrainerSpec spec = carried_spec(kNetworks[0]);
    const std::vector<int> starts = {0, 20, 7, 27, 14};
    const auto batch = [&](const TrainerSpec& own) {
        return Trainer(own, *kernels_here().front(), table(60), random_parameters(own.network, 813)).batch_of(starts);
    };
    CHECK(batch(spec) == 2);
    spec.batch = 1;
    CHECK(batch(spec) == 1);
    spec.batch = 4;
    spec.carries = false;
    CHECK(batch(spec) == 4);
}

TEST_CASE("a batch in which nothing has a loss yet carries its states and takes no step") {
    on_every_kernel([](const Kernels& kernels) {
        TrainerSpec spec = carried_spec(kNetworks[0]);
        const std::vector<float> initial = random_parameters(spec.network, 814);
        std::vector<std::uint8_t> missing(60 * spec.targets.size());
        std::fill_n(missing.begin(), 16 * spec.targets.size(), std::uint8_t{1}); // all that the first window forecasts
        Trainer silent(spec, kernels, table(60), initial, missing), known(spec, kernels, table(60), initial);
        const Trainer::Result result = silent.learn(std::vector{3}, 0.01f);
        CHECK(result.loss == 0);
        CHECK(result.gradient_norm == 0);
        CHECK(std::ranges::equal(silent.parameters(), initial));
        CHECK(silent.adam().steps() == 0);
        known.evaluate(std::vector{3});
        CHECK(silent.carried().h == known.carried().h);
        CHECK(silent.carried().ends == std::vector{10});
        CHECK(silent.carried().ages == std::vector{kWindow});
    });
}

TEST_CASE("carried states give the same bits with any number of threads, and when they are put back") {
    on_every_kernel([](const Kernels& kernels) {
        for (NetworkSpec network : kNetworks) {
            TrainerSpec spec = carried_spec(network);
            spec.batch = 29;
            spec.dropout = network.num_layers > 1 ? 0.3f : 0;
            const std::vector<float> initial = random_parameters(spec.network, 815);
            const auto starts_of = [](int step) {
                std::vector<int> starts(29 - step); // a chain ends after each step
                for (int b = 0; b < 29 - step; ++b) starts[b] = b * 3 % 25 + step * kWindow;
                return starts;
            };
            const auto learned = [&](int threads, bool changes) {
                const auto pool = threads > 1 ? started_pool(threads) : nullptr;
                const auto make = [&] {
                    return std::make_unique<Trainer>(spec, kernels, table(60), initial, std::vector<std::uint8_t>(),
                                                     std::vector<int>(), std::vector<gatecast::ScaledValue>(), pool);
                };
                auto trainer = make();
                std::vector<double> found;
                for (int step = 0; step < 4; ++step) {
                    const Trainer::Result result = trainer->learn(starts_of(step), 0.01f);
                    found.insert(found.end(), {result.loss, result.gradient_norm});
                    if (!changes) continue;
                    auto other = make();
                    other->set_parameters(trainer->parameters());
                    other->adam() = trainer->adam();
                    other->random() = trainer->random();
                    other->carried() = trainer->carried();
                    trainer = std::move(other);
                }
                found.insert(found.end(), trainer->parameters().begin(), trainer->parameters().end());
                return found;
            };
            const std::vector<double> alone = learned(1, false);
            for (const int threads : {2, 3, 7}) CHECK(learned(threads, false) == alone);
            CHECK(learned(2, true) == alone);
        }
    });
}

TEST_CASE("states are carried in one direction, without attention and free steps") {
    const TrainerSpec spec = carried_spec(kNetworks[0]);
    CHECK(gatecast::is_valid(spec));
    CHECK_FALSE(gatecast::shows_flow(spec));
    TrainerSpec wrong = spec;
    wrong.network.attention = 3;
    CHECK_FALSE(gatecast::is_valid(wrong));
    wrong = spec;
    wrong.network.bidirectional = true;
    wrong.warmup = kWindow - 1;
    CHECK_FALSE(gatecast::is_valid(wrong));
    wrong = spec;
    wrong.horizon = 1;
    wrong.network.head_size = 2;
    CHECK(gatecast::is_valid(wrong));
    wrong.feed_forward = true;
    CHECK_FALSE(gatecast::is_valid(wrong));
}
