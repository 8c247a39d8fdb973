// The rival oneDNN at its best: weights in the layout that it asks for, states in its own type, primitives made once.
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

    /// The equations it computes. In int8 its GRU only has the reset gate before the hidden product: as much work, but
    /// other numbers.
    virtual Cell cell() const = 0;

    /// Samples [steps][batch][inputs], converted to the primitive's type. Not timed.
    virtual void set_input(std::span<const float> input) = 0;

    /// Returns to the zero state.
    virtual void reset() = 0;

    /// Runs `count` times over the same input; with one step the state is carried on, otherwise each run begins at
    /// zero.
    virtual void run(long count) = 0;

    /// h [steps][batch][hidden] of the last run, as floats.
    virtual std::vector<float> output() = 0;
};

/// Null if oneDNN is not built in, or has no such primitive on this machine.
std::unique_ptr<OneDnn> make_onednn(const Network& network, Precision precision, int steps, int batch, int threads);

/// "oneDNN 2.6.3"; empty if it is not built in.
std::string onednn_version();

/// Keeps oneDNN from using instructions that the measured kernels do not use either.
void limit_onednn(const std::string& isa);

} // namespace gatecast::bench
