#include "core/isa/list.h"
#include "core/isa/target.h"

#if GATECAST_X86
#include <immintrin.h>

#if defined(__GNUC__) && !defined(__clang__)
// GCC 12's own _mm512_undefined_ps() warns when inlined (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

GATECAST_TARGET_BEGIN("avx512f,avx512dq,avx512bf16,avx2,fma")
namespace gatecast {
namespace {
#include "core/isa/vector-avx512.inl.h"
// Needs the vector above.
#include "core/isa/vector-avx512-bf16.inl.h"
// Need both.
#include "core/cells/products.inl.h"
// Needs the products.
#include "core/cells/bf16.inl.h"
// Need the precision.
#include "core/cells/precision.inl.h"
} // namespace
constinit const PrecisionKernels kAvx512Bf16Kernels = precision_kernels<Bf16>();
} // namespace gatecast
GATECAST_TARGET_END
#endif
