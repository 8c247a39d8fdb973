#pragma once

#include <memory>
#include <vector>

#include "core/network/segment-pass.h"
#include "core/pool.h"

namespace gatecast {

/// Forecasts windows with a segment network. One call at a time.
class SegmentRunner {
  public:
    /// Uses up to `threads` threads. Precondition: is_valid(spec), threads >= 1.
    SegmentRunner(const SegmentSpec& spec, const Kernels& kernels, int threads);

    SegmentNetwork& network() { return network_; }

    /// For each window and channel the outputs for all values of the horizon, and the scale on which they are. The same
    /// bits for any number of windows and threads. No allocation.
    ///   windows  [count][channels][window], finite
    ///   outputs  [count][channels][horizon][outputs]
    ///   scales   [count][channels], centre and spread
    ///   mapped   what the linear map gives, on this scale, [count][channels][horizon]; not written without one
    void run(int count, const float* windows, float* outputs, float* scales, float* mapped);

  private:
    void run_group(SegmentPass& pass, int first, int rows, const float* windows, float* outputs, float* scales,
                   float* mapped);

    SegmentNetwork network_;
    std::unique_ptr<Pool> pool_;                       ///< null for one thread
    std::vector<std::unique_ptr<SegmentPass>> passes_; ///< of each thread
};

} // namespace gatecast
