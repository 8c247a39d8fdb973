#include <cstddef>
#include <cstdint>
#include <string>

#include "native/ceilings.h"
#include "native/clock.h"

namespace gatecast::bench {
namespace {

// What a compiler uses without naming an instruction set.
using Floats = float __attribute__((vector_size(16)));
constexpr std::size_t kVector = sizeof(Floats);
constexpr int kChains = 12;

inline void touch(const void* p) {
    static_cast<void>(*static_cast<const volatile Floats*>(p));
}
inline Floats broadcast(float value) {
    return Floats{value, value, value, value};
}
// Not std::fma, which is a call if the machine may lack the instruction.
inline Floats fma(Floats a, Floats b, Floats c) {
    return a * b + c;
}

#include "native/ceilings_body.inl.h"

} // namespace

const Ceilings* plain_ceilings() {
    static const Ceilings table{"scalar", read, f32_peak, nullptr, nullptr};
    return &table;
}

} // namespace gatecast::bench
