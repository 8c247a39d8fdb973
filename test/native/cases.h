#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/gatecast.h"
#include "golden_file.h"

/// "lstm-proj-2-bi" and the like, as the golden files are named
std::string name_of(const gatecast::NetworkSpec& spec);

/// Every combination of cell (also with projection, if it may have one), 1 to 3 layers, bias and direction, and for
/// each cell some with normalised and residual layers. proj_size is for the cells with projection.
std::vector<gatecast::NetworkSpec> every_combination(int input_size, int hidden_size, int proj_size);

/// PyTorch's names of a network's parameters, in the order of the flat array; the head's last.
std::vector<std::string> parameter_names(const gatecast::NetworkSpec& spec);

gatecast::NetworkSpec spec_of(const GoldenFile& file);

/// The flat parameters in a golden file; `prefix` comes before each name.
std::vector<float> parameters_of(const GoldenFile& file, const gatecast::NetworkSpec& spec,
                                 const std::string& prefix = "");

/// Uniform in [-scale, scale); the same numbers for the same seed on every machine.
std::vector<float> random_values(std::size_t count, std::uint32_t seed, float scale = 1.0f);

/// Random parameters of the size PyTorch draws them: uniform within 1 / sqrt(hidden_size).
std::vector<float> random_parameters(const gatecast::NetworkSpec& spec, std::uint32_t seed);

template <class To, class From>
std::vector<To> converted(const std::vector<From>& values) {
    return std::vector<To>(values.begin(), values.end());
}

/// The largest |a - b|; infinite if one of them is not a number.
template <class A, class B>
double largest_difference(const A& a, const B& b, std::size_t size) {
    double largest = 0;
    for (std::size_t i = 0; i < size; ++i) {
        const double difference = static_cast<double>(a[i]) - static_cast<double>(b[i]);
        const double magnitude = difference < 0 ? -difference : difference;
        if (!(magnitude <= largest)) largest = magnitude == magnitude ? magnitude : 1e300;
    }
    return largest;
}
