#include "core/isa/list.h"
#include "core/isa/target.h"

#include <cmath>
#include <cstdint>
#include <cstring>

namespace gatecast {
namespace {
#include "core/isa/vector-scalar.inl.h"
// Needs the vector above.
#include "core/cells/kernels.inl.h"
// Need the kernels above.
#include "core/cells/bf16.inl.h"
#include "core/cells/int8.inl.h"
} // namespace
constinit const Kernels kScalarKernels = make_kernels("scalar", precision_kernels<Bf16>(), precision_kernels<Int8>());
} // namespace gatecast
