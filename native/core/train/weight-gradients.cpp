#include "core/train/weight-gradients.h"

#include <algorithm>

#include "core/train/turns.h"

namespace gatecast {
namespace {

/// Lanes of a strip: whole strips of every `outer` kernel, and few enough that threads end together
constexpr int kLanesOfStrip = 48;

/// A smaller batch is summed at once: a second list of sums would cost more than it saves.
constexpr int kLeastHalved = 8;

} // namespace

void WeightGradients::add(const WeightProduct& product) {
    const int lanes = product.slots.count * static_cast<int>(product.slot_size);
    for (int first = 0; first < lanes; first += kLanesOfStrip) {
        strips_.push_back({product, first, std::min(kLanesOfStrip, lanes - first), sums_size()});
    }
}

void WeightGradients::run(std::span<float> gradients, Pool* pool) {
    if (strips_.empty()) return;
    const int count = static_cast<int>(strips_.size()), batch = strips_.front().product.batch;
    const int halves = batch >= kLeastHalved ? 2 : 1, first_half = (batch + halves - 1) / halves;
    const std::size_t size = sums_size();
    if (sums_.size() < halves * size) sums_ = AlignedBuffer(halves * size);
    float* sums = sums_.data();
    take_turns(pool, halves * count, [&](int, int turn) {
        const Strip& strip = strips_[turn % count];
        if (turn < count) {
            add_up(strip, 0, first_half, sums + strip.at);
        } else {
            add_up(strip, first_half, batch - first_half, sums + size + strip.at);
        }
    });
    take_turns(pool, count, [&](int, int turn) {
        const Strip& strip = strips_[turn];
        const WeightProduct& product = strip.product;
        const float* of_weight = sums + strip.at;
        const float* of_bias = of_weight + static_cast<std::size_t>(product.columns) * strip.lanes;
        const std::size_t others = halves == 2 ? size : 0;
        scatter(strip, of_weight, others, product.weight, gradients);
        if (product.bias.rows > 0) scatter(strip, of_bias, others, product.bias, gradients);
    });
}

/// The sums of a strip over `rows` rows of each step, from `first` on
void WeightGradients::add_up(const Strip& strip, int first, int rows, float* sums) const {
    const WeightProduct& product = strip.product;
    const std::size_t stride = strip.lanes;
    float* of_bias = sums + product.columns * stride;
    std::fill(sums, of_bias + stride, 0.0f);
    const bool all = rows == product.batch; // then the rows of all steps follow one another
    kernels_.outer({
        .rows = all ? product.steps * rows : rows,
        .runs = all ? 1 : product.steps,
        .period = static_cast<std::size_t>(product.batch),
        .columns = product.columns,
        .lanes = strip.lanes,
        .x = product.x + first * product.x_stride,
        .x_stride = product.x_stride,
        .g = product.g + first * product.g_stride + strip.first,
        .g_stride = product.g_stride,
        .out = sums,
        .out_stride = stride,
        .sums = of_bias,
    });
}

/// Adds sums [range.columns][lanes], and those of the other half if they are not 0 floats away, to the rows of the
/// range that these lanes are. Sixteen lanes at once, so that each line of the sums is read once.
void WeightGradients::scatter(const Strip& strip, const float* sums, std::size_t others, const MatrixRange& range,
                              std::span<float> gradients) {
    const WeightProduct& product = strip.product;
    const int slot_size = static_cast<int>(product.slot_size);
    for (int lane = 0; lane < strip.lanes; lane += kPadding) {
        const int slot = (strip.first + lane) / slot_size, unit = (strip.first + lane) % slot_size;
        const int count = std::min(kPadding, product.units - unit);
        const std::size_t row = static_cast<std::size_t>(product.slots.gates[slot]) * product.units + unit;
        float* to = gradients.data() + range.offset + row * range.columns;
        for (int k = 0; k < range.columns; ++k) {
            const float* of_column = sums + static_cast<std::size_t>(k) * strip.lanes + lane;
            for (int u = 0; u < count; ++u) {
                const float sum = others > 0 ? of_column[u] + of_column[others + u] : of_column[u];
                to[static_cast<std::size_t>(u) * range.columns + k] += sum;
            }
        }
    }
}

} // namespace gatecast
