#include "core/isa/list.h"
#include "core/isa/target.h"

#if GATECAST_X86
#include <cmath>

#include <immintrin.h>

GATECAST_TARGET_BEGIN("avx2,fma")
namespace gatecast {
namespace {
#include "core/isa/vector-avx2.inl.h"
// Needs the vector above.
#include "core/cells/kernels.inl.h"
// Need the kernels above.
#include "core/cells/bf16.inl.h"
#include "core/cells/int8.inl.h"
} // namespace
constinit const Kernels kAvx2Kernels = make_kernels("avx2", precision_kernels<Bf16>(), precision_kernels<Int8>());
} // namespace gatecast
GATECAST_TARGET_END
#endif
