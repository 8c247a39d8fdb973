#include "binding/arguments.h"

namespace gatecast::binding {
namespace {

constexpr int kMaxSteps = 1 << 30;

Precision to_precision(const Addon& addon, Napi::Value value) {
    const std::string name = value.IsString() ? value.As<Napi::String>().Utf8Value() : "";
    if (name == "f32") return Precision::f32;
    if (name == "bf16") return Precision::bf16;
    if (name == "int8") return Precision::int8;
    fail_expected(addon, "invalid-argument", "'f32', 'bf16' or 'int8'", "precision", value);
}

/// (spec, precision, threads)
Napi::Value create_network(const Arguments& arguments) {
    Addon& addon = arguments.addon;
    const NetworkSpec spec = to_network_spec(addon, arguments.object(0, "the network"));
    const Precision precision = to_precision(addon, arguments[1]);
    const int threads = arguments.integer(2, "threads", 1, kMaxThreads);
    PooledNetwork network{std::make_shared<Network>(spec, addon.kernels(), precision), nullptr};
    if (threads > 1) network.pool = std::make_shared<Pool>(threads);
    return Napi::Number::New(addon.env(), addon.hold(std::move(network)));
}

/// (network, seed)
Napi::Value initialise_parameters(const Arguments& arguments) {
    Network& network = arguments.network(0);
    network.initialise(static_cast<std::uint64_t>(arguments.integer(1, "seed", 0, 0x7fffffff)));
    return arguments.addon.env().Undefined();
}

/// (network, out)
Napi::Value get_parameters(const Arguments& arguments) {
    const std::span<const float> parameters = arguments.network(0).parameters();
    std::ranges::copy(parameters, arguments.floats(1, "the parameters", parameters.size()).begin());
    return arguments.addon.env().Undefined();
}

/// (network, values)
Napi::Value set_parameters(const Arguments& arguments) {
    Network& network = arguments.network(0);
    network.set_parameters(arguments.finite(1, "the parameters", network.layout().size));
    return arguments.addon.env().Undefined();
}

struct Sizes {
    std::size_t input, output, h, c; ///< c is 0 where the cell has none
};

SequenceShape to_shape(const Arguments& arguments) {
    return {
        .steps = arguments.integer(1, "steps", 1, kMaxSteps),
        .batch = arguments.integer(2, "batch", 1, kMaxSteps),
        .batch_first = arguments.boolean(3, "batchFirst"),
    };
}

Sizes sizes_of(const NetworkSpec& spec, const SequenceShape& shape) {
    const std::size_t rows = static_cast<std::size_t>(shape.steps) * shape.batch;
    const std::size_t states = static_cast<std::size_t>(spec.cells()) * shape.batch;
    return {
        .input = rows * spec.input_size,
        .output = rows * spec.output_size(),
        .h = states * spec.recurrent_size(),
        .c = states * spec.c_size(),
    };
}

/// (network, steps, batch, batchFirst, input, h0?, c0?, output, hn, cn?)
Napi::Value forward(const Arguments& arguments) {
    const auto& [network, pool] = arguments.pooled_network(0);
    const SequenceShape shape = to_shape(arguments);
    const Sizes sizes = sizes_of(network->spec(), shape);
    const auto input = arguments.finite(4, "input", sizes.input);
    const auto h0 = arguments.finite_or_none(5, "initial.h", sizes.h);
    const auto c0 = arguments.finite_or_none(6, "initial.c", sizes.c);
    const auto output = arguments.floats(7, "output", sizes.output);
    const auto hn = arguments.floats(8, "hidden.h", sizes.h);
    const auto cn = sizes.c > 0 ? arguments.floats(9, "hidden.c", sizes.c) : std::span<float>();
    gatecast::forward(*network, shape, input, h0, c0, output, hn, cn, pool.get());
    return arguments.addon.env().Undefined();
}

/// (network, steps, batch, batchFirst, input, h0?, c0?, dOutput, dHn?, dCn?, dParameters, dInput, dH0, dC0?)
Napi::Value vector_jacobian(const Arguments& arguments) {
    const Network& network = arguments.network(0);
    if (network.precision() != Precision::f32) {
        arguments.addon.fail("invalid-argument", "Expected a network with precision 'f32' for the backward pass.");
    }
    const SequenceShape shape = to_shape(arguments);
    const Sizes sizes = sizes_of(network.spec(), shape);
    const auto input = arguments.finite(4, "input", sizes.input);
    const auto h0 = arguments.finite_or_none(5, "initial.h", sizes.h);
    const auto c0 = arguments.finite_or_none(6, "initial.c", sizes.c);
    const VectorJacobian io{
        .d_output = arguments.finite(7, "gradient.output", sizes.output),
        .d_hn = arguments.finite_or_none(8, "gradient.h", sizes.h),
        .d_cn = arguments.finite_or_none(9, "gradient.c", sizes.c),
        .parameters = arguments.floats(10, "the parameters' gradient", network.layout().size),
        .d_input = arguments.floats(11, "the input's gradient", sizes.input),
        .d_h0 = arguments.floats(12, "the gradient of initial.h", sizes.h),
        .d_c0 = sizes.c > 0 ? arguments.floats(13, "the gradient of initial.c", sizes.c) : std::span<float>(),
    };
    gatecast::vector_jacobian(network, shape, input, h0, c0, io);
    return arguments.addon.env().Undefined();
}

} // namespace

void export_networks(Napi::Object exports, Addon& addon) {
    add<create_network>(exports, addon, "createNetwork");
    add<initialise_parameters>(exports, addon, "initialiseParameters");
    add<get_parameters>(exports, addon, "getParameters");
    add<set_parameters>(exports, addon, "setParameters");
    add<forward>(exports, addon, "forward");
    add<vector_jacobian>(exports, addon, "vectorJacobian");
}

} // namespace gatecast::binding
