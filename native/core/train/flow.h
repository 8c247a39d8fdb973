#pragma once

#include <span>
#include <vector>

#include "core/isa/kernels.h"
#include "core/network/trace.h"

namespace gatecast {

/// What is measured of a layer at each lag. All are Euclidean norms.
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
struct FlowMeans {
    int windows = 0;
    std::vector<double> states;     ///< [layers][kStateMeasures][lags]
    std::vector<double> gates;      ///< [layers][gates][kGateMeasures][lags]
    std::vector<double> bins;       ///< [layers][gates][kGateBins]: shares of the activations at all lags
    std::vector<double> deviations; ///< [layers][R]: standard deviation of h at lag 0, over the windows
    std::vector<double> inputs;     ///< [inputs][lags]: absolute value of the gradient
    std::vector<double> parameters; ///< the gradient of the mean loss, in the order of ParameterLayout
};

/// Measures how gradients flow back through a network of one direction, and what its gates do meanwhile.
class Flow {
  public:
    Flow(const NetworkSpec& spec, int lags);

    /// Called by `Backward` at each step of a layer, while the tape still holds the activations.
    ///   dh    the gradient of h after the step, [batch][padded(R)]
    ///   step  what the cell's gradient is given next: its dh is that before a projection
    void take_step(Trace& trace, int layer, int t, const float* dh, const BackwardArgs& step);

    /// Called after a pass over windows whose losses were averaged. Precondition: take_step was called for each step.
    ///   trace       its tape holds the gradients of the gates
    ///   d_input     [steps][batch][padded(input_size)]
    ///   parameters  the gradient of the mean loss
    void take_pass(Trace& trace, const float* d_input, std::span<const float> parameters);

    FlowMeans means() const;

  private:
    double& state(int layer, StateMeasure measure, int lag) {
        return sums_.states[(static_cast<std::size_t>(layer) * kStateMeasures + measure) * lags_ + lag];
    }
    double& gate(int layer, int gate, GateMeasure measure, int lag) {
        const std::size_t row = static_cast<std::size_t>(layer) * traits_.gates + gate;
        return sums_.gates[(row * kGateMeasures + measure) * lags_ + lag];
    }
    void take_states(Trace& trace, int layer, int t, const float* dh, const BackwardArgs& step);
    void take_gates(int layer, int lag, const BackwardArgs& step);

    NetworkSpec spec_;
    const CellTraits& traits_;
    int lags_;
    FlowMeans sums_;              ///< over windows; its deviations are sums of h
    std::vector<double> squares_; ///< sums of the squares of h at lag 0
};

} // namespace gatecast
