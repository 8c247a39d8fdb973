#include "core/isa/list.h"
#include "core/isa/target.h"

#if GATECAST_ARM
#include <cmath>

#include <arm_neon.h>

namespace gatecast {
namespace {
#include "core/isa/vector-neon.inl.h"
// Needs the vector above.
#include "core/cells/kernels.inl.h"
// Need the kernels above.
#include "core/cells/bf16.inl.h"
#include "core/cells/int8.inl.h"
} // namespace
constinit const Kernels kNeonKernels = make_kernels("neon", precision_kernels<Bf16>(), precision_kernels<Int8>());
} // namespace gatecast
#endif
