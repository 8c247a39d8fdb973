#include "binding/arguments.h"

namespace gatecast::binding {
namespace {

constexpr int kMaxSamples = 1 << 24;
constexpr int kMaxHorizon = 1 << 24;

/// (network, dynamics, samples, horizon, threads): see Rollout.
Napi::Value create_rollout(const Arguments& arguments) {
    Addon& addon = arguments.addon;
    const std::shared_ptr<Network> network = arguments.pooled_network(0).network;
    if (!network->spec().reads_newest() || network->spec().head_size == 0) {
        addon.fail("invalid-argument",
                   "Expected a network of one direction, with a head and without attention, for a roll-out.");
    }
    Dynamics dynamics = to_dynamics(addon, arguments.object(1, "dynamics"), network->spec());
    const int samples = arguments.integer(2, "samples", 1, kMaxSamples);
    const int horizon = arguments.integer(3, "horizon", 1, kMaxHorizon);
    const int threads = arguments.integer(4, "threads", 1, kMaxThreads);
    std::shared_ptr<Pool> pool = threads > 1 ? std::make_shared<Pool>(threads) : nullptr;
    auto rollout = std::make_unique<Rollout>(network, std::move(dynamics), samples, horizon, std::move(pool));
    return Napi::Number::New(addon.env(), addon.hold(std::move(rollout)));
}

/// (rollout, states, slot, measured, actions, outputs, steps): see Rollout::run.
Napi::Value run_rollout(const Arguments& arguments) {
    const Addon& addon = arguments.addon;
    Rollout& rollout = arguments.rollout(0);
    const States& states = arguments.states(1).states;
    const int slot = arguments.integer(2, "slot", 0, states.slots() - 1);
    if (states.network().spec() != rollout.network().spec()) {
        addon.fail("invalid-argument", "Expected a state of a network of the same shape as the roll-out's.");
    }
    const std::size_t steps = static_cast<std::size_t>(rollout.samples()) * rollout.horizon();
    rollout.run(states, slot, to_finite_doubles(addon, arguments[3], "what is measured", rollout.output_count()),
                arguments.finite(4, "actions", steps * rollout.action_count()),
                arguments.floats(5, "outputs", steps * rollout.output_count()),
                to_integers(addon, arguments[6], "steps", rollout.samples()));
    return addon.env().Undefined();
}

} // namespace

void export_rollouts(Napi::Object exports, Addon& addon) {
    add<create_rollout>(exports, addon, "createRollout");
    add<run_rollout>(exports, addon, "runRollout");
}

} // namespace gatecast::binding
