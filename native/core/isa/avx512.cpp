#include "core/isa/list.h"
#include "core/isa/target.h"

#if GATECAST_X86
#include <cmath>

#include <immintrin.h>

#if defined(__GNUC__) && !defined(__clang__)
// GCC 12's own _mm512_undefined_ps() warns when inlined (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

GATECAST_TARGET_BEGIN("avx512f,avx512dq,avx2,fma")
namespace gatecast {
namespace {
#include "core/isa/vector-avx512.inl.h"
// Needs the vector above.
#include "core/cells/kernels.inl.h"
} // namespace
constinit const Kernels kAvx512Kernels = make_kernels("avx512", {}, {});
} // namespace gatecast
GATECAST_TARGET_END
#endif
