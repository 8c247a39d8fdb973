#include <algorithm>
#include <cmath>
#include <optional>

#include "binding/arguments.h"

namespace gatecast::binding {
namespace {

constexpr int kMaxSamples = 1 << 20;
constexpr int kMaxHorizon = 10'000;
constexpr int kMaxIterations = 1 << 20;
constexpr std::uint32_t kMaxPlants = 16;
constexpr double kAny = std::numeric_limits<double>::max();
constexpr double kNoDeadline = 1e9; ///< stands for none [s]

/// Asks a JavaScript function for the costs of plans, through arrays on SharedArrayBuffers, which cannot be detached.
class FunctionCost : public BatchCost {
  public:
    FunctionCost(const Addon& addon, Napi::Object batch, std::size_t samples, std::size_t actions, std::size_t outputs)
        : actions_(floats(addon, batch.Get("actions"), "the actions of a batch", samples * actions)),
          outputs_(floats(addon, batch.Get("outputs"), "the outputs of a batch", samples * outputs)) {
        const Napi::Value steps = batch.Get("steps"), costs = batch.Get("costs"), ask = batch.Get("ask");
        steps_ = {to_integers(addon, steps, "the steps of a batch", samples).data(),
                  Napi::Persistent(steps.As<Napi::Int32Array>())};
        check_shared(addon, steps.As<Napi::Int32Array>(), "the steps of a batch");
        costs_ = {to_doubles(addon, costs, "the costs of a batch", samples).data(),
                  Napi::Persistent(costs.As<Napi::Float64Array>())};
        check_shared(addon, costs.As<Napi::Float64Array>(), "the costs of a batch");
        if (!ask.IsFunction()) fail_expected(addon, "invalid-argument", "a function", "the cost of a batch", ask);
        ask_ = Napi::Persistent(ask.As<Napi::Function>());
    }

    bool judge(Batch& batch) override {
        std::ranges::copy(batch.actions, actions_.data);
        std::ranges::copy(batch.outputs, outputs_.data);
        std::ranges::copy(batch.steps, steps_.data);
        try {
            ask_.Call({});
        } catch (const Napi::Error& error) {
            thrown_ = error;
            return false;
        }
        std::copy_n(costs_.data, batch.costs.size(), batch.costs.begin());
        return true;
    }

    /// Throws what the function threw, if it did.
    void rethrow() {
        if (!thrown_) return;
        const Napi::Error error = *thrown_;
        thrown_.reset();
        throw error;
    }

  private:
    template <class T, class Array>
    struct Attached {
        T* data = nullptr;
        Napi::Reference<Array> array;
    };

    static Attached<float, Napi::Float32Array> floats(const Addon& addon, Napi::Value value, const char* name,
                                                      std::size_t size) {
        auto array = to_array<Napi::Float32Array>(addon, value, napi_float32_array, "a Float32Array", name);
        if (array.ElementLength() != size) {
            fail_expected(addon, "invalid-shape", std::to_string(size) + " values", name, array);
        }
        check_shared(addon, array, name);
        return {array.Data(), Napi::Persistent(array)};
    }

    Attached<float, Napi::Float32Array> actions_, outputs_;
    Attached<int, Napi::Int32Array> steps_;
    Attached<double, Napi::Float64Array> costs_;
    Napi::FunctionReference ask_;
    std::optional<Napi::Error> thrown_;
};

/// A planner with its connections to JavaScript
class AttachedPlanner final : public PlannerController, public AsksJavaScript {
  public:
    template <class... Args>
    explicit AttachedPlanner(std::unique_ptr<FunctionCost> cost, Args&&... args)
        : PlannerController(std::forward<Args>(args)...), function_cost(std::move(cost)) {}

    bool asks() const override { return function_cost != nullptr; }

    std::unique_ptr<FunctionCost> function_cost; ///< may be null
    std::vector<SentAction> sent;                ///< scratch for the argument of decide
    bool busy = false;                           ///< inside decide
};

std::vector<Plant> to_plants(const Arguments& arguments) {
    const Addon& addon = arguments.addon;
    for (const int index : {0, 1}) {
        if (!arguments[index].IsArray()) {
            fail_expected(addon, "invalid-argument", "a list", index == 0 ? "networks" : "dynamics", arguments[index]);
        }
    }
    const auto networks = arguments[0].As<Napi::Array>(), dynamics = arguments[1].As<Napi::Array>();
    const std::uint32_t count = networks.Length();
    if (count < 1 || count > kMaxPlants) addon.fail("invalid-argument", "Expected 1 to 16 networks for a planner.");
    std::vector<Plant> plants;
    for (std::uint32_t k = 0; k < count; ++k) {
        const std::shared_ptr<Network> network = arguments.pooled_network(networks.Get(k)).network;
        const NetworkSpec& spec = network->spec();
        if (!spec.reads_newest() || spec.head_size == 0 || spec.head_size >= spec.input_size) {
            addon.fail("invalid-argument", "Expected a network of one direction, with a head of fewer values than it "
                                           "has inputs and without attention, for a planner.");
        }
        const Napi::Value each = dynamics.Get(k);
        if (!each.IsObject()) fail_expected(addon, "invalid-argument", "an object", "dynamics", each);
        plants.push_back({network, to_dynamics(addon, each.As<Napi::Object>(), spec)});
        if (spec.input_size != plants[0].network->spec().input_size ||
            plants[k].dynamics.outputs != plants[0].dynamics.outputs) {
            addon.fail("invalid-argument", "Expected networks of the same inputs and outputs for a planner.");
        }
    }
    return plants;
}

SearchOptions to_search_options(const Addon& addon, Napi::Object object, std::size_t actions) {
    const auto integer = [&](const char* name, int low, int high) {
        return to_integer(addon, object.Get(name), name, low, high);
    };
    const auto number = [&](const char* name, double high) {
        return to_double(addon, object.Get(name), name, 0, high);
    };
    const Napi::Value name = object.Get("method");
    const std::string method = name.IsString() ? name.As<Napi::String>().Utf8Value() : "";
    if (method != "mppi" && method != "cem" && method != "icem" && method != "random") {
        fail_expected(addon, "invalid-argument", "'mppi', 'cem', 'icem' or 'random'", "method", name);
    }
    SearchOptions options{
        .method = method == "mppi"   ? Method::mppi
                  : method == "cem"  ? Method::cem
                  : method == "icem" ? Method::icem
                                     : Method::random,
        .samples = integer("samples", 2, kMaxSamples),
        .horizon = integer("horizon", 1, kMaxHorizon),
        .seed = static_cast<std::uint64_t>(number("seed", 9007199254740991.0)),
        .deviation = copy_of(to_finite_doubles(addon, object.Get("deviation"), "deviation", actions)),
        .colour = number("colour", 10),
        .temperature = number("temperature", kAny),
        .momentum = number("momentum", 1),
    };
    options.elites = integer("elites", 1, options.samples - 1);
    options.keep = integer("keep", 0, options.elites);
    return options;
}

/// From rows of min, max, rate, acceleration, jerk; the last three may be infinite.
std::vector<ActionLimits> to_action_limits(const Addon& addon, Napi::Value value, std::size_t actions) {
    const std::span<double> numbers = to_doubles(addon, value, "limits", 5 * actions);
    std::vector<ActionLimits> limits;
    for (std::size_t k = 0; k < numbers.size(); k += 5) {
        const double min = numbers[k], max = numbers[k + 1], rate = numbers[k + 2];
        if (!std::isfinite(min) || !std::isfinite(max) || min > max || !(rate >= 0) || !(numbers[k + 3] > 0) ||
            !(numbers[k + 4] > 0)) {
            addon.fail("invalid-argument", "Expected finite bounds, the lower first, then positive limits.");
        }
        limits.emplace_back(min, max, rate, numbers[k + 3], numbers[k + 4]);
    }
    return limits;
}

/// From { track: rows of output, weight, terminal; soft: of output, min, max, weight; risk: of output, weight; effort:
/// of action, weight, change }. The references are zero.
Cost to_cost(const Addon& addon, Napi::Object object, int horizon, int outputs, int actions) {
    const auto each_row = [&](const char* name, std::size_t width, int count, auto add) {
        const std::vector<double> rows = copy_of(to_rows(addon, object.Get(name), name, width));
        for (std::size_t k = 0; k < rows.size(); k += width) {
            if (!(rows[k] >= 0 && rows[k] < count) || rows[k] != std::floor(rows[k])) {
                addon.fail("invalid-argument",
                           std::string("Expected terms of known outputs and actions for ") + name + ".");
            }
            add(static_cast<int>(rows[k]), rows.data() + k + 1);
        }
    };
    Cost cost;
    each_row("track", 3, outputs, [&](int output, const double* row) {
        cost.track.push_back({output, row[0], row[1], std::vector<double>(horizon)});
    });
    each_row("soft", 4, outputs, [&](int output, const double* row) {
        cost.soft.push_back({output, row[0], row[1], row[2]});
    });
    each_row("risk", 2, outputs, [&](int output, const double* row) { cost.risk.push_back({output, row[0]}); });
    each_row("effort", 3, actions, [&](int action, const double* row) {
        cost.effort.push_back({action, row[0], row[1], std::vector<double>(horizon)});
    });
    return cost;
}

/// The references of the cost's terms, [track and effort][horizon]
void read_references(const Addon& addon, Napi::Value value, Cost& cost, std::size_t horizon) {
    std::span<double> left =
        to_finite_doubles(addon, value, "the references", horizon * (cost.track.size() + cost.effort.size()));
    const auto take = [&](std::vector<double>& reference) {
        std::ranges::copy(left.first(horizon), reference.begin());
        left = left.subspan(horizon);
    };
    for (Cost::Track& term : cost.track) take(term.reference);
    for (Cost::Effort& term : cost.effort) take(term.reference);
}

/// (networks, dynamics, options): for each network { outputs, mean, ... } as for Rollout; options are those of
/// PlannerController, with the cost as rows and, if a function judges the plans, { actions, outputs, steps, costs, ask
/// } as `batch`.
Napi::Value create_planner(const Arguments& arguments) {
    Addon& addon = arguments.addon;
    const std::vector<Plant> plants = to_plants(arguments);
    const Napi::Object object = arguments.object(2, "options");
    const int outputs = plants[0].network->spec().head_size, actions = plants[0].network->spec().input_size - outputs;
    SearchOptions search = to_search_options(addon, object, actions);
    std::vector<ActionLimits> limits = to_action_limits(addon, object.Get("limits"), actions);
    const Napi::Value terms = object.Get("cost"), batch = object.Get("batch");
    if (!terms.IsObject()) fail_expected(addon, "invalid-argument", "an object", "cost", terms);
    Cost cost = to_cost(addon, terms.As<Napi::Object>(), search.horizon, outputs, actions);
    read_references(addon, object.Get("references"), cost, search.horizon);
    std::unique_ptr<FunctionCost> function;
    if (!batch.IsUndefined()) {
        if (!batch.IsObject()) fail_expected(addon, "invalid-argument", "an object", "batch", batch);
        const std::size_t horizon = search.horizon;
        function = std::make_unique<FunctionCost>(addon, batch.As<Napi::Object>(), search.samples, horizon * actions,
                                                  horizon * outputs);
    }
    const int threads = to_integer(addon, object.Get("threads"), "threads", 1, kMaxThreads);
    const double interval = to_double(addon, object.Get("interval"), "interval", 1e-9, 1e12);
    const bool compensate = to_boolean(addon, object.Get("compensate"), "compensate");
    PlannerOptions options{
        .search = std::move(search),
        .iterations = to_integer(addon, object.Get("iterations"), "iterations", 1, kMaxIterations),
        .time = to_double(addon, object.Get("time"), "time", 0, HUGE_VAL),
        .clock = steady_now,
        .batch_cost = function.get(),
        .adapt = to_boolean(addon, object.Get("adapt"), "adapt"),
    };
    std::shared_ptr<Pool> pool = threads > 1 ? std::make_shared<Pool>(threads) : nullptr;
    auto planner = std::make_shared<AttachedPlanner>(std::move(function), plants, std::move(cost), std::move(limits),
                                                     std::move(options), interval, compensate, pool);
    planner->measure();
    return Napi::Number::New(addon.env(), addon.hold(std::shared_ptr<Controller>(std::move(planner))));
}

/// Rows of time [s] and action
void read_sent(const Addon& addon, Napi::Value value, AttachedPlanner& planner) {
    const std::size_t actions = planner.action_count();
    const std::span<double> rows = to_rows(addon, value, "what was sent", 1 + actions);
    planner.sent.clear();
    for (std::size_t k = 0; k < rows.size(); k += 1 + actions) {
        planner.sent.push_back({rows[k], rows.subspan(k + 1, actions)});
    }
}

std::shared_ptr<AttachedPlanner> to_planner(const Arguments& arguments) {
    auto planner = std::dynamic_pointer_cast<AttachedPlanner>(arguments.controller(0));
    if (planner != nullptr) return planner;
    arguments.addon.fail("invalid-argument", "Expected a planner but received another controller.");
}

/// (planner, time): how many samples an iteration can evaluate in `time` [s]
Napi::Value fitting_samples(const Arguments& arguments) {
    const auto planner = to_planner(arguments);
    const double time = to_double(arguments.addon, arguments[1], "time", 0, HUGE_VAL);
    return Napi::Number::New(arguments.addon.env(), planner->planner().fitting_samples(time));
}

/// (planner, values, times, sent, references, plan, predicted, result): see Controller::decide. `times` are at, effect
/// and the time left [s]; sent is rows of time and action; plan is [horizon][actions] and predicted [horizon][outputs];
/// result is iterations, cost (NaN if unknown), 1 if there is no plan behind the action, the PlanFault, and the
/// effective samples. False if nothing could be planned.
Napi::Value decide_plan(const Arguments& arguments) {
    const Addon& addon = arguments.addon;
    const auto planner = to_planner(arguments);
    if (planner->busy) addon.fail("busy", "Expected a planner that is not planning but received one that is.");
    Planner& plans = planner->planner();
    const std::size_t horizon = plans.horizon();
    const auto plan = [&] { return to_doubles(addon, arguments[5], "plan", horizon * plans.action_count()); };
    const auto predicted = [&] { return to_doubles(addon, arguments[6], "predicted", horizon * plans.output_count()); };
    const auto result = [&] { return to_doubles(addon, arguments[7], "result", 5); };
    plan(), predicted(), result(); // refused before anything changes
    const auto values = to_finite_doubles(addon, arguments[1], "the observation", planner->observation_count());
    const auto times = to_finite_doubles(addon, arguments[2], "times", 3);
    read_sent(addon, arguments[3], *planner);
    read_references(addon, arguments[4], plans.cost(), horizon);
    std::vector<double> action(plans.action_count());
    planner->busy = true;
    const Answer answer = planner->decide(
        {
            .values = values,
            .at = times[0],
            .effect = times[1],
            .deadline = times[2] >= kNoDeadline ? HUGE_VAL : steady_now() + times[2],
            .sent = planner->sent,
        },
        action);
    planner->busy = false;
    // A function that was asked for costs may have thrown or detached the arrays.
    if (planner->function_cost != nullptr) planner->function_cost->rethrow();
    const bool answered = answer.good || answer.undecided;
    if (answered) {
        std::ranges::copy(plans.actions(), plan().begin());
        std::ranges::copy(plans.predicted(), predicted().begin());
        const auto out = result();
        out[0] = answer.iterations;
        out[1] = plans.predicted_cost();
        out[2] = answer.undecided ? 1 : 0;
        out[3] = static_cast<double>(plans.fault());
        out[4] = plans.effective_samples();
    }
    return Napi::Boolean::New(addon.env(), answered);
}

} // namespace

void export_planners(Napi::Object exports, Addon& addon) {
    add<create_planner>(exports, addon, "createPlanner");
    add<decide_plan>(exports, addon, "decidePlan");
    add<fitting_samples>(exports, addon, "fittingSamples");
}

} // namespace gatecast::binding
