#include <doctest/doctest.h>

#include <cmath>

#include "kernel_list.h"
#include "pools.h"
#include "training_cases.h"

using gatecast::Kernels;
using gatecast::Trainer;
using gatecast::TrainerSpec;
using gatecast::WeightGradients;
using gatecast::WeightProduct;

TEST_CASE("rows in runs are summed as the same rows without gaps are, to the bit, and as float64 sums them") {
    struct Shape {
        int rows, runs, period, columns, lanes;
    };
    const Shape shapes[] = {{1, 7, 2, 5, 16},    {3, 40, 5, 19, 48},    {16, 9, 33, 7, 64}, {40, 3, 41, 33, 80},
                            {64, 2, 128, 3, 48}, {100, 3, 100, 8, 112}, {130, 1, 0, 21, 32}};
    on_every_kernel([&](const Kernels& kernels) {
        for (const auto& [rows, runs, period, columns, lanes] : shapes) {
            const int count = rows * runs, all = std::max(count, period * runs);
            const std::vector<float> x = random_values(all * columns, 910), wide = random_values(all * lanes, 911);
            gatecast::AlignedBuffer g(wide.size()), packed_g(count * lanes), out(columns * lanes), sums(lanes);
            std::ranges::copy(wide, g.data());
            std::vector<float> packed_x(count * columns);
            std::vector<double> expected(columns * lanes), expected_sums(lanes);
            for (int k = 0; k < count; ++k) {
                const int row = k / rows * period + k % rows;
                std::copy_n(x.data() + row * columns, columns, packed_x.data() + k * columns);
                std::copy_n(g.data() + row * lanes, lanes, packed_g.data() + k * lanes);
                for (int lane = 0; lane < lanes; ++lane) {
                    const double gradient = wide[row * lanes + lane];
                    expected_sums[lane] += gradient;
                    for (int c = 0; c < columns; ++c) expected[c * lanes + lane] += gradient * x[row * columns + c];
                }
            }
            gatecast::OuterArgs args{
                .rows = rows,
                .runs = runs,
                .period = static_cast<std::size_t>(period),
                .columns = columns,
                .lanes = lanes,
                .x = x.data(),
                .x_stride = static_cast<std::size_t>(columns),
                .g = g.data(),
                .g_stride = static_cast<std::size_t>(lanes),
                .out = out.data(),
                .out_stride = static_cast<std::size_t>(lanes),
                .sums = sums.data(),
            };
            kernels.outer(args);
            const std::vector<float> found(out.data(), out.data() + out.size());
            const std::vector<float> found_sums(sums.data(), sums.data() + sums.size());
            CHECK(largest_difference(found, expected.data(), found.size()) < 1e-4);
            CHECK(largest_difference(found_sums, expected_sums.data(), found_sums.size()) < 1e-4);

            out.zero();
            sums.zero();
            args.rows = count;
            args.runs = 1;
            args.x = packed_x.data();
            args.g = packed_g.data();
            kernels.outer(args);
            CHECK(std::equal(found.begin(), found.end(), out.data()));
            CHECK(std::equal(found_sums.begin(), found_sums.end(), sums.data()));
        }
    });
}

TEST_CASE("the gradient of a weight is that of every row of a batch of any size, with any number of threads") {
    constexpr int kSteps = 5, kColumns = 6, kUnits = 21, kSlots = 3;
    const int width = gatecast::padded(kUnits), lanes = kSlots * width, stride = lanes + 16;
    on_every_kernel([&](const Kernels& kernels) {
        for (const int batch : {1, 7, 8, 9, 33, 130}) {
            const std::vector<float> x = random_values(kSteps * batch * kColumns, 912);
            const std::vector<float> values = random_values(kSteps * batch * stride, 913);
            gatecast::AlignedBuffer g(values.size());
            std::ranges::copy(values, g.data());
            const std::size_t weights = kSlots * kUnits * kColumns;
            std::vector<double> expected(weights + kSlots * kUnits);
            const int gates[] = {2, 0, 1};
            for (int row = 0; row < kSteps * batch; ++row) {
                for (int slot = 0; slot < kSlots; ++slot) {
                    for (int unit = 0; unit < kUnits; ++unit) {
                        const double gradient = values[row * stride + slot * width + unit];
                        const int at = gates[slot] * kUnits + unit;
                        expected[weights + at] += gradient;
                        for (int c = 0; c < kColumns; ++c) {
                            expected[at * kColumns + c] += gradient * x[row * kColumns + c];
                        }
                    }
                }
            }
            std::vector<float> alone;
            for (const int threads : {1, 2, 5}) {
                const auto pool = threads > 1 ? started_pool(threads) : nullptr;
                WeightGradients sums(kernels);
                sums.add({
                    .steps = kSteps,
                    .batch = batch,
                    .x = x.data(),
                    .x_stride = kColumns,
                    .columns = kColumns,
                    .g = g.data(),
                    .g_stride = static_cast<std::size_t>(stride),
                    .slots = {.first = 0, .count = kSlots, .gates = {gates[0], gates[1], gates[2]}},
                    .slot_size = static_cast<std::size_t>(width),
                    .units = kUnits,
                    .weight = {0, kSlots * kUnits, kColumns},
                    .bias = {weights, kSlots * kUnits, 1},
                });
                std::vector<float> found(expected.size());
                sums.run(found, pool.get());
                if (threads == 1) alone = found;
                CHECK(found == alone);
                CHECK(largest_difference(found, expected.data(), found.size()) < 1e-4);
            }
        }
    });
}

TEST_CASE("gradients too small for a normal float are 0 on every thread") {
    TrainerSpec spec;
    spec.network = {.cell = gatecast::Cell::gru, .input_size = 2, .hidden_size = 64, .head_size = 1};
    spec.window = 9;
    spec.horizon = 1;
    spec.targets = {0};
    spec.head = gatecast::find_head("mse");
    spec.batch = 16;
    std::vector<float> rows = random_values(80, 914);
    for (float& value : rows) value *= 1e-20f;
    std::vector<int> starts(spec.batch);
    for (int b = 0; b < spec.batch; ++b) starts[b] = b;
    on_every_kernel([&](const Kernels& kernels) {
        std::vector<float> initial = random_parameters(spec.network, 915);
        // Without a bias the forecast is as small as the rows, and so is the gradient.
        const gatecast::ParameterLayout layout(spec.network);
        for (const gatecast::MatrixRange& range :
             {layout.cells[0].bias_ih, layout.cells[0].bias_hh, layout.head_bias}) {
            std::fill_n(initial.begin() + range.offset, range.size(), 0.0f);
        }
        for (const int threads : {1, 2}) {
            Trainer trainer(spec, kernels, rows, initial, {}, {}, {}, threads > 1 ? started_pool(threads) : nullptr);
            trainer.learn(starts, 1e-6f);
            const gatecast::MatrixRange& range = layout.cells[0].weight_ih;
            CHECK(std::ranges::all_of(trainer.gradients(), [](float gradient) {
                return gradient == 0 || std::fabs(gradient) >= std::numeric_limits<float>::min();
            }));
            CHECK(std::ranges::all_of(trainer.gradients().subspan(range.offset, range.size()),
                                      [](float gradient) { return gradient == 0; }));
        }
    });
}

TEST_CASE("a state of the optimiser of any size ruins no weight") {
    TrainerSpec spec;
    spec.network = {.cell = gatecast::Cell::gru, .input_size = 1, .hidden_size = 4, .head_size = 1};
    spec.window = 4;
    spec.horizon = 1;
    spec.targets = {0};
    spec.head = gatecast::find_head("mse");
    spec.batch = 1;
    const std::vector<float> initial = random_parameters(spec.network, 916);
    Trainer trainer(spec, *kernels_here().front(), random_values(20, 917), initial);
    std::ranges::fill(trainer.adam().mean(), std::numeric_limits<float>::max());
    const int start = 3;
    trainer.learn({&start, 1}, 1.0f);
    CHECK(std::ranges::equal(trainer.parameters(), initial));
    trainer.adam() = gatecast::Adam(initial.size(), 0);
    trainer.learn({&start, 1}, 0.01f);
    CHECK_FALSE(std::ranges::equal(trainer.parameters(), initial));
    CHECK(gatecast::all_finite(trainer.parameters()));
}
