// GATECAST_TARGET_BEGIN("features") ... GATECAST_TARGET_END compiles the functions between for an instruction set that
// the rest of the file does not assume. Per function, not per file: gyp has no flags for one file, and a flag would
// let newer instructions leak into inline functions shared with other files. Include every standard header before it.
#pragma once

#define GATECAST_PRAGMA(text) _Pragma(#text)

#if defined(__clang__)
#define GATECAST_TARGET_BEGIN(features)                                                                                \
    GATECAST_PRAGMA(clang attribute push(__attribute__((target(features))), apply_to = function))
#define GATECAST_TARGET_END _Pragma("clang attribute pop")
#elif defined(__GNUC__)
#define GATECAST_TARGET_BEGIN(features) _Pragma("GCC push_options") GATECAST_PRAGMA(GCC target(features))
#define GATECAST_TARGET_END _Pragma("GCC pop_options")
#else // MSVC lets any function use any intrinsic
#define GATECAST_TARGET_BEGIN(features)
#define GATECAST_TARGET_END
#endif

#if defined(_MSC_VER) && !defined(__clang__)
#define GATECAST_INLINE __forceinline
#define GATECAST_NOINLINE __declspec(noinline)
#else
#define GATECAST_INLINE inline __attribute__((always_inline))
#define GATECAST_NOINLINE __attribute__((noinline))
#endif
