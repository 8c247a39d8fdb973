#include <doctest/doctest.h>

#include <vector>

#include "core/gatecast.h"

using gatecast::Head;

TEST_CASE("the gradient of each head is that of its loss, times the scale") {
    const std::vector<float> levels = {0.1f, 0.5f, 0.8f};
    const float truth = 0.7f, scale = 0.25f, step = 1e-2f;
    for (const Head* head : gatecast::heads()) {
        CAPTURE(head->loss);
        const std::span<const float> own = head->has_levels() ? std::span(levels) : std::span<const float>();
        const std::size_t outputs = head->outputs(own.size());
        REQUIRE(outputs > 0);
        for (const float from : {-1.5f, 0.2f, 1.9f}) {
            std::vector<float> at, gradient(outputs), unused(outputs);
            for (std::size_t k = 0; k < outputs; ++k) at.push_back(from + 0.3f * static_cast<float>(k));
            const auto loss = [&](std::vector<float>& out) {
                return head->loss_and_gradient(own, truth, at.data(), scale, out.data());
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

TEST_CASE("heads are found by the names of their losses, which differ") {
    for (const Head* head : gatecast::heads()) CHECK(gatecast::find_head(head->loss) == head);
    CHECK(gatecast::find_head("") == nullptr);
    CHECK(gatecast::find_head("quantiles") == nullptr);
}
