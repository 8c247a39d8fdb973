#include "cases.h"

#include <cmath>
#include <random>
#include <stdexcept>

using gatecast::NetworkSpec;

std::string name_of(const NetworkSpec& spec) {
    std::string name(spec.traits().name);
    if (!spec.traits().linear_before_reset) name += "-reset-before";
    if (spec.proj_size > 0) name += "-proj";
    name += "-" + std::to_string(spec.num_layers);
    if (!spec.bias) name += "-nobias";
    if (spec.bidirectional) name += "-bi";
    if (spec.layer_norm) name += "-norm";
    if (spec.residual) name += "-residual";
    if (spec.attention > 0) name += "-attention-" + std::to_string(spec.attention);
    return name;
}

namespace {

/// Each way of changing what a layer passes on, with the other options in turn.
constexpr NetworkSpec kChangedLayers[] = {
    {.num_layers = 1, .layer_norm = true},
    {.num_layers = 2, .residual = true},
    {.num_layers = 2, .layer_norm = true, .residual = true},
    {.num_layers = 3, .bias = false, .layer_norm = true},
    {.num_layers = 3, .bidirectional = true, .layer_norm = true, .residual = true},
};

} // namespace

std::vector<NetworkSpec> every_combination(int input_size, int hidden_size, int proj_size) {
    std::vector<NetworkSpec> specs;
    for (const gatecast::CellTraits& cell : gatecast::kCellTraits) {
        for (const int projection : {0, proj_size}) {
            if (projection > 0 && !cell.may_project) continue;
            for (const int layers : {1, 2, 3}) {
                for (const bool bias : {true, false}) {
                    for (const bool bidirectional : {false, true}) {
                        specs.push_back({.cell = cell.cell,
                                         .input_size = input_size,
                                         .hidden_size = hidden_size,
                                         .proj_size = projection,
                                         .num_layers = layers,
                                         .bias = bias,
                                         .bidirectional = bidirectional});
                    }
                }
            }
            for (NetworkSpec spec : kChangedLayers) {
                spec.cell = cell.cell;
                spec.input_size = input_size;
                spec.hidden_size = hidden_size;
                spec.proj_size = projection;
                specs.push_back(spec);
            }
        }
    }
    return specs;
}

std::vector<std::string> parameter_names(const NetworkSpec& spec) {
    std::vector<std::string> names;
    for (int layer = 0; layer < spec.num_layers; ++layer) {
        for (int direction = 0; direction < spec.directions(); ++direction) {
            const std::string suffix = "_l" + std::to_string(layer) + (direction == 1 ? "_reverse" : "");
            names.push_back("weight_ih" + suffix);
            names.push_back("weight_hh" + suffix);
            if (spec.bias) {
                names.push_back("bias_ih" + suffix);
                names.push_back("bias_hh" + suffix);
            }
            if (spec.proj_size > 0) names.push_back("weight_hr" + suffix);
        }
        if (spec.layer_norm) {
            names.push_back("norm_l" + std::to_string(layer) + ".weight");
            names.push_back("norm_l" + std::to_string(layer) + ".bias");
        }
    }
    if (spec.attention > 0) {
        names.push_back("attention.weight");
        names.push_back("attention.bias");
    }
    if (spec.head_size > 0) {
        names.push_back("head.weight");
        names.push_back("head.bias");
    }
    return names;
}

NetworkSpec spec_of(const GoldenFile& file) {
    NetworkSpec spec;
    spec.cell = gatecast::find_cell(file.metadata.at("cell"), file.integer("linearBeforeReset") != 0).value();
    spec.input_size = file.integer("inputSize");
    spec.hidden_size = file.integer("hiddenSize");
    spec.proj_size = file.integer("projSize");
    spec.num_layers = file.integer("numLayers");
    spec.bias = file.integer("bias") != 0;
    spec.bidirectional = file.integer("bidirectional") != 0;
    if (file.metadata.count("headSize") > 0) spec.head_size = file.integer("headSize");
    if (file.metadata.count("attention") > 0) spec.attention = file.integer("attention");
    spec.layer_norm = file.metadata.count("layerNorm") > 0 && file.integer("layerNorm") != 0;
    spec.residual = file.metadata.count("residual") > 0 && file.integer("residual") != 0;
    return spec;
}

std::vector<float> parameters_of(const GoldenFile& file, const NetworkSpec& spec, const std::string& prefix) {
    std::vector<float> flat;
    for (const std::string& name : parameter_names(spec)) {
        const std::vector<float>& values = file.tensor(prefix + name).data;
        flat.insert(flat.end(), values.begin(), values.end());
    }
    if (flat.size() != gatecast::ParameterLayout(spec).size) throw std::runtime_error(file.name + ": wrong sizes");
    return flat;
}

std::vector<float> random_values(std::size_t count, std::uint32_t seed, float scale) {
    std::mt19937 generator(seed);
    std::vector<float> values(count);
    for (float& value : values) value = scale * (static_cast<float>(generator() >> 8) * 0x1p-23f - 1.0f);
    return values;
}

std::vector<float> random_parameters(const NetworkSpec& spec, std::uint32_t seed) {
    const float scale = 1.0f / std::sqrt(static_cast<float>(spec.hidden_size));
    return random_values(gatecast::ParameterLayout(spec).size, seed, scale);
}
