#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/gatecast.h"
#include "core/heads/log-gamma.h"
#include "golden_file.h"

using gatecast::Head;
using gatecast::Truth;

TEST_CASE("the gradient of each head is that of its loss, times the scale") {
    const std::vector<float> levels = {0.1f, 0.5f, 0.8f};
    const float scale = 0.25f, step = 1e-2f;
    for (const Head* head : gatecast::heads()) {
        CAPTURE(head->loss);
        const std::span<const float> own = head->has_levels() ? std::span(levels) : std::span<const float>();
        const std::size_t outputs = head->fixed_outputs > 0 ? head->fixed_outputs : 3;
        REQUIRE(head->takes(outputs, own.size()));
        CHECK_FALSE(head->takes(head->has_classes() ? 0 : outputs + 1, own.size()));
        const Truth truth = head->truths == gatecast::Truths::scaled ? Truth{0.7f} : Truth{2, 1.5f};
        for (const float from : {-1.5f, 0.2f, 1.9f}) {
            std::vector<float> at, gradient(outputs), unused(outputs);
            for (std::size_t k = 0; k < outputs; ++k) at.push_back(from + 0.3f * static_cast<float>(k));
            const auto loss = [&](std::vector<float>& out) {
                return head->loss_and_gradient(own, truth, at, scale, out.data());
            };
            const double value = loss(gradient);
            CHECK(value == loss(unused)); // and the gradient is written, not added
            for (std::size_t k = 0; k < outputs; ++k) {
                const float middle = at[k], above = middle + step, below = middle - step;
                at[k] = above;
                const double more = loss(unused);
                at[k] = below;
                const double less = loss(unused);
                at[k] = middle;
                const double expected = scale * (more - less) / (static_cast<double>(above) - below);
                CHECK(gradient[k] == doctest::Approx(expected).epsilon(1e-3));
            }
        }
    }
}

TEST_CASE("losses and gradients are those of PyTorch's distributions") {
    const GoldenFile file = golden_files("head").front();
    for (const char* name : {"gaussian", "student-t", "negative-binomial", "classes"}) {
        CAPTURE(name);
        const auto part = [&](const char* of) { return file.tensor(std::string(name) + of); };
        const GoldenTensor outputs = part(".outputs"), gradients = part(".gradient");
        const std::vector<float> truths = part(".truth").data, units = part(".unit").data, losses = part(".loss").data;
        const std::size_t cases = outputs.shape[0], width = outputs.shape[1];
        const Head& head = *gatecast::find_head(name);
        double largest = 0;
        for (std::size_t i = 0; i < cases; ++i) {
            std::vector<float> gradient(width);
            const std::span<const float> own(outputs.data.data() + i * width, width);
            const double loss = head.loss_and_gradient({}, {truths[i], units[i]}, own, 1, gradient.data());
            CHECK(loss == doctest::Approx(losses[i]).epsilon(1e-6));
            for (std::size_t k = 0; k < width; ++k) {
                const double expected = gradients.data[i * width + k];
                largest = std::max(largest, std::fabs(gradient[k] - expected) / std::max(1.0, std::fabs(expected)));
            }
        }
        CHECK(largest < 1e-6);
    }
}

TEST_CASE("losses and gradients are finite whatever the outputs") {
    for (const Head* head : gatecast::heads()) {
        CAPTURE(head->loss);
        if (head->truths == gatecast::Truths::scaled && head->fixed_outputs < 2) continue; // squares of 3e38 are not
        const std::size_t outputs = head->fixed_outputs > 0 ? head->fixed_outputs : 2;
        for (const float first : {-3e38f, -200.0f, 1.0f, 200.0f, 3e38f}) {
            for (const float other : {-3e38f, -200.0f, 1.0f, 200.0f, 3e38f}) {
                const bool far = std::fabs(first) > 1e30f && head->truths == gatecast::Truths::scaled;
                std::vector<float> at(outputs, other), gradient(outputs);
                at[0] = far ? 1 : first;
                const double loss = head->loss_and_gradient({}, {1, 3}, at, 1, gradient.data());
                CHECK(std::isfinite(loss));
                CHECK(std::ranges::all_of(gradient, [](float value) { return std::isfinite(value); }));
            }
        }
    }
}

TEST_CASE("the logarithm of the gamma function and its derivative have their known values") {
    const double euler = 0.57721566490153286061;
    double factorial = 1, harmonic = 0;
    for (int n = 1; n < 60; ++n) {
        CHECK(gatecast::log_gamma(n).value == doctest::Approx(std::log(factorial)).epsilon(1e-14));
        CHECK(gatecast::log_gamma(n).slope == doctest::Approx(harmonic - euler).epsilon(1e-13));
        factorial *= n;
        harmonic += 1.0 / n;
    }
    for (const double x : {1e-30, 1e-3, 0.3, 0.5, 2.5, 15.9, 16.1, 1e3, 1e8}) {
        CHECK(gatecast::log_gamma(x).value == doctest::Approx(std::lgamma(x)).epsilon(1e-14));
    }
    CHECK(gatecast::log_gamma(0.5).slope == doctest::Approx(-euler - 2 * std::log(2.0)).epsilon(1e-14));
}

TEST_CASE("heads are found by the names of their losses, which differ") {
    for (const Head* head : gatecast::heads()) CHECK(gatecast::find_head(head->loss) == head);
    CHECK(gatecast::find_head("") == nullptr);
    CHECK(gatecast::find_head("quantiles") == nullptr);
}
