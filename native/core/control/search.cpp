#include "core/control/search.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/control/cost.h"

namespace gatecast {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// The finite float nearest to `value` that is not on the side of `away`
float float_towards(double value, float away) {
    constexpr float kLargest = std::numeric_limits<float>::max();
    const float nearest = static_cast<float>(std::clamp<double>(value, -kLargest, kLargest));
    const bool beyond = away < 0 ? nearest < value : nearest > value;
    return beyond ? std::clamp(std::nextafter(nearest, -away), -kLargest, kLargest) : nearest;
}

bool has_cost(double cost) {
    return cost < kNoCost;
}

} // namespace

Search::Search(SearchOptions options, std::vector<ActionLimits> limits, int threads)
    : options_(std::move(options)), limits_(std::move(limits)),
      noise_(options_.seed, options_.horizon, options_.colour), motions_(limits_.size()), weights_(options_.samples),
      order_(options_.samples), scratch_(threads) {
    constexpr float kFar = std::numeric_limits<float>::infinity();
    const std::size_t size = options_.horizon * limits_.size();
    for (const ActionLimits& each : limits_) {
        lowest_.push_back(float_towards(each.min(), -kFar));
        highest_.push_back(std::max(float_towards(each.max(), kFar), lowest_.back()));
    }
    mean_.resize(size);
    deviation_.resize(size);
    answer_.resize(size);
    kept_.resize(options_.keep * size);
    for (Scratch& each : scratch_) {
        each.noise.resize(size);
        each.white.resize(size);
    }
    reset();
}

void Search::reset() {
    number_ = 0;
    forget_plan();
}

void Search::forget_plan() {
    kept_count_ = 0;
    for (std::size_t k = 0; k < mean_.size(); ++k) {
        const ActionLimits& limits = limits_[k % limits_.size()];
        mean_[k] = std::clamp(0.0, limits.min(), limits.max());
    }
}

void Search::begin(int passed, std::span<const double> sent) {
    ++number_;
    const std::size_t count = limits_.size(), size = mean_.size();
    for (std::size_t a = 0; a < count; ++a) {
        motions_[a] = limits_[a].motion_after(sent[a], sent[count + a], sent[2 * count + a]);
    }
    shift(mean_, passed);
    for (int k = 0; k < kept_count_; ++k) shift(std::span(kept_).subspan(k * size, size), passed);
    for (std::size_t k = 0; k < size; ++k) deviation_[k] = options_.deviation[k % count];
    least_cost_ = kInfinity;
    project([&](std::size_t k, std::size_t) { return mean_[k]; },
            [&](std::size_t k, std::size_t, double value) { mean_[k] = value; });
    answer_ = mean_;
}

void Search::hold() {
    constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
    project([](std::size_t, std::size_t) { return kNothing; },
            [&](std::size_t k, std::size_t, double value) { mean_[k] = value; });
    kept_count_ = 0;
    answer_ = mean_;
}

void Search::shift(std::span<double> plan, int steps) const {
    const std::size_t count = limits_.size(), gone = std::min(steps, options_.horizon - 1) * count;
    std::copy(plan.begin() + gone, plan.end(), plan.begin());
    const double* last = plan.data() + plan.size() - count;
    for (std::size_t k = plan.size() - gone; k < plan.size(); k += count) std::copy_n(last, count, plan.data() + k);
}

/// Calls out(k, a, value) for each value of a plan, k: the nearest allowed value to wanted(k, a).
template <class Wanted, class Out>
void Search::project(Wanted wanted, Out out) const {
    const std::size_t count = limits_.size(), size = mean_.size();
    for (std::size_t a = 0; a < count; ++a) {
        ActionLimits::Motion motion = motions_[a];
        for (std::size_t k = a; k < size; k += count) out(k, a, limits_[a].take(motion, wanted(k, a)));
    }
}

void Search::draw(int thread, int iteration, int sample, std::span<float> plan) {
    const std::size_t count = limits_.size(), horizon = options_.horizon;
    const auto write = [&](std::size_t k, std::size_t a, double value) {
        plan[k] = std::clamp(static_cast<float>(value), lowest_[a], highest_[a]);
    };
    if (sample == 0) return project([&](std::size_t k, std::size_t) { return mean_[k]; }, write);
    if (sample <= kept_count_) {
        const double* kept = kept_.data() + (sample - 1) * mean_.size();
        return project([&](std::size_t k, std::size_t) { return kept[k]; }, write);
    }
    Scratch& scratch = scratch_[thread];
    const Noise::Place place{
        .plan = number_,
        .iteration = static_cast<std::uint32_t>(iteration),
        .sample = static_cast<std::uint32_t>(sample),
    };
    const float* noise = scratch.noise.data();
    const auto at = [&](std::size_t k, std::size_t a) { return noise[a * horizon + k / count]; };
    if (options_.method == Method::random) {
        noise_.uniform(place, scratch.noise);
        return project(
            [&](std::size_t k, std::size_t a) { return std::lerp(limits_[a].min(), limits_[a].max(), at(k, a)); },
            write);
    }
    noise_.normal(place, scratch.noise, scratch.white);
    project([&](std::size_t k, std::size_t a) { return mean_[k] + deviation_[k] * at(k, a); }, write);
}

void Search::learn(std::span<const float> plans, std::span<const double> costs) {
    switch (options_.method) {
    case Method::mppi:
        learn_from_all(plans, costs);
        break;
    case Method::cem:
    case Method::icem:
        learn_from_best(plans, costs);
        break;
    case Method::random:
        sort_best(costs, 1);
        break;
    }
    if (options_.method == Method::icem || options_.method == Method::random) effective_ = 1;
    const auto set_answer = [&](std::size_t k, std::size_t, double value) { answer_[k] = value; };
    if (options_.method == Method::mppi || options_.method == Method::cem) {
        project([&](std::size_t k, std::size_t) { return mean_[k]; }, set_answer);
        mean_ = answer_;
    } else if (costs[order_[0]] < least_cost_) {
        least_cost_ = costs[order_[0]];
        const std::span<const float> best = plan_of(plans, order_[0]);
        project([&](std::size_t k, std::size_t) { return static_cast<double>(best[k]); }, set_answer);
    }
    if (options_.method == Method::random) mean_ = answer_;
}

/// The weighted mean of all plans.
void Search::learn_from_all(std::span<const float> plans, std::span<const double> costs) {
    const double least = *std::ranges::min_element(costs);
    double temperature = options_.temperature;
    if (temperature == 0) {
        const auto end = std::ranges::copy_if(costs, weights_.begin(), has_cost).out;
        const auto tenth = weights_.begin() + (end - weights_.begin()) / 10;
        std::nth_element(weights_.begin(), tenth, end);
        temperature = (*tenth - least) / 10;
    }
    temperature = std::max(temperature, std::numeric_limits<double>::min());
    double sum = 0, squares = 0;
    for (std::size_t k = 0; k < costs.size(); ++k) {
        weights_[k] = has_cost(costs[k]) ? std::exp((least - costs[k]) / temperature) : 0;
        sum += weights_[k];
        squares += weights_[k] * weights_[k];
    }
    effective_ = sum * sum / squares;
    std::ranges::fill(mean_, 0.0);
    for (std::size_t sample = 0; sample < costs.size(); ++sample) {
        const double weight = weights_[sample] / sum;
        if (weight < 1e-12) continue;
        const float* plan = plan_of(plans, static_cast<int>(sample)).data();
        for (std::size_t k = 0; k < mean_.size(); ++k) mean_[k] += weight * plan[k];
    }
}

/// Mean and deviation of the best plans, mixed with the previous ones.
void Search::learn_from_best(std::span<const float> plans, std::span<const double> costs) {
    const int elites = elites_of(costs);
    effective_ = elites;
    sort_best(costs, elites);
    const double old = options_.momentum;
    for (std::size_t k = 0; k < mean_.size(); ++k) {
        double sum = 0, squares = 0;
        for (int e = 0; e < elites; ++e) sum += plan_of(plans, order_[e])[k];
        const double mean = sum / elites;
        for (int e = 0; e < elites; ++e) {
            const double off = plan_of(plans, order_[e])[k] - mean;
            squares += off * off;
        }
        mean_[k] = old * mean_[k] + (1 - old) * mean;
        deviation_[k] = old * deviation_[k] + (1 - old) * std::sqrt(squares / elites);
    }
    kept_count_ = std::min(options_.keep, elites);
    for (int e = 0; e < kept_count_; ++e) {
        std::ranges::copy(plan_of(plans, order_[e]), kept_.begin() + e * mean_.size());
    }
}

/// How many elites to take from the samples that were evaluated: the same share, but at least two, which differ; all
/// must have a cost.
int Search::elites_of(std::span<const double> costs) const {
    const auto share = static_cast<int>(options_.elites * costs.size() / options_.samples);
    const int few = std::min({2, options_.elites, static_cast<int>(costs.size())});
    return std::min(std::max(share, few), static_cast<int>(std::ranges::count_if(costs, has_cost)));
}

/// Sorts the best `count` samples to the front; among equals the earlier comes first.
void Search::sort_best(std::span<const double> costs, int count) {
    const auto end = order_.begin() + costs.size();
    std::iota(order_.begin(), end, 0);
    std::partial_sort(order_.begin(), order_.begin() + count, end,
                      [&](int a, int b) { return costs[a] < costs[b] || (costs[a] == costs[b] && a < b); });
}

std::span<const float> Search::plan_of(std::span<const float> plans, int sample) const {
    return plans.subspan(sample * mean_.size(), mean_.size());
}

} // namespace gatecast
