#include "core/control/loop-cycle.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace gatecast {
namespace {

/// Share of the time until the deadline that is for the controller; the rest is for the loop.
constexpr double kShare = 0.9;

} // namespace

LoopCycle::LoopCycle(LoopRules rules, std::shared_ptr<Controller> controller, Clock clock)
    : rules_(std::move(rules)), controller_(std::move(controller)), clock_(clock),
      sent_(static_cast<std::size_t>(rules_.sent_count()), rules_.limits.size()), signs_(rules_),
      wanted_(rules_.limits.size()), action_(rules_.limits.size()), asked_(CycleRecord::kUnknown) {
    for (const auto& [min, max, max_rate] : rules_.limits) limiters_.emplace_back(min, max, max_rate * rules_.period);
}

std::span<const double> LoopCycle::start() {
    controller_->reset();
    std::span<const double> action;
    if (rules_.start) {
        action = limit(*rules_.start);
        sent_.add(clock_() + rules_.delay, action);
    }
    origin_ = clock_();
    return action;
}

std::span<const double> LoopCycle::decide(const Observed* observed) {
    const double in = clock_();
    const auto seq = std::max(next_, static_cast<std::int64_t>(std::floor((in - origin_) / rules_.period)));
    record_ = {
        .seq = seq,
        .missed = seq - next_,
        .due = origin_ + static_cast<double>(seq) * rules_.period,
        .in = in,
    };
    record_.reason = fault_of(observed);
    if (record_.reason == CycleReason::none) record_.reason = ask(*observed);
    std::span<const double> wanted = wanted_;
    if (record_.reason != CycleReason::none) {
        record_.source = rules_.fallback ? ActionSource::fallback : ActionSource::held;
        wanted = rules_.fallback ? std::span<const double>(*rules_.fallback) : std::span<const double>();
    }
    signs_.sent(limit(wanted));
    record_.flags = signs_.flags();
    record_.limited = !wanted.empty() && !std::ranges::equal(wanted, action_);
    sent_.add(record_.due + rules_.delay, action_);
    return action_;
}

/// What is wrong with an observation, checked in the order of readObservation in lib/control/observation.ts.
CycleReason LoopCycle::fault_of(const Observed* observed) {
    if (observed == nullptr) return CycleReason::missing;
    const auto& [at, values] = *observed;
    if (!std::isfinite(at)) return CycleReason::malformed;
    record_.event = at;
    if (std::abs(record_.in - at) > rules_.max_age) return CycleReason::stale;
    if (values.size() != rules_.inputs.size()) return CycleReason::wrong_length;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!std::isfinite(values[i])) return CycleReason::not_finite;
        if (values[i] < rules_.inputs[i].min || values[i] > rules_.inputs[i].max) return CycleReason::out_of_range;
    }
    return CycleReason::none;
}

/// Asks the controller for an action, into `wanted_`.
CycleReason LoopCycle::ask(const Observed& observed) {
    signs_.observed(observed.at, observed.values);
    const double deadline = record_.due + rules_.deadline;
    if (record_.in > deadline) return CycleReason::late;
    const double since = std::isnan(asked_) ? observed.at : std::min(asked_, observed.at);
    const double began = clock_();
    const Answer answer = controller_->decide(
        {
            .values = observed.values,
            .at = observed.at,
            .effect = record_.due + rules_.delay,
            .deadline = record_.in + kShare * (deadline - record_.in),
            .sent = sent_.since(since),
        },
        wanted_);
    const double answered = clock_();
    record_.compute = answered - began;
    record_.iterations = answer.iterations;
    if (answer.good || answer.undecided)
        asked_ = observed.at; // a controller that could not take it has not followed it
    const auto finite = [](double value) { return std::isfinite(value); };
    if (answer.undecided) return CycleReason::undecided;
    if (!answer.good || !std::ranges::all_of(wanted_, finite)) return CycleReason::bad_action;
    signs_.decided(wanted_);
    return answered > deadline ? CycleReason::overrun : CycleReason::none;
}

/// If nothing is wanted: the previous action, at first the one nearest to 0.
std::span<const double> LoopCycle::limit(std::span<const double> wanted) {
    for (std::size_t a = 0; a < action_.size(); ++a) {
        action_[a] = limiters_[a].apply(wanted.empty() ? CycleRecord::kUnknown : wanted[a]);
    }
    return action_;
}

const CycleRecord& LoopCycle::finish(bool read) {
    if (!read && record_.reason == CycleReason::none) record_.reason = CycleReason::unread;
    record_.out = clock_();
    record_.deadline_met = record_.out <= record_.due + rules_.deadline;
    if (record_.missed > 0) count_bad(static_cast<double>(record_.missed));
    if (record_.reason == CycleReason::none && record_.deadline_met) {
        count_good();
    } else {
        count_bad(1);
    }
    record_.status = status_;
    next_ = record_.seq + 1;
    return record_;
}

void LoopCycle::count_good() {
    bad_ = 0;
    if (++good_ >= rules_.recover_after) status_ = LoopStatus::running;
}

void LoopCycle::count_bad(double cycles) {
    good_ = 0;
    bad_ += cycles;
    if (bad_ >= rules_.degrade_after) status_ = LoopStatus::degraded;
}

std::span<const double> LoopCycle::stop() {
    if (!rules_.stop) return {};
    for (Limiter& limiter : limiters_) limiter.forget();
    return limit(*rules_.stop);
}

} // namespace gatecast
