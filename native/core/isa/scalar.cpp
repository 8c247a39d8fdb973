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
} // namespace
constinit const Kernels kScalarKernels = make_kernels("scalar");
} // namespace gatecast
