#include "core/train/weight-gradients.h"

#include <algorithm>

namespace gatecast {
namespace {

/// Lanes of a part: whole strips of every `outer` kernel, and few enough that threads end together.
constexpr int kLanesOfPart = 48;

std::size_t sums_of(int columns, int lanes) {
    return (static_cast<std::size_t>(columns) + 1) * lanes;
}

} // namespace

void WeightGradients::add(const WeightProduct& product) {
    const int lanes = product.slots.count * static_cast<int>(product.slot_size);
    for (int first = 0; first < lanes; first += kLanesOfPart) {
        const std::size_t at =
            parts_.empty() ? 0 : parts_.back().at + sums_of(parts_.back().product.columns, parts_.back().lanes);
        parts_.push_back({product, first, std::min(kLanesOfPart, lanes - first), at});
    }
}

void WeightGradients::run(std::span<float> gradients, Pool* pool) {
    if (parts_.empty()) return;
    const std::size_t size = parts_.back().at + sums_of(parts_.back().product.columns, parts_.back().lanes);
    if (sums_.size() < size) sums_ = AlignedBuffer(size);
    auto job = [&](int part) { run_part(parts_[part], gradients); };
    const int count = static_cast<int>(parts_.size());
    if (pool != nullptr) {
        pool->run(count, job);
    } else {
        for (int part = 0; part < count; ++part) job(part);
    }
}

void WeightGradients::run_part(const Part& part, std::span<float> gradients) {
    const WeightProduct& product = part.product;
    const std::size_t stride = part.lanes;
    float* of_weight = sums_.data() + part.at;
    float* of_bias = of_weight + product.columns * stride;
    std::fill(of_weight, of_bias + stride, 0.0f);
    kernels_.outer({
        .rows = product.rows,
        .columns = product.columns,
        .lanes = part.lanes,
        .x = product.x,
        .x_stride = product.x_stride,
        .g = product.g + part.first,
        .g_stride = product.g_stride,
        .out = of_weight,
        .out_stride = stride,
        .sums = of_bias,
    });
    scatter(part, of_weight, stride, product.weight, gradients);
    if (product.bias.rows > 0) scatter(part, of_bias, stride, product.bias, gradients);
}

/// Adds sums [range.columns][lanes] to the rows of the range that these lanes are. Sixteen lanes at once, so that each
/// line of the sums is read once.
void WeightGradients::scatter(const Part& part, const float* sums, std::size_t stride, const MatrixRange& range,
                              std::span<float> gradients) {
    const WeightProduct& product = part.product;
    const int slot_size = static_cast<int>(product.slot_size);
    for (int lane = 0; lane < part.lanes; lane += kPadding) {
        const int slot = (part.first + lane) / slot_size, unit = (part.first + lane) % slot_size;
        const int count = std::min(kPadding, product.units - unit);
        const std::size_t row = static_cast<std::size_t>(product.slots.gates[slot]) * product.units + unit;
        float* to = gradients.data() + range.offset + row * range.columns;
        for (int k = 0; k < range.columns; ++k) {
            for (int u = 0; u < count; ++u) {
                to[static_cast<std::size_t>(u) * range.columns + k] += sums[k * stride + lane + u];
            }
        }
    }
}

} // namespace gatecast
