#pragma once

#include <span>
#include <vector>

#include "core/isa/kernels.h"
#include "core/network/segment.h"

namespace gatecast {

/// What is measured of a cell at each lag. All are Euclidean norms.
enum StateMeasure {
    kGradientOfH, ///< of the loss with respect to h, by every way from h to the loss
    kH,
    kChangeOfH, ///< h less the h before it
    kGradientOfC,
    kC,
    kStateMeasures,
};

/// What is measured of a gate at each lag. Saturated means nearer than 0.05 to an end of what the gate can be: below
/// 0.05 or above 0.95, and for the candidate below -0.95 or above 0.95.
enum GateMeasure {
    kGradientOfGate, ///< the Euclidean norm of the gradient before the activation
    kActivation,     ///< the mean of the activations
    kLow,            ///< the share of activations that are saturated at the lower end
    kHigh,
    kGateMeasures,
};

/// Bins of the activations of a gate, of equal width from 0 to 1, and for the candidate from -1 to 1
constexpr int kGateBins = 20;

/// Means over windows, each of which has a loss of its own. Lag 0 is the last step of a window, lag k the k-th before
/// it. Gates stand in the order of the stacked weights. A value that a float cannot hold counts as the largest float.
///
/// A step of a segment network reads a segment, and each channel of a window is a window of its own. Its last step, at
/// lag 0, is the decoding of the horizon: states and gates are means over the segments that are decoded, gradients sums
/// over them, as each of them has its share of the loss.
struct FlowMeans {
    int windows = 0;
    std::vector<double> states;     ///< [cells][kStateMeasures][lags]
    std::vector<double> gates;      ///< [cells][gates][kGateMeasures][lags]
    std::vector<double> bins;       ///< [cells][gates][kGateBins]: shares of the activations at all lags
    std::vector<double> deviations; ///< [cells][R]: standard deviation, over the windows, of h after all inputs
    std::vector<double> inputs;     ///< [inputs][lags]: absolute value of the gradient
    std::vector<double> parameters; ///< the gradient of the mean loss, in the order of the network's layout
};

/// A step of a cell on its way back. Rows of vectors are padded to kPadding.
struct FlowStep {
    int cell;
    int lag;
    const float *h_before, *h; ///< [batch][padded(R)]
    const float* c;            ///< after the step, [batch][padded(H)], of cells that have it
    const float* dh;           ///< gradient of h, [batch][padded(R)]
    bool ends;                 ///< whether h has seen all inputs of the window
    int of = 1;                ///< steps of this lag
};

/// Measures how gradients flow back through a network, and what its gates do meanwhile.
class Flow {
  public:
    Flow(const NetworkSpec& spec, int lags);
    explicit Flow(const SegmentSpec& spec);

    int lags() const { return lags_; }

    /// Begins a pass over windows whose losses are averaged.
    void begin(int windows) { windows_ = windows; }

    /// Called before the gradient of a step, while the tape holds the activations.
    ///   args  what the cell's gradient is given: its dh is that before a projection
    void take_step(const FlowStep& step, const BackwardArgs& args);

    /// Called after the gradient of a step, when args.gates holds those of the gates.
    void take_gates(int cell, int lag, const BackwardArgs& args);

    /// The gradient of the inputs of a step, [batch] rows `stride` apart
    void take_inputs(int lag, int batch, const float* d_input, std::size_t stride);

    /// Ends the pass. `parameters`: the gradient of the mean loss
    void end(std::span<const float> parameters);

    FlowMeans means() const;

  private:
    Flow(const NetworkSpec& spec, int lags, int inputs, std::size_t parameters);

    double& state(int cell, StateMeasure measure, int lag) {
        return sums_.states[(static_cast<std::size_t>(cell) * kStateMeasures + measure) * lags_ + lag];
    }
    double& gate(int cell, int gate, GateMeasure measure, int lag) {
        const std::size_t row = static_cast<std::size_t>(cell) * traits_.gates + gate;
        return sums_.gates[(row * kGateMeasures + measure) * lags_ + lag];
    }
    void take_states(const FlowStep& step, const BackwardArgs& args);
    void take_activations(const FlowStep& step, const BackwardArgs& args);

    NetworkSpec spec_;
    const CellTraits& traits_;
    int lags_;
    int windows_ = 0;             ///< of the present pass
    FlowMeans sums_;              ///< over windows; its deviations are sums of h
    std::vector<double> squares_; ///< sums of the squares of the same h
};

} // namespace gatecast
