// The rival oneDNN at its best: weights in the layout it asks for, states in its own type, primitives made once.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "native/case.h"

namespace gatecast::bench {

class OneDnn {
  public:
    virtual ~OneDnn() = default;

    /// The name in the tables.
    virtual std::string name() const = 0;

    /// The equations it computes. In int8 its GRU has the reset gate before the hidden product only: as much work, but
    /// other numbers.
    virtual Cell cell() const = 0;

    /// Samples [steps][batch][inputs], converted to the primitive's type. Not to be timed.
    virtual void set_input(std::span<const float> input) = 0;

    /// Back to the zero state.
    virtual void reset() = 0;

    /// Runs `count` times over the same input; with one step the state is carried on, else each run begins at zero.
    virtual void run(long count) = 0;

    /// h [steps][batch][hidden] of the last run, as floats.
    virtual std::vector<float> output() = 0;
};

/// Null where oneDNN is not built in, or has no such primitive on this machine.
std::unique_ptr<OneDnn> make_onednn(const Network& network, Precision precision, int steps, int batch, int threads);

/// "oneDNN 2.6.3", or empty where it is not built in.
std::string onednn_version();

/// Keeps oneDNN from instructions that the kernels measured do not use either.
void limit_onednn(const std::string& isa);

} // namespace gatecast::bench
