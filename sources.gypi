{
  "variables": {
    "core_sources": [
      "native/core/cells/pack.cpp",
      "native/core/cells/reference.cpp",
      "native/core/control/action-limits.cpp",
      "native/core/control/belief.cpp",
      "native/core/control/cost.cpp",
      "native/core/control/noise.cpp",
      "native/core/control/planner-controller.cpp",
      "native/core/control/planner.cpp",
      "native/core/control/rollout.cpp",
      "native/core/control/search.cpp",
      "native/core/control/trials.cpp",
      "native/core/isa/avx2.cpp",
      "native/core/isa/avx512-bf16.cpp",
      "native/core/isa/avx512-vnni.cpp",
      "native/core/isa/avx512.cpp",
      "native/core/isa/dispatch.cpp",
      "native/core/isa/neon.cpp",
      "native/core/isa/scalar.cpp",
      "native/core/network/forward.cpp",
      "native/core/network/network.cpp",
      "native/core/network/states.cpp",
      "native/core/network/trace.cpp",
      "native/core/pool.cpp",
      "native/core/spec.cpp",
      "native/core/train/adam.cpp",
      "native/core/train/bptt.cpp",
      "native/core/train/loss.cpp",
      "native/core/train/trainer.cpp"
    ],
    "binding_sources": [
      "native/binding/addon.cpp",
      "native/binding/arguments.cpp",
      "native/binding/networks.cpp",
      "native/binding/planners.cpp",
      "native/binding/rollouts.cpp",
      "native/binding/states.cpp",
      "native/binding/trainers.cpp"
    ],
    "compile_flags": [
      "-std=c++20",
      "-O3",
      "-fvisibility=hidden",
      "-fvisibility-inlines-hidden",
      "-fexceptions",
      "-ffp-contract=off",
      "-fno-math-errno",
      "-Wall",
      "-Wextra"
    ],
    "binding_defines": [
      "NAPI_VERSION=8",
      "NAPI_CPP_EXCEPTIONS"
    ]
  }
}
