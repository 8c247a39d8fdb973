#include "core/train/flow.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace gatecast {
namespace {

constexpr double kSaturated = 0.05;

double finite(double value) {
    constexpr double kMost = std::numeric_limits<float>::max();
    return std::isnan(value) ? kMost : std::clamp(value, -kMost, kMost);
}

double norm(const float* values, int size) {
    double sum = 0;
    for (int k = 0; k < size; ++k) sum += static_cast<double>(values[k]) * values[k];
    return std::sqrt(sum);
}

double distance(const float* a, const float* b, int size) {
    double sum = 0;
    for (int k = 0; k < size; ++k) sum += (static_cast<double>(a[k]) - b[k]) * (static_cast<double>(a[k]) - b[k]);
    return std::sqrt(sum);
}

} // namespace

Flow::Flow(const NetworkSpec& spec, int lags) : spec_(spec), traits_(spec.traits()), lags_(lags) {
    const std::size_t layers = spec.num_layers, gates = layers * spec.gates();
    sums_.states.resize(layers * kStateMeasures * lags);
    sums_.gates.resize(gates * kGateMeasures * lags);
    sums_.bins.resize(gates * kGateBins);
    sums_.deviations.resize(layers * spec.recurrent_size());
    sums_.inputs.resize(static_cast<std::size_t>(spec.input_size) * lags);
    sums_.parameters.resize(ParameterLayout(spec).size);
    squares_.resize(sums_.deviations.size());
}

void Flow::take_step(Trace& trace, int layer, int t, const float* dh, const BackwardArgs& step) {
    take_states(trace, layer, t, dh, step);
    take_gates(layer, trace.steps() - 1 - t, step);
}

void Flow::take_states(Trace& trace, int layer, int t, const float* dh, const BackwardArgs& step) {
    const int size = spec_.recurrent_size(), c_size = spec_.c_size(), lag = trace.steps() - 1 - t;
    const double windows = trace.batch(); // the loss is a mean over them
    const float *h = trace.h_after(layer, t), *before = trace.h_before(layer, t), *c = trace.c_after(layer, t);
    for (int b = 0; b < trace.batch(); ++b) {
        const std::size_t row = static_cast<std::size_t>(b) * padded(size);
        state(layer, kGradientOfH, lag) += finite(windows * norm(dh + row, size));
        state(layer, kH, lag) += norm(h + row, size);
        state(layer, kChangeOfH, lag) += distance(h + row, before + row, size);
        if (lag == 0) {
            for (int k = 0; k < size; ++k) {
                const double value = h[row + k];
                sums_.deviations[static_cast<std::size_t>(layer) * size + k] += value;
                squares_[static_cast<std::size_t>(layer) * size + k] += value * value;
            }
        }
        if (c == nullptr) continue;
        // What the step gives is opened * squashed, where squashed = tanh(c).
        const float* tape = step.tape + b * step.tape_stride;
        const float *opened = tape + traits_.opened * padded(c_size),
                    *squashed = tape + traits_.squashed * padded(c_size);
        const std::size_t c_row = static_cast<std::size_t>(b) * padded(c_size);
        double sum = 0;
        for (int k = 0; k < c_size; ++k) {
            const double slope = opened[k] * (1 - static_cast<double>(squashed[k]) * squashed[k]);
            const double gradient = step.dc[c_row + k] + step.dh[c_row + k] * slope;
            sum += gradient * gradient;
        }
        state(layer, kGradientOfC, lag) += finite(windows * std::sqrt(sum));
        state(layer, kC, lag) += norm(c + c_row, c_size);
    }
}

void Flow::take_gates(int layer, int lag, const BackwardArgs& step) {
    const GateSlots& slots = traits_.from_x;
    for (int slot = 0; slot < slots.count; ++slot) {
        const int which = slots.gates[slot];
        const double low = which == traits_.candidate ? -1 : 0, width = 1 - low;
        double* bins = &sums_.bins[(static_cast<std::size_t>(layer) * traits_.gates + which) * kGateBins];
        for (int b = 0; b < step.batch; ++b) {
            const float* row = step.tape + b * step.tape_stride + (slots.first + slot) * padded(step.hidden);
            double sum = 0;
            int lows = 0, highs = 0;
            for (int k = 0; k < step.hidden; ++k) {
                const double value = row[k];
                sum += value;
                lows += value < low + kSaturated;
                highs += value > 1 - kSaturated;
                bins[std::clamp(static_cast<int>((value - low) / width * kGateBins), 0, kGateBins - 1)] += 1;
            }
            gate(layer, which, kActivation, lag) += sum / step.hidden;
            gate(layer, which, kLow, lag) += static_cast<double>(lows) / step.hidden;
            gate(layer, which, kHigh, lag) += static_cast<double>(highs) / step.hidden;
        }
    }
}

void Flow::take_pass(Trace& trace, const float* d_input, std::span<const float> parameters) {
    const double windows = trace.batch();
    const GateSlots& slots = traits_.from_x;
    const std::size_t hidden = padded(spec_.hidden_size);
    for (int t = 0; t < trace.steps(); ++t) {
        const int lag = trace.steps() - 1 - t;
        for (int b = 0; b < trace.batch(); ++b) {
            for (int layer = 0; layer < spec_.num_layers; ++layer) {
                const float* row = trace.tape(layer, t) + (b * traits_.slots + slots.first) * hidden;
                for (int slot = 0; slot < slots.count; ++slot) {
                    const double gradient = windows * norm(row + slot * hidden, spec_.hidden_size);
                    gate(layer, slots.gates[slot], kGradientOfGate, lag) += finite(gradient);
                }
            }
            const std::size_t at = static_cast<std::size_t>(t) * trace.batch() + b;
            const float* dx = d_input + at * padded(spec_.input_size);
            for (std::size_t k = 0; k < static_cast<std::size_t>(spec_.input_size); ++k) {
                sums_.inputs[k * lags_ + lag] += finite(windows * std::fabs(dx[k]));
            }
        }
    }
    for (std::size_t k = 0; k < parameters.size(); ++k) sums_.parameters[k] += windows * finite(parameters[k]);
    sums_.windows += trace.batch();
}

FlowMeans Flow::means() const {
    FlowMeans means = sums_;
    const double windows = std::max(1, sums_.windows);
    for (auto* list : {&means.states, &means.gates, &means.deviations, &means.inputs, &means.parameters}) {
        for (double& value : *list) value /= windows;
    }
    for (std::size_t k = 0; k < squares_.size(); ++k) {
        const double mean = means.deviations[k];
        means.deviations[k] = std::sqrt(std::max(0.0, squares_[k] / windows - mean * mean));
    }
    const double activations = windows * lags_ * spec_.hidden_size;
    for (double& share : means.bins) share /= activations;
    return means;
}

} // namespace gatecast
