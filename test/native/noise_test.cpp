#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

#include "core/gatecast.h"

using gatecast::Noise;

namespace {

/// Noise of many samples, [samples][horizon]
std::vector<float> sequences(int horizon, double colour, int samples) {
    const Noise noise(7, horizon, colour);
    std::vector<float> all(static_cast<std::size_t>(samples) * horizon), scratch(horizon);
    for (int k = 0; k < samples; ++k) {
        noise.normal({.plan = 1, .iteration = 2, .sample = static_cast<std::uint32_t>(k)},
                     std::span(all).subspan(k * horizon, horizon), scratch);
    }
    return all;
}

} // namespace

TEST_CASE("philox gives the numbers of its authors") {
    // Random123, kat_vectors: philox 4x32 10
    using Four = std::array<std::uint32_t, 4>;
    CHECK(gatecast::philox({0, 0, 0, 0}, {0, 0}) == Four{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
    const std::uint32_t ones = 0xffffffff;
    CHECK(gatecast::philox({ones, ones, ones, ones}, {ones, ones}) ==
          Four{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
    CHECK(gatecast::philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
          Four{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("normal numbers have the moments and the tails of the normal distribution") {
    const std::vector<float> values = sequences(90, 0, 20'000);
    double moments[5] = {};
    int beyond[4] = {};
    for (const double z : values) {
        for (int k = 1; k <= 4; ++k) moments[k] += std::pow(z, k) / values.size();
        for (int k = 1; k <= 3; ++k) beyond[k] += std::abs(z) > k;
    }
    // 1.8 million numbers: five standard errors
    CHECK(std::abs(moments[1]) < 0.004);
    CHECK(std::abs(moments[2] - 1) < 0.006);
    CHECK(std::abs(moments[3]) < 0.015);
    CHECK(std::abs(moments[4] - 3) < 0.04);
    for (int k = 1; k <= 3; ++k) {
        const double expected = std::erfc(k / std::numbers::sqrt2) * values.size();
        CHECK(std::abs(beyond[k] - expected) < 5 * std::sqrt(expected));
    }
}

TEST_CASE("uniform numbers are from 0 to below 1 and fill it evenly") {
    const Noise noise(7, 1, 0);
    std::vector<float> values(160'000);
    noise.uniform({.plan = 0, .iteration = 0, .sample = 0}, values);
    int counts[16] = {};
    for (const float value : values) {
        REQUIRE(value >= 0);
        REQUIRE(value < 1);
        ++counts[static_cast<int>(value * 16)];
    }
    for (const int count : counts) CHECK(std::abs(count - 10'000) < 500);
}

TEST_CASE("noise depends on its place alone, and differs from place to place") {
    const Noise noise(7, 40, 1.5), same(7, 40, 1.5), other(8, 40, 1.5);
    const auto draw = [](const Noise& from, Noise::Place place) {
        std::vector<float> values(120), scratch(120);
        from.normal(place, values, scratch);
        return values;
    };
    const std::vector<float> first = draw(noise, {1, 2, 3});
    draw(noise, {4, 4, 4});
    CHECK(draw(noise, {1, 2, 3}) == first);
    CHECK(draw(same, {1, 2, 3}) == first);
    for (const Noise::Place place : {Noise::Place{2, 2, 3}, {1, 1, 3}, {1, 2, 4}}) CHECK(draw(noise, place) != first);
    CHECK(draw(other, {1, 2, 3}) != first);
}

TEST_CASE("coloured noise has variance 1 at each step and a power that falls with f^-colour") {
    const int samples = 20'000;
    for (const int horizon : {30, 25}) {
        for (const double colour : {0.0, 1.0, 2.0, 3.0}) {
            CAPTURE(horizon);
            CAPTURE(colour);
            const std::vector<float> values = sequences(horizon, colour, samples);
            std::vector<double> variance(horizon), power(horizon / 2 + 1);
            for (int k = 0; k < samples; ++k) {
                const float* x = values.data() + k * horizon;
                for (int t = 0; t < horizon; ++t) variance[t] += x[t] * x[t] / samples;
                for (int f = 1; 2 * f < horizon; ++f) {
                    std::complex<double> sum = 0;
                    for (int t = 0; t < horizon; ++t) {
                        sum += std::polar<double>(x[t], -2 * std::numbers::pi * f * t / horizon);
                    }
                    power[f] += std::norm(sum) / samples;
                }
            }
            for (const double each : variance) CHECK(each == doctest::Approx(1).epsilon(0.05));
            for (int f = 2; 2 * f < horizon; ++f) {
                CHECK(power[f] / power[1] == doctest::Approx(std::pow(f, -colour)).epsilon(0.06));
            }
        }
    }
}
