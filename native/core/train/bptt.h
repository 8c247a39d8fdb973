#pragma once

#include <span>
#include <vector>

#include "core/network/trace.h"
#include "core/train/flow.h"
#include "core/train/weight-gradients.h"

namespace gatecast {

/// The gradients of the loss at both ends of a pass. An empty span means zero (in) or not wanted (out).
struct StateGradients {
    std::span<const float> hn, cn; ///< in: of the last states, [cells][batch][R] and [cells][batch][H]
    std::span<float> h0, c0;       ///< out: of the first states
};

/// Backpropagation through time: from the gradient of the output to those of the parameters, the input and the first
/// states. Holds the transposed weights and the scratch. `run` allocates only for a larger pass than any before.
class Backward {
  public:
    explicit Backward(const NetworkSpec& spec, const Kernels& kernels);

    /// Packs the transposed weights. Call it after every change of the parameters.
    void set_parameters(std::span<const float> parameters);

    /// Adds the gradients of the recurrent parameters to `gradients` (as in ParameterLayout).
    ///   trace     a finished pass with its tape, which becomes the gradient of the gates
    ///   d_output  [steps][batch] rows of output_size floats, d_output_stride apart
    void run(Trace& trace, const float* d_output, std::size_t d_output_stride, const StateGradients& ends,
             std::span<float> gradients);

    /// The gradient of the network's input after `run`, [steps][batch][padded(input_size)]
    const float* d_input() const { return d_inputs_[0].data(); }

    // The same in parts: begin; the layers for each share of the streams, which threads may do at once; then the
    // weights, with `finish` or with what else `add_products` is given for.

    void begin(const Trace& trace);

    void run_layers_back(Trace& trace, Streams streams, const float* d_output, std::size_t d_output_stride,
                         const StateGradients& ends);

    /// The layers at one time, for when the output's gradient depends on the input's gradient at the next: from the
    /// last time to the first. d_output are the rows of these streams at time t. Returns the gradient of their input
    /// then, of rows padded(input_size) apart. Precondition: one direction, no dropout.
    const float* step(Trace& trace, Streams streams, int t, const float* d_output, std::size_t d_output_stride);

    /// Cuts the gradient: nothing is passed on to the states of these streams before the last time stepped.
    void forget(Streams streams);

    /// Adds the gradients of the recurrent parameters to `gradients`.
    void finish(Trace& trace, std::span<float> gradients);

    /// Adds the products that give these gradients. They read the trace and this object.
    void add_products(Trace& trace, WeightGradients& to);

    /// The gradient of the network's input, which d_input then is, after the layers of all streams.
    void run_input_back(Trace& trace) { input_gradient(trace, trace.all(), 0, nullptr, 0); }

    /// From now on, shows each step of the layers to `flow`; null ends it. While it does, the layers must run for all
    /// streams of a trace at once.
    void watch(Flow* flow) { flow_ = flow; }

  private:
    /// The transposed weights of the cell's products with its gates, in the order of its traits.
    struct PackedCell {
        AlignedBuffer from_x, from_h, from_late_h, projection;
    };
    struct CellGradients {
        AlignedBuffer d_projected; ///< of h at each step, [steps][batch][padded(P)]
        AlignedBuffer dh, dc;      ///< of the current state, [batch][padded(R)] and [batch][padded(H)]
    };

    const float* through_norm(Trace& trace, Streams streams, int layer, int t, const float* d_output,
                              std::size_t d_output_stride);
    void add_input(Streams streams, int layer, const float* d_output, std::size_t d_output_stride, float* d_input);
    void add_output(Streams streams, int index, const float* d_output, std::size_t d_output_stride);
    void run_cell(Trace& trace, Streams streams, int index, const float* d_output, std::size_t d_output_stride,
                  const StateGradients& ends);
    void step_back(Trace& trace, Streams streams, int index, int t);
    void input_gradient(Trace& trace, Streams streams, int layer, const float* d_output, std::size_t d_output_stride);
    void multiply(const GateSlots& slots, const AlignedBuffer& transposed, const float* gates, int rows, int outputs,
                  float* out, bool accumulate);

    /// Rows of these streams: the tape, and after the step back the gradients before the activations
    float* gates_at(Trace& trace, int index, Streams streams, int t) {
        return trace.tape(index, t) + streams.first * slots_ * hidden_;
    }

    NetworkSpec spec_;
    const CellTraits& traits_;
    ParameterLayout layout_;
    const Kernels& kernels_;
    std::size_t hidden_, recurrent_, slots_, width_;
    int batch_ = 0;
    std::vector<PackedCell> packed_;
    std::vector<float> gains_;            ///< of the normalisations, [layers][output_size]
    std::vector<AlignedBuffer> d_inputs_; ///< of each layer, [steps][batch][padded(layer_input_size)]
    std::vector<CellGradients> cells_;
    AlignedBuffer d_normalised_;  ///< of the h that a layer normalises, [steps][batch][padded(output_size)]
    AlignedBuffer dm_, d_late_h_; ///< [batch][padded(H)]
    WeightGradients weights_;
    Flow* flow_ = nullptr;
};

/// Gradients of sum(output * d_output) + sum(hn * d_hn) + sum(cn * d_cn), the product of a cotangent with the Jacobian
/// of `forward`. The arrays have the same shapes. `parameters` has the order of the parameters; the head's part is
/// zero.
struct VectorJacobian {
    std::span<const float> d_output, d_hn, d_cn;      ///< in; d_hn and d_cn may be empty
    std::span<float> parameters, d_input, d_h0, d_c0; ///< out; d_c0 is empty if the cell has no c
};
void vector_jacobian(const Network& network, const SequenceShape& shape, std::span<const float> input,
                     std::span<const float> h0, std::span<const float> c0, const VectorJacobian& io);

} // namespace gatecast
