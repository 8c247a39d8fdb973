#include <cstddef>
#include <cstdint>
#include <string>

#include "native/ceilings.h"
#include "native/clock.h"

namespace gatecast::bench {
namespace {

using Bits = std::uint64_t;
using Floats = float;
constexpr int kChains = 12;

inline Bits load(const void* p) {
    return *static_cast<const Bits*>(p);
}
inline Bits fold(Bits a, Bits b) {
    return a | b;
}
inline Floats broadcast(float value) {
    return value;
}
// Not std::fma, which is a call where the machine may lack the instruction.
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
