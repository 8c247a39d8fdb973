#pragma once

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "core/gatecast.h"

/// The kernels that this machine can run, best first.
inline std::vector<const gatecast::Kernels*> kernels_here() {
    std::vector<const gatecast::Kernels*> list;
    for (auto kernels = gatecast::available_kernels(); *kernels != nullptr; ++kernels) list.push_back(*kernels);
    return list;
}

/// Runs test(kernels) for each of them, naming them in the output of a failed check. With GATECAST_ISA set, runs it for
/// that one alone: if one is emulated, the others have been tested at full speed.
template <class Test>
void on_every_kernel(Test test) {
    const char* only = std::getenv("GATECAST_ISA");
    for (const gatecast::Kernels* kernels : kernels_here()) {
        const std::string isa = kernels->name;
        if (only != nullptr && isa != only) continue;
        CAPTURE(isa);
        test(*kernels);
    }
}

/// Runs test(kernels, precision) for each of them in each precision.
template <class Test>
void on_every_precision(Test test) {
    on_every_kernel([&](const gatecast::Kernels& kernels) {
        for (const auto& [precision, precision_name] : {std::pair{gatecast::Precision::f32, "f32"},
                                                        {gatecast::Precision::bf16, "bf16"},
                                                        {gatecast::Precision::int8, "int8"}}) {
            const std::string in = precision_name;
            CAPTURE(in);
            test(kernels, precision);
        }
    });
}
