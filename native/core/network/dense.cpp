#include "core/network/dense.h"

#include <algorithm>
#include <cmath>

#include "core/cells/pack.h"

namespace gatecast {

DenseLayers::DenseLayers(const Kernels& kernels, Activation activation, std::span<const int> sizes,
                         std::span<const float> parameters)
    : kernels_(kernels), activation_(activation), sizes_(sizes.begin(), sizes.end()) {
    const float* weight = parameters.data();
    for (std::size_t layer = 0; layer + 1 < sizes.size(); ++layer) {
        const int columns = sizes[layer], rows = sizes[layer + 1];
        const float* bias = weight + static_cast<std::size_t>(rows) * columns;
        panels_.push_back(
            pack_linear(kernels.f32, rows, columns, bias, {weight, static_cast<std::size_t>(columns), 1}));
        outputs_.emplace_back(padded(rows));
        weight = bias + rows;
    }
}

std::size_t DenseLayers::parameter_count(std::span<const int> sizes) {
    std::size_t count = 0;
    for (std::size_t layer = 0; layer + 1 < sizes.size(); ++layer) {
        count += (static_cast<std::size_t>(sizes[layer]) + 1) * sizes[layer + 1];
    }
    return count;
}

std::span<const float> DenseLayers::run(std::span<float> values) {
    for (std::size_t layer = 0; layer < panels_.size(); ++layer) {
        activate(values);
        AlignedBuffer& output = outputs_[layer];
        kernels_.f32.linear({
            .panels = panels_[layer].data(),
            .inputs = sizes_[layer],
            .outputs = sizes_[layer + 1],
            .batch = 1,
            .x = values.data(),
            .x_stride = 0,
            .y = output.data(),
            .y_stride = 0,
            .accumulate = false,
            .scratch = nullptr,
        });
        values = {output.data(), output.size()};
    }
    return values.first(output_size());
}

void DenseLayers::activate(std::span<float> values) const {
    if (activation_ == Activation::tanh) {
        kernels_.tanh(values.data(), values.data(), static_cast<int>(values.size()));
        return;
    }
    for (float& value : values) {
        if (value < 0) value = activation_ == Activation::relu ? 0.0f : std::expm1(value);
    }
}

} // namespace gatecast
