#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <set>
#include <string>

#include "kernel_list.h"
#include "sequences.h"

using gatecast::Cell;
using gatecast::Kernels;
using gatecast::NetworkSpec;

namespace {

/// The output of the head of a network with one input and one unit: w * h + b, where h is the unit's state after one
/// step. The numbers are chosen so that rounding the product first gives other bits than rounding once.
struct Fingerprint {
    float h, answer, rounded_twice, rounded_once;
};

Fingerprint fingerprint(const Kernels& kernels) {
    const NetworkSpec spec{.cell = gatecast::Cell::gru, .input_size = 1, .hidden_size = 1, .head_size = 1};
    const gatecast::ParameterLayout layout(spec);
    std::vector<float> parameters = random_values(layout.size, 5);
    const float x = 0.75f;
    Fingerprint result{};
    gatecast::States state(make_network(spec, kernels, parameters));
    state.step(0, &x, &result.answer);
    state.read(0, {&result.h, 1});
    // The bias cancels the rounded product, so that its rounding error remains, or nothing.
    const float weight = 0.7f;
    volatile float product = weight * result.h;
    parameters[layout.head_weight.offset] = weight;
    parameters[layout.head_bias.offset] = -product;
    gatecast::States tuned(make_network(spec, kernels, parameters));
    tuned.step(0, &x, &result.answer);
    result.rounded_twice = 0;
    result.rounded_once = std::fma(weight, result.h, -product);
    return result;
}

} // namespace

TEST_CASE("the list of kernels is ordered, complete and ends with scalar") {
    const std::vector<const Kernels*> list = kernels_here();
    REQUIRE_FALSE(list.empty());
    CHECK(std::string(list.back()->name) == "scalar");
    const std::vector<std::string> order = {"avx512", "avx2", "neon", "scalar"};
    std::size_t last = 0;
    for (const Kernels* kernels : list) {
        const std::size_t place = std::find(order.begin(), order.end(), kernels->name) - order.begin();
        REQUIRE(place < order.size());
        CHECK(place >= last);
        last = place;
        CHECK(gatecast::find_kernels(kernels->name) == kernels);
    }
    CHECK(gatecast::find_kernels("sse9") == nullptr);
    CHECK(gatecast::find_kernels("") == nullptr);
#if defined(__x86_64__) && defined(__GNUC__)
    CHECK((gatecast::find_kernels("avx2") != nullptr) ==
          (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")));
    CHECK(gatecast::find_kernels("neon") == nullptr);
#elif defined(__aarch64__)
    CHECK(gatecast::find_kernels("neon") != nullptr);
    CHECK(gatecast::find_kernels("avx2") == nullptr);
#endif
}

TEST_CASE("no two kernel tables share a function") {
    std::set<const void*> functions;
    std::size_t count = 0;
    for (const Kernels* kernels : kernels_here()) {
        const auto add = [&](auto function) {
            functions.insert(reinterpret_cast<const void*>(function));
            ++count;
        };
        for (const gatecast::CellTraits& cell : gatecast::kCellTraits) {
            add(kernels->f32.of(cell.cell).inputs);
            add(kernels->f32.of(cell.cell).step);
            add(kernels->gradient_of(cell.cell).backward);
            if (cell.late_gates > 0) add(kernels->gradient_of(cell.cell).finish);
        }
        add(kernels->f32.linear);
        add(kernels->outer);
        add(kernels->sigmoid);
        add(kernels->tanh);
    }
    CHECK(functions.size() == count);
}

TEST_CASE("a network runs the kernels that it was given, as their rounding shows") {
    on_every_kernel([](const Kernels& kernels) {
        const Fingerprint print = fingerprint(kernels);
        REQUIRE(print.rounded_once != print.rounded_twice);
        const bool is_scalar = std::strcmp(kernels.name, "scalar") == 0;
#if defined(__FMA__) || defined(__aarch64__)
        // Here the compiler may fuse the plain C++ of the scalar kernels as well.
        const bool may_fuse = is_scalar;
#else
        const bool may_fuse = false;
#endif
        if (may_fuse) return;
        CHECK(print.answer == (is_scalar ? print.rounded_twice : print.rounded_once));
    });
}
