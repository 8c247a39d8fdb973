#include <array>
#include <cstring>

#include "core/isa/list.h"

#if GATECAST_X86 && defined(_MSC_VER) && !defined(__clang__)
#include <intrin.h>
#endif

namespace gatecast {
namespace {

#if GATECAST_X86 && defined(_MSC_VER) && !defined(__clang__)

// Leaf 7 tells the instructions, XCR0 whether the operating system saves the registers they use.
bool has_bits(int leaf, int reg, unsigned bits, unsigned long long saved) {
    int info[4];
    __cpuidex(info, 1, 0);
    const bool os_saves = (static_cast<unsigned>(info[2]) >> 27) & 1;
    if (!os_saves || (_xgetbv(0) & saved) != saved) return false;
    __cpuidex(info, leaf, 0);
    return (static_cast<unsigned>(info[reg]) & bits) == bits;
}
bool has_avx2() {
    return has_bits(1, 2, 1u << 12 /* FMA */, 0x6) && has_bits(7, 1, 1u << 5, 0x6);
}
bool has_avx512() {
    return has_avx2() && has_bits(7, 1, 1u << 16 | 1u << 17 /* F, DQ */, 0xe6);
}

#elif GATECAST_X86

bool has_avx2() {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
bool has_avx512() {
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq");
}

#endif

struct Candidate {
    const Kernels* kernels;
    bool (*fits)();
};

// The one ordered list: best first; the last always fits.
constexpr Candidate kCandidates[] = {
#if GATECAST_X86
    {&kAvx512Kernels, has_avx512},
    {&kAvx2Kernels, has_avx2},
#elif GATECAST_ARM
    {&kNeonKernels, [] { return true; }},
#endif
    {&kScalarKernels, [] { return true; }},
};

using Available = std::array<const Kernels*, std::size(kCandidates) + 1>;

Available find_available() {
    Available found{};
    std::size_t count = 0;
    for (const Candidate& candidate : kCandidates) {
        if (candidate.fits()) found[count++] = candidate.kernels;
    }
    return found;
}

} // namespace

const Kernels* const* available_kernels() {
    static const Available available = find_available();
    return available.data();
}

const Kernels* find_kernels(const char* name) {
    for (auto kernels = available_kernels(); *kernels != nullptr; ++kernels) {
        if (std::strcmp((*kernels)->name, name) == 0) return *kernels;
    }
    return nullptr;
}

} // namespace gatecast
