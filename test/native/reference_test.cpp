#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "sequences.h"

// The float64 reference, against which everything else is tested, is itself tested against PyTorch in float64. The
// remaining difference is the rounding of the golden values to float32.
TEST_CASE("the reference equals PyTorch on every golden network") {
    for (const GoldenFile& file : golden_files("network")) {
        CAPTURE(file.name);
        const gatecast::NetworkSpec spec = spec_of(file);
        const int steps = file.integer("steps"), batch = file.integer("batch"), every = file.integer("outputEvery");
        const auto values = [&](const std::string& name) {
            const auto found = file.tensors.find(name);
            return found == file.tensors.end() ? std::vector<double>() : converted<double>(found->second.data);
        };
        const TrueSequences result = run_reference(spec, converted<double>(parameters_of(file, spec)), steps, batch,
                                                   values("input"), values("h0"), values("c0"));

        double worst = largest_difference(result.h, values("hn"), result.h.size());
        worst = std::max(worst, largest_difference(result.c, values("cn"), result.c.size()) / 4);
        const std::vector<double> expected = values("output");
        const std::size_t width = static_cast<std::size_t>(batch) * spec.output_size();
        double largest = 1; // outputs of layers that are normalised, or to which their input is added, exceed 1
        for (const double value : expected) largest = std::max(largest, std::abs(value));
        for (int row = 0; row < steps / every; ++row) {
            const double* actual = result.output.data() + ((row + 1) * every - 1) * width;
            worst = std::max(worst, largest_difference(actual, expected.data() + row * width, width) / largest);
        }
        CHECK(worst <= 6e-8); // half a unit in the last place of values up to 1; c reaches 4
    }
}
