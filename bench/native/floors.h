// Ceilings as contenders, so that they are measured in the same rounds as what is compared with them.
#pragma once

#include <memory>

#include "native/case.h"
#include "native/ceilings.h"
#include "native/measure.h"

namespace gatecast::bench {

/// One pass over as many bytes as the weights have: the least time of a step of batch 1.
class ReadFloor {
  public:
    ReadFloor(const Ceilings& ceilings, std::size_t bytes);

    double bytes() const { return static_cast<double>(bytes_); }
    Work work(bool alternate) const;

  private:
    const Ceilings& ceilings_;
    std::size_t bytes_;
    std::shared_ptr<const char[]> data_;
};

/// The highest rate of the arithmetic that a precision allows: its dot product, or f32's if there is none.
struct ArithmeticPeak {
    ArithmeticPeak(const Ceilings& ceilings, Precision precision);

    Work work() const;
    /// Multiplications and additions of one `count`
    double flops() const { return flops_; }

  private:
    double (*peak_)(long);
    double flops_;
};

} // namespace gatecast::bench
