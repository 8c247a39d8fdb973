#include <cstddef>
#include <cstdint>
#include <string>

#include "native/ceilings.h"
#include "native/clock.h"

#if defined(__aarch64__)

#include <arm_neon.h>
#if defined(__linux__)
#include <sys/auxv.h>
#endif

namespace gatecast::bench {
namespace {

using Bits = uint8x16_t;
using Floats = float32x4_t;
constexpr std::size_t kVector = 16;
constexpr int kChains = 24;

inline void touch(const void* p) {
    asm volatile("ldr q0, %0" : : "m"(*static_cast<const Bits*>(p)) : "v0");
}
inline Floats broadcast(float value) {
    return vdupq_n_f32(value);
}
inline Floats fma(Floats a, Floats b, Floats c) {
    return vfmaq_f32(c, a, b);
}

#include "native/ceilings_body.inl.h"

// As assembly: the intrinsics need flags for the whole file.
double int8_peak(long count) {
    volatile std::int8_t factor = 3;
    const int8x16_t a = vdupq_n_s8(factor);
    chain(vreinterpretq_s32_s8(a), count, [=](int32x4_t sum) {
        asm(".arch armv8.2-a+dotprod\n\tsdot %0.4s, %1.16b, %1.16b" : "+w"(sum) : "w"(a));
        return sum;
    });
    return 2.0 * count * kChains * 16;
}

double bf16_peak(long count) {
    volatile std::uint16_t half = 0x3f00;
    const uint16x8_t a = vdupq_n_u16(half);
    chain(broadcast(0.5f), count, [=](Floats sum) {
        asm(".arch armv8.2-a+bf16\n\tbfdot %0.4s, %1.8h, %1.8h" : "+w"(sum) : "w"(a));
        return sum;
    });
    return 2.0 * count * kChains * 8;
}

bool has_dot() {
#if defined(__linux__)
    return getauxval(AT_HWCAP) >> 20 & 1; // HWCAP_ASIMDDP
#else
    return true;
#endif
}

bool has_bf16() {
#if defined(__linux__)
    return getauxval(AT_HWCAP2) >> 14 & 1; // HWCAP2_BF16
#else
    return false;
#endif
}

} // namespace

const Ceilings* neon_ceilings() {
    static const Ceilings table{"neon", read, f32_peak, has_bf16() ? bf16_peak : nullptr,
                                has_dot() ? int8_peak : nullptr};
    return &table;
}

} // namespace gatecast::bench

#else

namespace gatecast::bench {
const Ceilings* neon_ceilings() {
    return nullptr;
}
} // namespace gatecast::bench

#endif
