{
  "includes": ["sources.gypi"],
  "targets": [
    {
      "target_name": "gatecast",
      "sources": ["<@(core_sources)", "<@(binding_sources)"],
      "include_dirs": ["native", "<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": ["<@(binding_defines)"],
      "cflags!": ["-O2", "-Os", "-fno-exceptions"],
      "cflags_cc!": ["-fno-exceptions", "-fno-rtti", "-std=gnu++17", "-std=gnu++20"],
      "cflags_cc": ["<@(compile_flags)"],
      "xcode_settings": {
        "CLANG_CXX_LANGUAGE_STANDARD": "c++20",
        "GCC_ENABLE_CPP_EXCEPTIONS": "YES",
        "MACOSX_DEPLOYMENT_TARGET": "11.0",
        "OTHER_CPLUSPLUSFLAGS": ["<@(compile_flags)"]
      }
    }
  ]
}
