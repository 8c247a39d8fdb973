#include "binding/trainers.h"

namespace gatecast::binding {
namespace {

constexpr int kMaxWindows = 1 << 20;        ///< of one call
constexpr std::size_t kMaxValues = 1 << 30; ///< of the windows, and of the outputs, of one call

SegmentSpec to_segment_spec(const Addon& addon, Napi::Object object) {
    const auto integer = [&](const char* name, int low, int high) {
        return to_integer(addon, object.Get(name), name, low, high);
    };
    SegmentSpec spec;
    spec.cell = to_cell(addon, object.Get("cell"), true);
    spec.segment = integer("segment", 1, kMaxSize);
    spec.history = integer("history", 1, 1 << 20);
    spec.horizon = integer("horizon", 1, kMaxSize);
    spec.hidden = integer("hidden", 1, kMaxSize);
    spec.channels = integer("channels", 1, 4096);
    spec.embed_channels = to_boolean(addon, object.Get("embedChannels"), "embedChannels");
    spec.instance = to_boolean(addon, object.Get("instance"), "instance");
    spec.outputs = integer("outputs", 1, kMaxSize);
    spec.linear = integer("linear", 0, 1 << 20);
    if (!is_valid(spec)) {
        addon.fail("invalid-argument",
                   "Expected segments of at most 65,536 outputs, windows of at most 1,048,576 values, a linear map "
                   "that reads no more than these, an even hidden size with a channel embedding, and a segment network "
                   "that fits in memory.");
    }
    return spec;
}

/// (spec, threads)
Napi::Value create_segments(const Arguments& arguments) {
    Addon& addon = arguments.addon;
    const SegmentSpec spec = to_segment_spec(addon, arguments.object(0, "the network"));
    const int threads = arguments.integer(1, "threads", 1, kMaxThreads);
    return Napi::Number::New(addon.env(), addon.hold(std::make_unique<SegmentRunner>(spec, addon.kernels(), threads)));
}

/// (segments, out)
Napi::Value get_segment_parameters(const Arguments& arguments) {
    const std::span<const float> parameters = arguments.segments(0).network().parameters();
    std::ranges::copy(parameters, arguments.floats(1, "the parameters", parameters.size()).begin());
    return arguments.addon.env().Undefined();
}

/// (segments, values)
Napi::Value set_segment_parameters(const Arguments& arguments) {
    SegmentNetwork& network = arguments.segments(0).network();
    network.set_parameters(arguments.finite(1, "the parameters", network.layout().size));
    return arguments.addon.env().Undefined();
}

/// (segments, count, windows, outputs, scales, mapped)
Napi::Value run_segments(const Arguments& arguments) {
    Addon& addon = arguments.addon;
    SegmentRunner& runner = arguments.segments(0);
    const SegmentSpec& spec = runner.network().spec();
    const int count = arguments.integer(1, "the number of windows", 1, kMaxWindows);
    const std::size_t rows = static_cast<std::size_t>(count) * spec.channels;
    const std::size_t outputs = static_cast<std::size_t>(spec.horizon) * spec.outputs;
    if (rows * std::max<std::size_t>(spec.window(), outputs) > kMaxValues) {
        addon.fail("invalid-argument", "Expected fewer windows in one call: these would take more than 2^30 values.");
    }
    const auto windows = arguments.finite(2, "the windows", rows * spec.window());
    const auto out = arguments.floats(3, "the outputs", rows * outputs);
    const auto scales = arguments.floats(4, "the scales", rows * 2);
    const auto mapped = arguments.floats(5, "the linear forecasts", spec.linear > 0 ? rows * spec.horizon : 0);
    runner.run(count, windows.data(), out.data(), scales.data(), mapped.data());
    return addon.env().Undefined();
}

/// (spec, rows, parameters, missing?)
Napi::Value create_segment_trainer(const Arguments& arguments) {
    Addon& addon = arguments.addon;
    const Napi::Object object = arguments.object(0, "the trainer");
    const Napi::Value network = object.Get("network");
    if (!network.IsObject()) fail_expected(addon, "invalid-argument", "an object", "network", network);
    SegmentTrainerSpec spec;
    spec.network = to_segment_spec(addon, network.As<Napi::Object>());
    spec.head = to_head(addon, object.Get("loss"));
    spec.levels = to_levels(addon, object.Get("levels"));
    spec.dropout = to_number(addon, object.Get("dropout"), "dropout", 0, 0.99);
    spec.batch = to_integer(addon, object.Get("batchSize"), "batchSize", 1, kMaxSize);
    spec.weight_decay = to_number(addon, object.Get("weightDecay"), "weightDecay", 0, 1e6);
    spec.parts = to_parts(addon, object.Get("parts"));
    spec.clip = to_number(addon, object.Get("clipNorm"), "clipNorm", 0, 1e30);
    spec.seed = static_cast<std::uint64_t>(to_integer(addon, object.Get("seed"), "seed", 0, 0x7fffffff));
    spec.threads = to_integer(addon, object.Get("threads"), "threads", 1, kMaxThreads);
    if (!is_valid(spec)) {
        addon.fail("invalid-argument",
                   "Expected as many outputs as the loss has, levels for a loss that has them only, "
                   "and parts in order within the parameters.");
    }
    const auto rows = to_array<Napi::Float32Array>(addon, arguments[1], napi_float32_array, "a Float32Array", "rows");
    if (rows.ElementLength() % spec.network.channels != 0) {
        fail_expected(addon, "invalid-shape", "a multiple of the number of channels", "rows", rows);
    }
    const auto initial = arguments.finite(2, "the parameters", SegmentLayout(spec.network).size);
    std::vector<float> copy(rows.Data(), rows.Data() + rows.ElementLength());
    std::vector<std::uint8_t> missing = to_missing(addon, arguments[3], copy.size());
    auto shared = std::make_shared<SharedTrainer>();
    shared->trainer =
        std::make_unique<SegmentTrainer>(spec, addon.kernels(), std::move(copy), initial, std::move(missing));
    return Napi::Number::New(addon.env(), addon.hold(std::move(shared)));
}

} // namespace

void export_segments(Napi::Object exports, Addon& addon) {
    add<create_segments>(exports, addon, "createSegments");
    add<get_segment_parameters>(exports, addon, "getSegmentParameters");
    add<set_segment_parameters>(exports, addon, "setSegmentParameters");
    add<run_segments>(exports, addon, "runSegments");
    add<create_segment_trainer>(exports, addon, "createSegmentTrainer");
}

} // namespace gatecast::binding
