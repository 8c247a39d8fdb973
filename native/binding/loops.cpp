#include <algorithm>
#include <limits>
#include <system_error>
#include <utility>

#include "binding/arguments.h"

namespace gatecast::binding {

void AttachedLoop::stop() {
    if (loop != nullptr) loop->stop();
    if (std::exchange(takes, false)) observations.disclaim(Ring::kTaken);
    if (std::exchange(gives, false)) actions.disclaim(Ring::kGiven);
}

namespace {

constexpr double kMaxSentValues = 1 << 24; ///< in all remembered actions together
constexpr int kMaxCore = 1023, kMaxPriority = 99;

/// A list from rows of `size` values; each property is copied before the next is read.
template <class Row, std::size_t size>
std::vector<Row> to_list(const Addon& addon, Napi::Value value, const char* name, Row (*make)(const double*)) {
    const std::span<double> values = to_rows(addon, value, name, size);
    std::vector<Row> list;
    for (std::size_t k = 0; k < values.size(); k += size) list.push_back(make(values.data() + k));
    return list;
}

std::optional<LoopRules::Action> to_action(const Addon& addon, Napi::Value value, const char* name, std::size_t size) {
    if (value.IsUndefined()) return std::nullopt;
    return copy_of(to_finite_doubles(addon, value, name, size));
}

/// The rules from { numbers: [period, deadline, maxAge, delay, degradeAfter, recoverAfter], inputs: [[min, max]..],
/// limits: [[min, max, maxRate]..], fallback, start, stop }, all Float64Arrays. A maxRate below 0 means no limit.
LoopRules to_rules(const Addon& addon, Napi::Object object) {
    LoopRules rules;
    const auto numbers = copy_of(to_finite_doubles(addon, object.Get("numbers"), "numbers", 6));
    rules.period = numbers[0];
    rules.deadline = numbers[1];
    rules.max_age = numbers[2];
    rules.delay = numbers[3];
    rules.degrade_after = numbers[4];
    rules.recover_after = numbers[5];
    rules.inputs =
        to_list<LoopRules::Range, 2>(addon, object.Get("inputs"), "inputs", [](const double* row) -> LoopRules::Range {
            return {.min = row[0], .max = row[1]};
        });
    rules.limits = to_list<LoopRules::Limits, 3>(
        addon, object.Get("limits"), "limits", [](const double* row) -> LoopRules::Limits {
            return {.min = row[0],
                    .max = row[1],
                    .max_rate = row[2] < 0 ? std::numeric_limits<double>::infinity() : row[2]};
        });
    rules.fallback = to_action(addon, object.Get("fallback"), "fallback", rules.limits.size());
    rules.start = to_action(addon, object.Get("start"), "start", rules.limits.size());
    rules.stop = to_action(addon, object.Get("stop"), "stop", rules.limits.size());
    const auto ordered = [](const auto& range) { return range.min <= range.max; };
    if (!std::ranges::all_of(rules.inputs, ordered) || !std::ranges::all_of(rules.limits, ordered)) {
        addon.fail("invalid-argument", "Expected no max below its min for the inputs and limits of a loop.");
    }
    // 100 us: the thread must have time to check whether it is to stop.
    if (!(rules.period >= 1e-4) || rules.deadline < 0 || rules.max_age < 0 || rules.delay < 0) {
        addon.fail("invalid-argument", "Expected a period of at least 100 us and no negative times for a loop.");
    }
    if (!(rules.sent_count() * static_cast<double>(rules.limits.size()) <= kMaxSentValues)) {
        addon.fail("invalid-argument",
                   "Expected maxAgeMs and delayMs that reach back fewer cycles: at most 2^24 values "
                   "of actions are kept.");
    }
    return rules;
}

/// The ring on the SharedArrayBuffer of an Int32Array; its rows must have `width` values
Ring to_ring(const Addon& addon, Napi::Int32Array array, const char* name, std::size_t width) {
    check_shared(addon, array, name);
    const auto* words = array.Data();
    const std::size_t bytes = array.ByteLength();
    const bool whole = array.ByteOffset() == 0 && bytes >= Ring::kHeaderBytes && words[0] == Ring::kMagic;
    // Read only once, because other threads can write there.
    const auto capacity = whole ? static_cast<std::uint32_t>(words[2]) : 0;
    if (capacity == 0 || capacity > Ring::kMaxCapacity || !std::has_single_bit(capacity) ||
        static_cast<std::size_t>(words[1]) != width || Ring::bytes(width, capacity) > bytes) {
        fail_expected(addon, "invalid-argument", "a ring of " + std::to_string(width) + " values a row", name, array);
    }
    return Ring(reinterpret_cast<std::byte*>(array.Data()), static_cast<int>(width), capacity);
}

Napi::Int32Array int32_array(const Arguments& arguments, std::size_t index, const char* name) {
    return to_array<Napi::Int32Array>(arguments.addon, arguments[index], napi_int32_array, "an Int32Array", name);
}

/// (controller, rules, observations, actions, records, core, priority): starts a loop. The controller's handle is used
/// up.
Napi::Value create_loop(const Arguments& arguments) {
    Addon& addon = arguments.addon;
    const LoopRules rules = to_rules(addon, arguments.object(1, "the rules"));
    const std::size_t inputs = rules.inputs.size(), outputs = rules.limits.size();
    auto observations = int32_array(arguments, 2, "observations"), actions = int32_array(arguments, 3, "actions"),
         records = int32_array(arguments, 4, "records");
    const Placement placement = {
        .core = arguments.integer(5, "affinity", -1, kMaxCore),
        .priority = arguments.integer(6, "priority", 0, kMaxPriority),
    };
    const Ring observed = to_ring(addon, observations, "observations", inputs);
    const Ring given = to_ring(addon, actions, "actions", outputs);
    const Ring recorded = to_ring(addon, records, "records", Loop::kRecordWidth + outputs);
    const auto& controller = arguments.controller(0);
    if (static_cast<std::size_t>(controller->observation_count()) != inputs ||
        static_cast<std::size_t>(controller->action_count()) != outputs) {
        addon.fail("invalid-argument", "Expected a controller of " + std::to_string(inputs) + " inputs and " +
                                           std::to_string(outputs) + " actions but received one of " +
                                           std::to_string(controller->observation_count()) + " and " +
                                           std::to_string(controller->action_count()) + ".");
    }
    const auto* asking = dynamic_cast<const AsksJavaScript*>(controller.get());
    if (asking != nullptr && asking->asks()) {
        addon.fail("invalid-argument", "Expected a controller that does not call JavaScript for a native loop.");
    }
    if (controller.use_count() > 1) addon.fail("busy", "Expected a controller that nothing else runs.");
    auto attached = std::unique_ptr<AttachedLoop>(new AttachedLoop{
        .observations_array = Napi::Persistent(observations),
        .actions_array = Napi::Persistent(actions),
        .records_array = Napi::Persistent(records),
        .observations = observed,
        .actions = given,
    });
    if (!(attached->takes = attached->observations.claim(Ring::kTaken))) {
        addon.fail("busy", "Expected observations that no other loop takes.");
    }
    if (!(attached->gives = attached->actions.claim(Ring::kGiven))) {
        addon.fail("busy", "Expected a ring for the actions that no other loop writes to.");
    }
    LoopCycle cycle(rules, arguments.take_controller(0), steady_now);
    try {
        attached->loop = std::make_unique<Loop>(std::move(cycle), observed, given, recorded, placement);
    } catch (const std::system_error&) {
        addon.fail("io", "The system has no thread for a loop.");
    }
    return Napi::Number::New(addon.env(), addon.hold(std::move(attached)));
}

/// (a, b): whether two Int32Arrays on SharedArrayBuffers share the same memory
Napi::Value is_same_memory(const Arguments& arguments) {
    const auto a = int32_array(arguments, 0, "a"), b = int32_array(arguments, 1, "b");
    return Napi::Boolean::New(arguments.addon.env(), a.Data() == b.Data());
}

/// (loop): the stop action has been given when this returns.
Napi::Value stop_loop(const Arguments& arguments) {
    arguments.loop(0).stop();
    return arguments.addon.env().Undefined();
}

/// (loop, numbers): writes the sums over its cycles since the previous call; see Tally. False, with nothing changed, if
/// there are none yet.
Napi::Value take_tally(const Arguments& arguments) {
    const auto numbers = to_finite_doubles(arguments.addon, arguments[1], "the numbers of a tally", Tally::kSize);
    return Napi::Boolean::New(arguments.addon.env(), arguments.loop(0).loop->tally().take(numbers));
}

/// (): the present time [s] on the clock of the loops
Napi::Value steady_clock(const Arguments& arguments) {
    return Napi::Number::New(arguments.addon.env(), steady_now());
}

} // namespace

void export_loops(Napi::Object exports, Addon& addon) {
    add<create_loop>(exports, addon, "createLoop");
    add<is_same_memory>(exports, addon, "isSameMemory");
    add<stop_loop>(exports, addon, "stopLoop");
    add<take_tally>(exports, addon, "takeTally");
    add<steady_clock>(exports, addon, "steadyNow");
}

} // namespace gatecast::binding
