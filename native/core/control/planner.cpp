#include "core/control/planner.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace gatecast {
namespace {

/// How fast a slow measurement is forgotten, so that more samples are tried again; and how much a single measurement
/// may raise the estimate, because the system may have suspended a thread.
constexpr double kForget = 0.9, kGrowth = 2;
/// The usual time follows fast measurements sooner than slow ones.
constexpr double kFall = 0.5, kRise = 1.1;
/// Share of the time that is left for a batch cost whose time was never measured; and how fast the first measurement is
/// forgotten, because the function may not have been compiled by then.
constexpr double kUnknownShare = 0.5, kForgetFirst = 0.5;
/// An iteration with fewer samples learns nothing.
constexpr int kFewSamples = 16;
/// Largest share of the remaining time for one group of plans, unless that would make groups too small: the deadline
/// can be exceeded by the time of one group.
constexpr double kGroupShare = 0.25;
/// The fastest of this many trials counts; a trial of more than kLongTrial [s] is the last.
constexpr int kTrials = 3;
constexpr double kLongTrial = 0.02;
constexpr double kInfinity = std::numeric_limits<double>::infinity(), kNaN = std::numeric_limits<double>::quiet_NaN();

void remember(double& time, double taken) {
    time = time == 0 ? taken : std::clamp(taken, kForget * time, kGrowth * time);
}

} // namespace

Planner::Planner(const std::vector<Plant>& plants, Cost cost, std::vector<ActionLimits> limits, PlannerOptions options,
                 const std::shared_ptr<Pool>& pool)
    : options_(std::move(options)), cost_(std::move(cost)),
      trials_(plants, options_.search.samples, options_.search.horizon, pool),
      search_(options_.search, std::move(limits), trials_.threads()),
      predicted_(trials_.horizon() * trials_.output_count()) {}

void Planner::reset() {
    search_.reset();
    age_ = kMostAge + 1;
}

void Planner::measure(const PlanOrigin& origin) {
    const std::vector<double> sent(3 * action_count(), kNaN);
    const PlanStart start{.origin = origin, .sent = sent, .passed = horizon(), .deadline = kInfinity};
    search_.begin(horizon(), sent);
    trials_.begin(origin);
    const int samples = options_.search.samples, group = trials_.group_rows(samples);
    const int rows = std::min(samples, trials_.threads() * group);
    double row_time = kInfinity, last_time = kInfinity;
    for (int round = 0; round < kTrials; ++round) { // the first starts with cold caches
        row_time_ = last_time_ = 0;
        try_plans(0, {rows, group}, start);
        predict(sent);
        row_time = std::min(row_time, row_time_);
        last_time = std::min(last_time, last_time_);
        if (rows * row_time_ + last_time_ > kLongTrial) break;
    }
    row_time_ = usual_row_time_ = row_time;
    last_time_ = last_time;
    reset();
}

double Planner::fitting_samples(double time) const {
    const double left = std::max(0.0, time - learn_time_ - last_time_);
    return usual_row_time_ > 0 ? left / usual_row_time_ : kInfinity;
}

double Planner::plan(PlanStart start) {
    start.deadline = std::min(start.deadline, options_.clock() + options_.time);
    if (start.passed >= horizon()) {
        search_.forget_plan();
        age_ = kMostAge + 1;
    }
    search_.begin(start.passed, start.sent);
    trials_.begin(start.origin);
    predicted_cost_ = kNaN;
    const double done = improve(start);
    age_ = fault_ == PlanFault::none ? 0 : std::min(age_ + 1, kMostAge + 1);
    if (held()) {
        search_.hold();
        predict_nothing(start.origin);
    } else {
        predict(start.sent);
    }
    return done;
}

double Planner::improve(const PlanStart& start) {
    const Portions portions = portions_until(start.deadline);
    const int rows = portions.rows;
    double done = 0;
    fault_ = PlanFault::no_time;
    for (int k = 0; k < options_.iterations; ++k) {
        const int judged = try_plans(k, portions, start);
        if (judged == 0) {
            if (k > 0) break;
            row_time_ *= kForget;
            learn_time_ *= learned_ > 1 ? kForget : kForgetFirst;
            break;
        }
        const double began = options_.clock();
        const bool costed = options_.batch_cost == nullptr || ask(judged);
        const PlanFault fault = costed ? fault_of(judged) : PlanFault::no_cost;
        if (fault == PlanFault::none) {
            const Batch& batch = trials_.batch();
            const std::size_t plan = horizon() * action_count();
            search_.learn(std::span(batch.actions).first(judged * plan), std::span(batch.costs).first(judged));
            done += static_cast<double>(judged) / rows;
        }
        if (done == 0 || fault == PlanFault::none) fault_ = fault;
        remember(learn_time_, options_.clock() - began);
        learned_ = std::min(learned_ + 1, 2);
        if (judged < rows || !costed) break;
    }
    return done;
}

/// How many samples an iteration has, and how many of them a thread takes at once
Planner::Portions Planner::portions_until(double deadline) const {
    const int samples = options_.search.samples, few = std::min(kFewSamples, samples);
    const double time = deadline - options_.clock() - last_time_;
    const auto fitting = [&](double time_for_all, double row_time, int most) {
        const double rows = row_time > 0 ? (time_for_all - learn_time_) / row_time : kInfinity;
        return static_cast<int>(std::clamp<double>(rows, std::min(few, most), most));
    };
    const int rows = options_.adapt ? fitting(time / options_.iterations, usual_row_time_, samples) : samples;
    return {rows, fitting(kGroupShare * time / trials_.threads(), row_time_, trials_.group_rows(rows))};
}

/// Rolls out the first samples and, if the cost is data, evaluates them. Returns how many there was time for.
int Planner::try_plans(int iteration, Portions portions, const PlanStart& start) {
    const std::span<const double> sent = start.sent.last(action_count());
    const auto draw = [&](int thread, int sample, std::span<float> plan) {
        search_.draw(thread, iteration, sample, plan);
    };
    const auto judge = [&](const TriedPlan& trial) {
        return options_.batch_cost != nullptr ? 0 : cost_of(cost_, trial, sent);
    };
    // The group that has begun, and the work after the last group, must still be done.
    const int turn = std::min(portions.rows, trials_.threads() * portions.group);
    const bool unknown = learned_ == 0 && options_.batch_cost != nullptr && std::isfinite(start.deadline);
    const double learn_time = unknown ? kUnknownShare * (start.deadline - options_.clock()) : learn_time_;
    const double reserve = turn * row_time_ + learn_time + last_time_;
    const auto stop = [&] { return options_.clock() + reserve > start.deadline; };
    const double began = options_.clock();
    const int judged = trials_.run(portions.rows, portions.group, draw, judge, stop);
    if (judged > 0) {
        const double taken = (options_.clock() - began) / judged;
        remember(row_time_, taken);
        usual_row_time_ =
            usual_row_time_ == 0 ? taken : std::clamp(taken, kFall * usual_row_time_, kRise * usual_row_time_);
    }
    return judged;
}

/// Asks the batch cost for the costs of the first samples.
bool Planner::ask(int rows) {
    Batch& batch = trials_.batch();
    std::fill(batch.steps.begin() + rows, batch.steps.end(), 0);
    if (!options_.batch_cost->judge(batch)) return false;
    for (int k = 0; k < rows; ++k) {
        batch.costs[k] = finite_cost(batch.costs[k], batch.steps[k], horizon());
        if (batch.costs[k] < kNoCost) predicted_cost_ = std::fmin(predicted_cost_, batch.costs[k]);
    }
    return true;
}

/// Why nothing can be learned from the first samples
PlanFault Planner::fault_of(int rows) {
    const Batch& batch = trials_.batch();
    const auto [least, most] = std::ranges::minmax(std::span(batch.costs).first(rows));
    if (least >= kNoCost) {
        const bool predicted = std::ranges::max(std::span(batch.steps).first(rows)) == horizon();
        return predicted ? PlanFault::no_cost : PlanFault::diverged;
    }
    if (least < most) return PlanFault::none;
    const std::size_t plan = horizon() * action_count();
    const std::span<const float> all = std::span(batch.actions).first(rows * plan);
    return std::ranges::equal(all.subspan(plan), all.first(all.size() - plan)) ? PlanFault::alike : PlanFault::none;
}

/// The prediction without a plan: the present outputs, because there may be no time for a roll-out.
void Planner::predict_nothing(const PlanOrigin& origin) {
    const std::size_t outputs = output_count(), plants = origin.outputs.size() / outputs;
    for (std::size_t k = 0; k < predicted_.size(); ++k) {
        predicted_[k] = 0;
        for (std::size_t plant = 0; plant < plants; ++plant) {
            predicted_[k] += origin.outputs[plant * outputs + k % outputs] / static_cast<double>(plants);
        }
    }
    predicted_cost_ = kNaN;
    last_time_ *= kForget;
}

/// Predicts the outputs under the plan that is the answer.
void Planner::predict(std::span<const double> sent) {
    const double began = options_.clock();
    const TriedPlan trial = trials_.run_one(search_.plan());
    std::ranges::copy(trial.outputs, predicted_.begin());
    if (options_.batch_cost == nullptr) predicted_cost_ = cost_of(cost_, trial, sent.last(action_count()));
    remember(last_time_, options_.clock() - began);
}

} // namespace gatecast
