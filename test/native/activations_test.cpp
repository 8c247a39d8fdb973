#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "kernel_list.h"

namespace {

constexpr double kTolerance = 2e-7;

double true_sigmoid(double x) {
    return 1 / (1 + std::exp(-x));
}

/// A dense grid where the functions bend, then the values that break approximations.
std::vector<float> finite_inputs() {
    std::vector<float> values;
    for (int i = -200000; i <= 200000; ++i) values.push_back(static_cast<float>(i) * 1e-4f); // [-20, 20]
    for (int i = -11000; i <= 11000; ++i) values.push_back(static_cast<float>(i) * 1e-2f);   // [-110, 110]
    for (int exponent = -149; exponent <= 127; ++exponent) {
        const float power = std::ldexp(1.0f, exponent);
        for (float value : {power, std::nextafter(power, 0.0f), power * 1.5f, std::nextafter(power, HUGE_VALF)}) {
            if (!std::isfinite(value)) continue;
            values.push_back(value);
            values.push_back(-value);
        }
    }
    // Every 4099th bit pattern of all floats.
    for (std::uint64_t bits = 0; bits < (1ull << 32); bits += 4099) {
        const std::uint32_t pattern = static_cast<std::uint32_t>(bits);
        float value;
        std::memcpy(&value, &pattern, sizeof value);
        if (std::isfinite(value)) values.push_back(value);
    }
    for (float value : {0.0f, std::numeric_limits<float>::max(), std::numeric_limits<float>::min(),
                        std::numeric_limits<float>::denorm_min()}) {
        values.push_back(value);
        values.push_back(-value);
    }
    while (values.size() % gatecast::kPadding != 0) values.push_back(0.0f);
    return values;
}

struct Worst {
    double error = 0;
    float at = 0;
    bool in_range = true;
};

Worst measure(const std::vector<float>& x, const std::vector<float>& y, double (*truth)(double), float low) {
    Worst worst;
    for (std::size_t i = 0; i < x.size(); ++i) {
        worst.in_range = worst.in_range && y[i] >= low && y[i] <= 1.0f;
        const double error = std::fabs(y[i] - truth(x[i]));
        if (!(error <= worst.error)) {
            worst.error = error;
            worst.at = x[i];
        }
    }
    return worst;
}

} // namespace

TEST_CASE("sigmoid and tanh are within 2e-7 of float64 for all finite inputs and never out of range") {
    const std::vector<float> x = finite_inputs();
    std::vector<float> y(x.size());
    on_every_kernel([&](const gatecast::Kernels& kernels) {
        kernels.sigmoid(x.data(), y.data(), static_cast<int>(x.size()));
        const Worst sigmoid = measure(x, y, true_sigmoid, 0.0f);
        CAPTURE(sigmoid.at);
        CHECK(sigmoid.error <= kTolerance);
        CHECK(sigmoid.in_range);

        kernels.tanh(x.data(), y.data(), static_cast<int>(x.size()));
        const Worst tanh = measure(
            x, y, [](double v) { return std::tanh(v); }, -1.0f);
        CAPTURE(tanh.at);
        CHECK(tanh.error <= kTolerance);
        CHECK(tanh.in_range);
        MESSAGE(std::string(kernels.name), ": largest error of sigmoid ", sigmoid.error, ", of tanh ", tanh.error);
    });
}

TEST_CASE("activations of infinities and NaN are finite and in range") {
    const float infinity = std::numeric_limits<float>::infinity();
    const float nan = std::numeric_limits<float>::quiet_NaN();
    std::vector<float> x(gatecast::kPadding, 0.0f), y(gatecast::kPadding);
    x[0] = infinity;
    x[1] = -infinity;
    x[2] = nan;
    x[3] = -nan;
    on_every_kernel([&](const gatecast::Kernels& kernels) {
        kernels.sigmoid(x.data(), y.data(), gatecast::kPadding);
        CHECK(y[0] == doctest::Approx(1));
        CHECK(y[1] == doctest::Approx(0));
        for (float value : y) CHECK((value >= 0.0f && value <= 1.0f)); // false for NaN
        kernels.tanh(x.data(), y.data(), gatecast::kPadding);
        CHECK(y[0] == doctest::Approx(1));
        CHECK(y[1] == doctest::Approx(-1));
        for (float value : y) CHECK((value >= -1.0f && value <= 1.0f));
    });
}

TEST_CASE("tanh is odd, keeps the sign of zero, and both functions rise") {
    std::vector<float> x, y;
    for (int i = -4000; i < 4000; ++i) x.push_back(static_cast<float>(i) * 5e-3f);
    std::vector<float> mirrored(x.size()), minus(x.size());
    y.resize(x.size());
    std::transform(x.begin(), x.end(), minus.begin(), [](float v) { return -v; });
    const int size = static_cast<int>(x.size());
    on_every_kernel([&](const gatecast::Kernels& kernels) {
        kernels.tanh(x.data(), y.data(), size);
        kernels.tanh(minus.data(), mirrored.data(), size);
        bool odd = true;
        for (int i = 0; i < size; ++i) odd = odd && y[i] == -mirrored[i];
        CHECK(odd);
        double largest_fall = 0; // neighbours may fall by a rounding, not by more
        for (int i = 1; i < size; ++i) largest_fall = std::max<double>(largest_fall, double(y[i - 1]) - y[i]);
        CHECK(largest_fall <= 2 * kTolerance);
        kernels.sigmoid(x.data(), y.data(), size);
        largest_fall = 0;
        for (int i = 1; i < size; ++i) largest_fall = std::max<double>(largest_fall, double(y[i - 1]) - y[i]);
        CHECK(largest_fall <= 2 * kTolerance);

        float zeros[gatecast::kPadding] = {0.0f, -0.0f}, out[gatecast::kPadding];
        kernels.tanh(zeros, out, gatecast::kPadding);
        CHECK_FALSE(std::signbit(out[0]));
        CHECK(std::signbit(out[1]));
    });
}
