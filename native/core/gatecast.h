// The one public header of the core: the binding, the tests and the benchmarks include this and nothing else.
//
// The core is the mathematics. It does no I/O, starts no threads but those of a Pool that it is given and of a Loop,
// prints nothing and throws nothing of its own; a failed allocation throws std::bad_alloc. Functions state their
// preconditions; the binding checks them.
#pragma once

#include "core/cells/reference.h"
#include "core/control/action-limits.h"
#include "core/control/linear-controller.h"
#include "core/control/loop.h"
#include "core/control/noise.h"
#include "core/control/pid-controller.h"
#include "core/control/planner-controller.h"
#include "core/control/policy-controller.h"
#include "core/control/rollout.h"
#include "core/heads/heads.h"
#include "core/isa/kernels.h"
#include "core/network/dense.h"
#include "core/network/forward.h"
#include "core/network/network.h"
#include "core/network/segment-runner.h"
#include "core/network/states.h"
#include "core/train/bptt.h"
#include "core/train/segment-trainer.h"
#include "core/train/trainer.h"
