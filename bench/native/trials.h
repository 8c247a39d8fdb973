// One file for each trial; each prints its records.
#pragma once

#include "core/gatecast.h"
#include "native/options.h"

namespace gatecast::bench {

struct Trial {
    const char* name;
    void (*run)(const Kernels& kernels, const Options& options);
};

void run_ceilings(const Kernels& kernels, const Options& options);
void run_step(const Kernels& kernels, const Options& options);
void run_tail(const Kernels& kernels, const Options& options);
void run_batch(const Kernels& kernels, const Options& options);
void run_sequences(const Kernels& kernels, const Options& options);
void run_rollout(const Kernels& kernels, const Options& options);
void run_plan(const Kernels& kernels, const Options& options);
void run_accuracy(const Kernels& kernels, const Options& options);

} // namespace gatecast::bench
