#include <cstring>

#include "core/isa/list.h"

#if GATECAST_X86 && defined(_MSC_VER) && !defined(__clang__)
#include <intrin.h>
#endif

namespace gatecast {
namespace {

#if GATECAST_X86 && defined(_MSC_VER) && !defined(__clang__)

// Leaf 7 lists the instructions; XCR0 says whether the operating system saves the registers that they use.
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
bool has_avx512_vnni() {
    return has_bits(7, 2, 1u << 11, 0xe6);
}
bool has_avx512_bf16() {
    int info[4];
    __cpuidex(info, 7, 1);
    return (info[0] >> 5) & 1;
}

#elif GATECAST_X86

bool has_avx2() {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
bool has_avx512() {
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq");
}
bool has_avx512_vnni() {
    return __builtin_cpu_supports("avx512vnni");
}
bool has_avx512_bf16() {
    return __builtin_cpu_supports("avx512bf16");
}

#endif

#if GATECAST_X86
/// Some processors with AVX-512 lack its products in low precision; those of AVX2 serve there.
Kernels avx512() {
    Kernels kernels = kAvx512Kernels;
    kernels.bf16 = has_avx512_bf16() ? kAvx512Bf16Kernels : kAvx2Kernels.bf16;
    kernels.int8 = has_avx512_vnni() ? kAvx512VnniKernels : kAvx2Kernels.int8;
    return kernels;
}
#endif

/// The one ordered list: best first; the last always fits.
class Available {
  public:
    Available() {
#if GATECAST_X86
        if (has_avx512()) add(avx512());
        if (has_avx2()) add(kAvx2Kernels);
#elif GATECAST_ARM
        add(kNeonKernels);
#endif
        add(kScalarKernels);
    }

    const Kernels* const* list() const {
        return list_;
    }

  private:
    void add(const Kernels& kernels) {
        tables_[count_] = kernels;
        list_[count_] = &tables_[count_];
        ++count_;
    }

    static constexpr int kMost = 3;
    Kernels tables_[kMost]{};
    const Kernels* list_[kMost + 1]{};
    int count_ = 0;
};

} // namespace

const Kernels* const* available_kernels() {
    static const Available available;
    return available.list();
}

const Kernels* find_kernels(const char* name) {
    for (auto kernels = available_kernels(); *kernels != nullptr; ++kernels) {
        if (std::strcmp((*kernels)->name, name) == 0) return *kernels;
    }
    return nullptr;
}

} // namespace gatecast
