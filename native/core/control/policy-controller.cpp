#include "core/control/policy-controller.h"

#include <algorithm>
#include <cmath>

namespace gatecast {

PolicyController::PolicyController(std::shared_ptr<const Network> network, DenseLayers head, PolicyForm form)
    : form_(std::move(form)), states_(std::move(network)), head_(std::move(head)), x_(form_.mean.size()),
      y_(padded(head_.input_size())) {}

int PolicyController::observation_count() const {
    const int observations = static_cast<int>(form_.mean.size());
    return std::max(observations, form_.signal + 1);
}

void PolicyController::reset() {
    states_.reset(0);
    last_ = std::numeric_limits<double>::quiet_NaN();
}

Answer PolicyController::decide(const Situation& situation, std::span<double> action) {
    const std::span<const double> values = situation.values;
    if (signalled(values)) reset();
    if (!std::ranges::all_of(values, [](double value) { return std::isfinite(value); })) return {false, 0};
    if (!normalise(values)) return {false, 0};
    if (std::abs(situation.at - last_) > form_.reset_after) reset();
    last_ = situation.at;
    if (!states_.step(0, x_.data(), y_.data())) return {false, 0};
    const std::span<const float> numbers = head_.run({y_.data(), y_.size()});
    if (!all_finite(numbers)) return {false, 0};
    for (std::size_t a = 0; a < action.size(); ++a) {
        const double number = form_.squash ? std::tanh(double{numbers[a]}) : double{numbers[a]};
        action[a] = std::clamp(form_.offset[a] + form_.scale[a] * number, form_.low[a], form_.high[a]);
    }
    return {true, 0};
}

bool PolicyController::signalled(std::span<const double> values) const {
    if (form_.signal < 0) return false;
    const double signal = values[form_.signal];
    return std::isfinite(signal) && (signal == 0) == form_.cleared_by_zero;
}

bool PolicyController::normalise(std::span<const double> values) {
    for (std::size_t i = 0; i < x_.size(); ++i) {
        const double scaled = (values[i] - form_.mean[i]) / form_.deviation[i];
        const double cut = std::clamp(scaled, -form_.clip, form_.clip);
        if (!(std::abs(cut) <= form_.limit)) return false;
        x_[i] = static_cast<float>(cut);
    }
    return true;
}

} // namespace gatecast
