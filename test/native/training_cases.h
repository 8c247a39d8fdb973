#pragma once

#include <algorithm>
#include <cmath>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "core/gatecast.h"
#include "sequences.h"

/// What the tests of training share: the windows that they learn from, and the float64 reference of loss and gradient.

/// The numbers of a list in the metadata of a golden file
template <class T>
inline std::vector<T> list_of(const std::string& text) {
    std::vector<T> values;
    std::istringstream stream(text);
    for (std::string item; std::getline(stream, item, ',');) values.push_back(static_cast<T>(std::stod(item)));
    return values;
}

/// What a golden file of windows was learned from.
inline gatecast::TrainerSpec trainer_spec_of(const GoldenFile& file) {
    gatecast::TrainerSpec spec;
    spec.network = spec_of(file);
    spec.window = file.integer("window");
    spec.warmup = file.integer("warmup");
    spec.horizon = file.integer("horizon");
    spec.carries = file.metadata.contains("carries");
    spec.targets = list_of<int>(file.metadata.at("targets"));
    spec.anchor = file.integer("anchor") != 0;
    spec.head = gatecast::find_head(file.metadata.at("loss"));
    spec.levels = list_of<float>(file.metadata.at("levels"));
    spec.batch = file.integer("batchSize");
    spec.weight_decay = static_cast<float>(file.number("weightDecay"));
    spec.clip = static_cast<float>(file.number("clipNorm"));
    return spec;
}

/// Windows of 7 rows of three inputs, of which two rows warm up; the inputs 2 and 0 are forecast 2 steps ahead.
inline gatecast::TrainerSpec window_spec(gatecast::NetworkSpec network, const gatecast::Head& head, bool anchor) {
    gatecast::TrainerSpec spec;
    spec.head = &head;
    if (head.has_levels()) spec.levels = {0.2f, 0.5f};
    spec.horizon = 2;
    spec.targets = {2, 0};
    network.input_size = 3;
    network.head_size = 4 * (head.has_levels() ? 2 : head.fixed_outputs);
    spec.network = network;
    spec.window = 7;
    spec.warmup = 2;
    spec.anchor = anchor;
    spec.batch = 4;
    return spec;
}

/// Number `out` of the head, made from the `width` outputs of the network at one step.
inline double head_output(const gatecast::ParameterLayout& layout, const std::vector<double>& parameters, int out,
                          const double* outputs, int width) {
    double sum = parameters[layout.head_bias.offset + out];
    for (int j = 0; j < width; ++j) sum += parameters[layout.head_weight.offset + out * width + j] * outputs[j];
    return sum;
}

/// The loss of output `k` of a value: that of a quantile if the head has levels, else the squared error.
inline double true_loss(const gatecast::TrainerSpec& spec, int k, double truth, double told) {
    if (!spec.head->has_levels()) return (truth - told) * (truth - told);
    const double q = spec.levels[k];
    return std::max(q * (truth - told), (q - 1) * (truth - told));
}

/// The gradient of `loss`, a function of all parameters in float64, by central differences.
template <class Loss>
std::vector<double> finite_differences(const std::vector<float>& at, const Loss& loss) {
    constexpr double kStep = 1e-5;
    std::vector<double> moved = converted<double>(at), result(at.size());
    for (std::size_t i = 0; i < at.size(); ++i) {
        const double before = moved[i];
        moved[i] = before + kStep;
        const double above = loss(moved);
        moved[i] = before - kStep;
        result[i] = (above - loss(moved)) / (2 * kStep);
        moved[i] = before;
    }
    return result;
}

/// |actual - expected| / |expected|, or |actual| if nothing but 0 is expected.
inline double relative_error(std::span<const float> actual, std::span<const double> expected) {
    double error = 0, norm = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        error += (actual[i] - expected[i]) * (actual[i] - expected[i]);
        norm += expected[i] * expected[i];
    }
    return std::sqrt(norm > 0 ? error / norm : error);
}
