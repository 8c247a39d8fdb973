#include "core/isa/list.h"
#include "core/isa/target.h"

#if GATECAST_ARM
#include <arm_neon.h>

namespace gatecast {
namespace {
#include "core/isa/vector-neon.inl.h"
// Needs the vector above.
#include "core/cells/kernels.inl.h"
} // namespace
constinit const Kernels kNeonKernels = make_kernels("neon");
} // namespace gatecast
#endif
