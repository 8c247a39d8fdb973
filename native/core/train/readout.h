#pragma once

#include <span>

#include "core/network/attention.h"
#include "core/network/trace.h"
#include "core/train/weight-gradients.h"

namespace gatecast {

/// What stands above the layers in training: attention, if the network has it, and the head. The rows of a pass are the
/// outputs after each time from `warmup` on, of each window: row (t - warmup) * batch + window.
class Readout {
  public:
    /// Makes room for up to `rows` rows.
    Readout(const NetworkSpec& spec, const Kernels& kernels, int warmup, int rows);

    /// Packs the transposed weights. Call it after every change of the parameters.
    void set_parameters(std::span<const float> parameters);

    /// Writes what the head says after time t, rows of padded(head_size), for these streams of a pass. In two
    /// directions t is the last time.
    void run(const Network& network, const Trace& trace, Streams streams, int t, float* outputs);

    /// From the gradient of these outputs to that of the layers' outputs, which are [steps][batch] rows of
    /// padded(output_size). To be called for each time, in order, so that all of `d_layers` is written: before `warmup`
    /// there are no outputs.
    void run_back(const Trace& trace, Streams streams, int t, const float* d_outputs, float* d_layers);

    /// Adds the products that give the gradients of the weights. `d_outputs` are those of all rows. They read the trace
    /// and this object.
    void add_products(const Trace& trace, const float* d_outputs, WeightGradients& to) const;

  private:
    std::size_t row_of(const Trace& trace, int t, int stream) const {
        return static_cast<std::size_t>(t - warmup_) * trace.batch() + stream;
    }
    /// The first output that attention reads after time t, and those after it
    LastOutputs last_outputs(const Trace& trace, int t, int stream) const;
    void read_newest(const Trace& trace, Streams streams, int t);
    void attend_all(const Network& network, const Trace& trace, Streams streams, int t);
    void attend_all_back(const Trace& trace, Streams streams, int t, float* d_layers);
    void multiply(const AlignedBuffer& panels, const MatrixRange& weight, int rows, const float* g, float* out,
                  std::size_t out_stride, bool accumulate) const;

    NetworkSpec spec_;
    ParameterLayout layout_;
    const Kernels& kernels_;
    int warmup_;
    std::size_t width_, read_stride_, query_stride_;
    AlignedBuffer head_transposed_, attention_transposed_;
    // By rows. If the head reads the newest output alone, it does so in the trace, and these are empty.
    AlignedBuffer read_, d_read_;                 ///< [padded(head_input_size)]
    AlignedBuffer queries_, d_queries_, weights_; ///< [padded(output_size)]; weights_: [attention]
};

} // namespace gatecast
