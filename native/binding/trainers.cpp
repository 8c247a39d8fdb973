#include <algorithm>
#include <cmath>

#include "binding/trainers.h"

namespace gatecast::binding {

const Head* to_head(const Addon& addon, Napi::Value value) {
    const std::string loss = value.IsString() ? value.As<Napi::String>().Utf8Value() : "";
    if (const Head* head = find_head(loss)) return head;
    std::string known;
    for (const Head* head : heads()) known.append(known.empty() ? "'" : " or '").append(head->loss).append("'");
    fail_expected(addon, "invalid-argument", known.c_str(), "loss", value);
}

std::vector<float> to_levels(const Addon& addon, Napi::Value value) {
    return to_vector<float>(addon, value, "levels", [&](Napi::Value level) {
        return to_number(addon, level, "a quantile level", 1e-6, 1 - 1e-6);
    });
}

std::vector<LearnedPart> to_parts(const Addon& addon, Napi::Value value) {
    const auto numbers = to_vector<int>(addon, value, "parts", [&](Napi::Value number) {
        return to_integer(addon, number, "a number of a part", 0, 1 << 27);
    });
    if (numbers.size() % 3 != 0) fail_expected(addon, "invalid-argument", "three numbers for each", "parts", value);
    std::vector<LearnedPart> parts;
    for (std::size_t k = 0; k < numbers.size(); k += 3) {
        parts.push_back({.begin = static_cast<std::size_t>(numbers[k]),
                         .end = static_cast<std::size_t>(numbers[k + 1]),
                         .decays = numbers[k + 2] != 0});
    }
    return parts;
}

std::vector<std::uint8_t> to_missing(const Addon& addon, Napi::Value value, std::size_t size) {
    if (value.IsUndefined()) return {};
    const auto marks = to_array<Napi::Uint8Array>(addon, value, napi_uint8_array, "a Uint8Array", "missing");
    if (marks.ElementLength() != size) {
        fail_expected(addon, "invalid-shape", "a value for each row and target", "missing", marks);
    }
    return {marks.Data(), marks.Data() + marks.ElementLength()};
}

std::shared_ptr<SharedTrainer> idle_trainer(const Arguments& arguments) {
    std::shared_ptr<SharedTrainer> shared = arguments.trainer(0);
    if (shared->busy) arguments.addon.fail("busy", "Expected an idle trainer; wait for the running call to end.");
    return shared;
}

namespace {

TrainerSpec to_trainer_spec(const Addon& addon, Napi::Object object) {
    const auto integer = [&](const char* name, int low, int high) {
        return to_integer(addon, object.Get(name), name, low, high);
    };
    const auto number = [&](const char* name, double low, double high) {
        return to_number(addon, object.Get(name), name, low, high);
    };
    const Napi::Value network = object.Get("network");
    if (!network.IsObject()) fail_expected(addon, "invalid-argument", "an object", "network", network);
    TrainerSpec spec;
    spec.network = to_network_spec(addon, network.As<Napi::Object>());
    spec.dropout = number("dropout", 0, 0.99);
    spec.window = integer("window", 1, 1 << 20);
    spec.warmup = integer("warmup", 0, spec.window - 1);
    spec.horizon = integer("horizon", 0, kMaxSize);
    spec.free_steps = integer("freeSteps", 0, spec.window - 1);
    spec.feed_forward = to_boolean(addon, object.Get("feedForward"), "feedForward");
    spec.carries = to_boolean(addon, object.Get("carries"), "carries");
    spec.targets = to_vector<int>(addon, object.Get("targets"), "targets", [&](Napi::Value value) {
        return to_integer(addon, value, "a target", 0, spec.network.input_size - 1);
    });
    spec.anchor = to_boolean(addon, object.Get("anchor"), "anchor");
    spec.head = to_head(addon, object.Get("loss"));
    spec.levels = to_levels(addon, object.Get("levels"));
    spec.batch = integer("batchSize", 1, kMaxSize);
    spec.weight_decay = number("weightDecay", 0, 1e6);
    spec.parts = to_parts(addon, object.Get("parts"));
    spec.clip = number("clipNorm", 0, 1e30);
    spec.seed = static_cast<std::uint64_t>(integer("seed", 0, 0x7fffffff));
    if (!is_valid(spec)) {
        addon.fail("invalid-argument",
                   "Expected headSize to be targets * horizon * outputs of the loss, levels for a loss that has them "
                   "only, no anchor for counts and classes, parts in order within the parameters, free steps "
                   "after the first with a loss, with points, without dropout and with horizon 1, carried states in "
                   "one direction without attention and free steps, and batchSize * window to fit in memory.");
    }
    return spec;
}

/// (spec, rows, parameters, missing?, begins?, scaled?)
Napi::Value create_trainer(const Arguments& arguments) {
    Addon& addon = arguments.addon;
    const Napi::Object options = arguments.object(0, "the trainer");
    const TrainerSpec spec = to_trainer_spec(addon, options);
    const int threads = to_integer(addon, options.Get("threads"), "threads", 1, kMaxThreads);
    const auto rows = to_array<Napi::Float32Array>(addon, arguments[1], napi_float32_array, "a Float32Array", "rows");
    if (rows.ElementLength() % spec.network.input_size != 0) {
        fail_expected(addon, "invalid-shape", "a multiple of inputSize values", "rows", rows);
    }
    const auto initial = arguments.finite(2, "the parameters", ParameterLayout(spec.network).size);
    std::vector<float> copy(rows.Data(), rows.Data() + rows.ElementLength());
    std::vector<std::uint8_t> missing =
        to_missing(addon, arguments[3], copy.size() / spec.network.input_size * spec.targets.size());
    std::vector<int> begins;
    if (!arguments[4].IsUndefined()) {
        const auto firsts =
            to_array<Napi::Int32Array>(addon, arguments[4], napi_int32_array, "an Int32Array", "begins");
        begins.assign(firsts.Data(), firsts.Data() + firsts.ElementLength());
        if (!std::ranges::is_sorted(begins) || (!begins.empty() && begins.front() < 0))
            fail_expected(addon, "invalid-argument", "rows in order", "begins", firsts);
        if (!begins.empty() && (spec.free_steps > 0 || spec.feed_forward)) {
            fail_expected(addon, "invalid-argument", "none with free steps", "begins", firsts);
        }
    }
    std::vector<ScaledValue> scaled;
    if (!arguments[5].IsUndefined()) {
        const auto values =
            to_array<Napi::Float32Array>(addon, arguments[5], napi_float32_array, "a Float32Array", "scaled");
        scaled.resize(copy.size() / spec.network.input_size * spec.targets.size());
        if (values.ElementLength() != 3 * scaled.size()) {
            fail_expected(addon, "invalid-shape", "three values for each row and target", "scaled", values);
        }
        if (spec.free_steps > 0 || spec.feed_forward) {
            fail_expected(addon, "invalid-argument", "none with free steps", "scaled", values);
        }
        for (std::size_t i = 0; i < scaled.size(); ++i) {
            const float* from = values.Data() + 3 * i;
            scaled[i] = {.value = from[0], .centre = from[1], .spread = from[2]};
        }
    }
    if (!fits_head(spec, scaled, missing)) {
        fail_expected(addon, "invalid-argument", "counts with units, or places of classes,", "scaled", arguments[5]);
    }
    std::shared_ptr<Pool> pool = threads > 1 ? std::make_shared<Pool>(threads, Pool::kLong) : nullptr;
    auto shared = std::make_shared<SharedTrainer>();
    shared->trainer = std::make_unique<Trainer>(spec, addon.kernels(), std::move(copy), initial, std::move(missing),
                                                std::move(begins), std::move(scaled), std::move(pool));
    return Napi::Number::New(addon.env(), addon.hold(std::move(shared)));
}

std::span<const float> parameters_of(const SharedTrainer& shared) {
    return std::visit([](const auto& trainer) { return trainer->parameters(); }, shared.trainer);
}

/// (trainer, out)
Napi::Value get_trainer_parameters(const Arguments& arguments) {
    const std::shared_ptr<SharedTrainer> shared = idle_trainer(arguments);
    const std::span<const float> parameters = parameters_of(*shared);
    std::ranges::copy(parameters, arguments.floats(1, "the parameters", parameters.size()).begin());
    return arguments.addon.env().Undefined();
}

/// (trainer, values)
Napi::Value set_trainer_parameters(const Arguments& arguments) {
    const std::shared_ptr<SharedTrainer> shared = idle_trainer(arguments);
    const std::span<const float> values = arguments.finite(1, "the parameters", parameters_of(*shared).size());
    std::visit([&](const auto& trainer) { trainer->set_parameters(values); }, shared->trainer);
    return arguments.addon.env().Undefined();
}

/// The steps of Adam, and the upper and the lower half of the state of the generator
constexpr std::size_t kCounters = 3;
constexpr double kHalf = 4294967296.0;

/// (trainer, mean, square, counters)
Napi::Value get_optimiser(const Arguments& arguments) {
    Addon& addon = arguments.addon;
    const std::shared_ptr<SharedTrainer> shared = idle_trainer(arguments);
    const auto [adam, generator] = std::visit(
        [](const auto& trainer) { return std::pair(&trainer->adam(), &trainer->random()); }, shared->trainer);
    const std::size_t size = adam->mean().size();
    const auto mean = arguments.floats(1, "the mean", size), square = arguments.floats(2, "the square", size);
    const auto counters = to_doubles(addon, arguments[3], "the counters", kCounters);
    std::ranges::copy(adam->mean(), mean.begin());
    std::ranges::copy(adam->square(), square.begin());
    const std::uint64_t random = generator->state();
    counters[0] = static_cast<double>(adam->steps());
    counters[1] = static_cast<double>(random >> 32);
    counters[2] = static_cast<double>(random & 0xffffffffu);
    return addon.env().Undefined();
}

/// (trainer, mean, square, counters)
Napi::Value set_optimiser(const Arguments& arguments) {
    Addon& addon = arguments.addon;
    const std::shared_ptr<SharedTrainer> shared = idle_trainer(arguments);
    const auto [adam, generator] = std::visit(
        [](const auto& trainer) { return std::pair(&trainer->adam(), &trainer->random()); }, shared->trainer);
    const std::size_t size = adam->mean().size();
    const auto mean = arguments.finite(1, "the mean", size), square = arguments.finite(2, "the square", size);
    const auto counters = to_finite_doubles(addon, arguments[3], "the counters", kCounters);
    const auto is_whole = [](double value, double end) {
        return value >= 0 && value < end && value == std::floor(value);
    };
    if (std::ranges::any_of(square, [](float value) { return value < 0; }) || !is_whole(counters[0], kHalf / 2) ||
        !is_whole(counters[1], kHalf) || !is_whole(counters[2], kHalf)) {
        addon.fail("invalid-argument", "Expected squares from 0 and whole counters for the state of an optimiser.");
    }
    std::ranges::copy(mean, adam->mean().begin());
    std::ranges::copy(square, adam->square().begin());
    adam->steps() = static_cast<std::int64_t>(counters[0]);
    *generator = Random(static_cast<std::uint64_t>(counters[1]) << 32 | static_cast<std::uint64_t>(counters[2]));
    return addon.env().Undefined();
}

/// The states that the windows of a trainer carry, all empty if none does. The trainer must be idle.
CarriedStates* carried_by(SharedTrainer& shared) {
    const auto* trainer = std::get_if<std::unique_ptr<Trainer>>(&shared.trainer);
    return trainer != nullptr && (*trainer)->spec().carries ? &(*trainer)->carried() : nullptr;
}

/// (trainer) => { ends, ages, h, c }
Napi::Value get_carried(const Arguments& arguments) {
    const Napi::Env env = arguments.addon.env();
    const std::shared_ptr<SharedTrainer> shared = idle_trainer(arguments);
    const CarriedStates* carried = carried_by(*shared);
    const CarriedStates states = carried != nullptr ? *carried : CarriedStates();
    Napi::Object result = Napi::Object::New(env);
    const auto set = [&]<class Array>(const char* name, const auto& values, Array array) {
        std::ranges::copy(values, array.Data());
        result.Set(name, array);
    };
    set("ends", states.ends, Napi::Int32Array::New(env, states.ends.size()));
    set("ages", states.ages, Napi::Int32Array::New(env, states.ages.size()));
    set("h", states.h, Napi::Float32Array::New(env, states.h.size()));
    set("c", states.c, Napi::Float32Array::New(env, states.c.size()));
    return result;
}

/// (trainer, ends, ages, h, c)
Napi::Value set_carried(const Arguments& arguments) {
    Addon& addon = arguments.addon;
    const std::shared_ptr<SharedTrainer> shared = idle_trainer(arguments);
    const auto ends = to_array<Napi::Int32Array>(addon, arguments[1], napi_int32_array, "an Int32Array", "ends");
    const std::size_t windows = ends.ElementLength();
    const std::span<int> ages = to_integers(addon, arguments[2], "ages", windows);
    if (std::ranges::any_of(ages, [](int age) { return age < 0; })) {
        fail_expected(addon, "invalid-argument", "steps from 0", "ages", arguments[2]);
    }
    CarriedStates* carried = carried_by(*shared);
    if (carried == nullptr) {
        if (windows > 0) fail_expected(addon, "invalid-argument", "none without carries", "ends", ends);
        return addon.env().Undefined();
    }
    CarriedStates states(std::get<std::unique_ptr<Trainer>>(shared->trainer)->spec().network, windows);
    std::copy_n(ends.Data(), windows, states.ends.begin());
    std::ranges::copy(ages, states.ages.begin());
    std::ranges::copy(arguments.finite(3, "h", states.h.size()), states.h.begin());
    std::ranges::copy(arguments.finite(4, "c", states.c.size()), states.c.begin());
    *carried = std::move(states);
    return addon.env().Undefined();
}

} // namespace

void export_trainers(Napi::Object exports, Addon& addon) {
    add<create_trainer>(exports, addon, "createTrainer");
    add<get_trainer_parameters>(exports, addon, "getTrainerParameters");
    add<set_trainer_parameters>(exports, addon, "setTrainerParameters");
    add<get_optimiser>(exports, addon, "getOptimiser");
    add<set_optimiser>(exports, addon, "setOptimiser");
    add<get_carried>(exports, addon, "getCarried");
    add<set_carried>(exports, addon, "setCarried");
}

} // namespace gatecast::binding
