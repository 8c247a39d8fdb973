// What each unit of this folder exports: a table of kernels.
#pragma once

#include <utility>

#include "core/isa/kernels.h"

#if defined(__x86_64__) || defined(_M_X64)
#define GATECAST_X86 1
#elif defined(__aarch64__) || defined(_M_ARM64)
#define GATECAST_ARM 1
#endif

namespace gatecast {

extern const Kernels kScalarKernels;
#if GATECAST_X86
extern const Kernels kAvx2Kernels;
extern const Kernels kAvx512Kernels; ///< f32 and the backward pass; the products in low precision are the next two
extern const PrecisionKernels kAvx512Bf16Kernels;
extern const PrecisionKernels kAvx512VnniKernels;
#elif GATECAST_ARM
extern const Kernels kNeonKernels;
#endif

} // namespace gatecast
