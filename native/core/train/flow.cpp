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

Flow::Flow(const NetworkSpec& spec, int lags) : Flow(spec, lags, spec.input_size, ParameterLayout(spec).size) {}

Flow::Flow(const SegmentSpec& spec) : Flow(spec.network(), spec.history + 1, spec.segment, SegmentLayout(spec).size) {}

Flow::Flow(const NetworkSpec& spec, int lags, int inputs, std::size_t parameters)
    : spec_(spec), traits_(spec.traits()), lags_(lags) {
    const std::size_t cells = spec.cells(), gates = cells * spec.gates();
    sums_.states.resize(cells * kStateMeasures * lags);
    sums_.gates.resize(gates * kGateMeasures * lags);
    sums_.bins.resize(gates * kGateBins);
    sums_.deviations.resize(cells * spec.recurrent_size());
    sums_.inputs.resize(static_cast<std::size_t>(inputs) * lags);
    sums_.parameters.resize(parameters);
    squares_.resize(sums_.deviations.size());
}

void Flow::take_step(const FlowStep& step, const BackwardArgs& args) {
    take_states(step, args);
    take_activations(step, args);
}

void Flow::take_states(const FlowStep& step, const BackwardArgs& args) {
    const int size = spec_.recurrent_size(), c_size = spec_.c_size(), cell = step.cell, lag = step.lag;
    const double windows = windows_; // the loss is a mean over them
    for (int b = 0; b < args.batch; ++b) {
        const std::size_t row = static_cast<std::size_t>(b) * padded(size);
        const float* h = step.h + row;
        state(cell, kGradientOfH, lag) += finite(windows * norm(step.dh + row, size));
        state(cell, kH, lag) += norm(h, size) / step.of;
        state(cell, kChangeOfH, lag) += distance(h, step.h_before + row, size) / step.of;
        if (step.ends) {
            for (int k = 0; k < size; ++k) {
                const double value = h[k];
                sums_.deviations[static_cast<std::size_t>(cell) * size + k] += value;
                squares_[static_cast<std::size_t>(cell) * size + k] += value * value;
            }
        }
        if (step.c == nullptr) continue;
        // What the step gives is opened * squashed, where squashed = tanh(c).
        const float* tape = args.tape + b * args.tape_stride;
        const float *opened = tape + traits_.opened * padded(c_size),
                    *squashed = tape + traits_.squashed * padded(c_size);
        const std::size_t c_row = static_cast<std::size_t>(b) * padded(c_size);
        double sum = 0;
        for (int k = 0; k < c_size; ++k) {
            const double slope = opened[k] * (1 - static_cast<double>(squashed[k]) * squashed[k]);
            const double gradient = args.dc[c_row + k] + args.dh[c_row + k] * slope;
            sum += gradient * gradient;
        }
        state(cell, kGradientOfC, lag) += finite(windows * std::sqrt(sum));
        state(cell, kC, lag) += norm(step.c + c_row, c_size) / step.of;
    }
}

void Flow::take_activations(const FlowStep& step, const BackwardArgs& args) {
    const GateSlots& slots = traits_.from_x;
    const double each = 1.0 / (static_cast<double>(args.hidden) * step.of);
    for (int slot = 0; slot < slots.count; ++slot) {
        const int which = slots.gates[slot];
        const double low = which == traits_.candidate ? -1 : 0, width = 1 - low;
        double* bins = &sums_.bins[(static_cast<std::size_t>(step.cell) * traits_.gates + which) * kGateBins];
        for (int b = 0; b < args.batch; ++b) {
            const float* row = args.tape + b * args.tape_stride + (slots.first + slot) * padded(args.hidden);
            double sum = 0;
            int lows = 0, highs = 0;
            for (int k = 0; k < args.hidden; ++k) {
                const double value = row[k];
                sum += value;
                lows += value < low + kSaturated;
                highs += value > 1 - kSaturated;
                bins[std::clamp(static_cast<int>((value - low) / width * kGateBins), 0, kGateBins - 1)] += each;
            }
            gate(step.cell, which, kActivation, step.lag) += sum * each;
            gate(step.cell, which, kLow, step.lag) += lows * each;
            gate(step.cell, which, kHigh, step.lag) += highs * each;
        }
    }
}

void Flow::take_gates(int cell, int lag, const BackwardArgs& args) {
    const GateSlots& slots = traits_.from_x;
    for (int b = 0; b < args.batch; ++b) {
        const float* row = args.gates + b * args.gates_stride + slots.first * padded(args.hidden);
        for (int slot = 0; slot < slots.count; ++slot) {
            const double gradient = windows_ * norm(row + slot * padded(args.hidden), args.hidden);
            gate(cell, slots.gates[slot], kGradientOfGate, lag) += finite(gradient);
        }
    }
}

void Flow::take_inputs(int lag, int batch, const float* d_input, std::size_t stride) {
    const double windows = windows_;
    const std::size_t inputs = sums_.inputs.size() / lags_;
    for (int b = 0; b < batch; ++b, d_input += stride) {
        for (std::size_t k = 0; k < inputs; ++k) {
            sums_.inputs[k * lags_ + lag] += finite(windows * std::fabs(d_input[k]));
        }
    }
}

void Flow::end(std::span<const float> parameters) {
    const double windows = windows_;
    for (std::size_t k = 0; k < parameters.size(); ++k) sums_.parameters[k] += windows * finite(parameters[k]);
    sums_.windows += windows_;
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
    for (double& share : means.bins) share /= windows * lags_;
    return means;
}

} // namespace gatecast
