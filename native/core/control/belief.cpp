#include "core/control/belief.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace gatecast {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr long kJump = 1 << 24; ///< steps; no plan is as long

} // namespace

Belief::Belief(const std::vector<Plant>& plants, double interval)
    : plants_(plants), interval_(interval), output_count_(plants.front().dynamics.outputs.size()),
      action_count_(plants.front().network->spec().input_size - output_count_) {
    const std::vector<int>& outputs = plants.front().dynamics.outputs;
    const int inputs = plants.front().network->spec().input_size;
    for (int input = 0; input < inputs; ++input) {
        if (std::ranges::find(outputs, input) == outputs.end()) actions_.push_back(input);
    }
    for (const Plant& plant : plants_) states_.emplace_back(plant.network, 2);
    for (Moment* moment : {&now_, &ahead_}) {
        moment->outputs.resize(plants_.size() * output_count_);
        moment->sent.resize(3 * action_count_);
    }
    action_.resize(action_count_);
    x_.resize(inputs);
    y_.resize(output_count_);
    reset();
}

void Belief::reset() {
    begin_anew();
    now_.step = 0;
}

void Belief::begin_anew() {
    for (States& states : states_) states.reset(kObserved);
    std::ranges::fill(now_.sent, kUnknown);
    now_.step += kJump;
    begun_ = false;
}

bool Belief::observe(const Situation& situation) {
    if (!std::isfinite(situation.at) || !can_take(situation.values)) return false;
    const double steps = begun_ ? std::round((situation.at - at_) / interval_) : 0;
    if (steps < 0 && steps >= -kLongestGap) return true; // older than what is known: it adds nothing
    if (std::abs(steps) > kLongestGap) begin_anew();
    for (int k = 0; begun_ && k < steps; ++k) {
        if (!advance(kObserved, now_, at_ + k * interval_, situation.sent, true)) begin_anew();
    }
    begun_ = true;
    at_ = situation.at;
    for (std::size_t plant = 0; plant < plants_.size(); ++plant) {
        std::ranges::copy(situation.values, now_.outputs.begin() + plant * output_count_);
    }
    return true;
}

bool Belief::predict(double time, std::span<const SentAction> sent, bool roll) {
    const double steps = std::max(0.0, std::round((time - at_) / interval_));
    if (!(steps <= kLongestGap)) return false;
    for (States& states : states_) states.copy_from(kPredicted, states, kObserved);
    ahead_ = now_;
    for (int k = 0; k < steps; ++k) {
        if (!advance(kPredicted, ahead_, at_ + k * interval_, sent, roll)) return false;
    }
    return true;
}

bool Belief::advance(int slot, Moment& moment, double time, std::span<const SentAction> sent, bool roll) {
    const auto last = moment.sent.end() - action_count_;
    const auto newer =
        std::ranges::find_if(sent, [&](const SentAction& each) { return each.effect >= time + interval_ / 2; });
    if (newer != sent.begin()) {
        std::ranges::copy((newer - 1)->values, action_.begin());
    } else {
        std::copy_n(last, action_count_, action_.begin());
    }
    std::copy(moment.sent.begin() + action_count_, moment.sent.end(), moment.sent.begin());
    std::ranges::copy(action_, last);
    ++moment.step;
    bool good = true;
    for (std::size_t plant = 0; roll && plant < plants_.size(); ++plant) {
        good &=
            step_plant(plant, slot, std::span(moment.outputs).subspan(plant * output_count_, output_count_), action_);
    }
    return good;
}

bool Belief::step_plant(std::size_t plant, int slot, std::span<double> outputs, std::span<const double> action) {
    const Dynamics& dynamics = plants_[plant].dynamics;
    const std::vector<double>&mean = dynamics.mean, &deviation = dynamics.deviation;
    const auto put = [&](int input, double value) {
        x_[input] = static_cast<float>((value - mean[input]) / deviation[input]);
        return std::abs(x_[input]) <= dynamics.limit;
    };
    bool good = true;
    for (std::size_t o = 0; o < output_count_; ++o) good &= put(dynamics.outputs[o], outputs[o]);
    for (std::size_t a = 0; a < action_count_; ++a) {
        good &= put(actions_[a], std::isnan(action[a]) ? mean[actions_[a]] : action[a]); // unknown: its usual value
    }
    if (!good) return false;
    if (dynamics.feed_forward) states_[plant].reset(slot);
    states_[plant].step(slot, x_.data(), y_.data());
    for (std::size_t o = 0; o < output_count_; ++o) {
        const int input = dynamics.outputs[o];
        outputs[o] = (dynamics.anchor ? outputs[o] : mean[input]) + deviation[input] * y_[o];
    }
    return can_take(outputs);
}

bool Belief::can_take(std::span<const double> values) const {
    constexpr double kLargest = std::numeric_limits<float>::max();
    for (const Plant& plant : plants_) {
        const Dynamics& dynamics = plant.dynamics;
        for (std::size_t o = 0; o < output_count_; ++o) {
            const int input = dynamics.outputs[o];
            const double scaled = (values[o] - dynamics.mean[input]) / dynamics.deviation[input];
            if (!(std::abs(values[o]) <= kLargest && std::abs(scaled) <= dynamics.limit)) return false;
        }
    }
    return true;
}

} // namespace gatecast
