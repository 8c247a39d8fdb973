// Plans of a controller rolled out from one state, compared with the kernel alone for as many rows, and with two
// threads.
#include <algorithm>

#include "native/case.h"
#include "native/clock.h"
#include "native/measure.h"
#include "native/plant_case.h"
#include "native/trials.h"

namespace gatecast::bench {
namespace {

/// Roll-outs from the zero state of a plant whose outputs come first, on the network's own scale.
class Plans {
  public:
    Plans(const std::shared_ptr<const Network>& network, const PlantShape& shape, int threads)
        : states_(network), rollout_(network, dynamics_of(network->spec()), shape.samples, shape.steps,
                                     threads > 1 ? std::make_shared<Pool>(threads) : nullptr),
          measured_(rollout_.output_count()), actions_(random_inputs(shape.samples * shape.steps, kActions)),
          outputs_(static_cast<std::size_t>(shape.samples) * shape.steps * measured_.size()), told_(shape.samples) {}

    void run() { rollout_.run(states_, 0, measured_, actions_, outputs_, told_); }
    const std::vector<float>& outputs() const { return outputs_; }

    /// Error of the last plan: each output against the reference for the same inputs.
    double error(const Network& network) const {
        const int steps = rollout_.horizon(), count = network.spec().head_size, hidden = network.spec().hidden_size;
        const float* outputs = outputs_.data() + outputs_.size() - static_cast<std::size_t>(steps) * count;
        const float* actions = actions_.data() + actions_.size() - static_cast<std::size_t>(steps) * kActions;
        std::vector<float> inputs;
        for (int t = 0; t < steps; ++t) {
            for (int o = 0; o < count; ++o) inputs.push_back(t == 0 ? 0.0f : outputs[(t - 1) * count + o]);
            inputs.insert(inputs.end(), actions + t * kActions, actions + (t + 1) * kActions);
        }
        const std::vector<double> h = reference_outputs(network, network.spec().cell, steps, inputs);
        const float* weight = network.parameters().data() + network.layout().head_weight.offset;
        const float* bias = network.parameters().data() + network.layout().head_bias.offset;
        std::vector<double> wanted;
        for (int t = 0; t < steps; ++t) {
            for (int o = 0; o < count; ++o) {
                double sum = bias[o];
                for (int k = 0; k < hidden; ++k) sum += static_cast<double>(weight[o * hidden + k]) * h[t * hidden + k];
                wanted.push_back(sum);
            }
        }
        return max_error({outputs, outputs + wanted.size()}, wanted);
    }

  private:
    States states_;
    Rollout rollout_;
    std::vector<double> measured_;
    std::vector<float> actions_, outputs_;
    std::vector<int> told_;
};

void compare(const PlantShape& shape, Precision precision, const Kernels& kernels, const Options& options) {
    const auto network = make_network(shape.spec, kernels, precision);
    std::vector<Contender> contenders{{"kernel", kernel_alone(network, shape.samples, shape.steps)}};
    std::vector<std::shared_ptr<Plans>> plans;
    for (int threads = 1; threads <= most_threads(); ++threads) {
        plans.push_back(std::make_shared<Plans>(network, shape, threads));
        contenders.push_back({"ours", [ours = plans.back()](long count) {
                                  for (; count > 0; --count) ours->run();
                                  keep(ours->outputs()[0]);
                              }});
    }
    const std::vector<Timing> timings = measure(contenders, options);
    for (std::size_t k = 0; k < plans.size(); ++k) {
        plans[k]->run();
        Record record = plant_record("rollout", shape, precision, kernels, static_cast<int>(k) + 1);
        record.ours = 1e9 * shape.samples / timings[1 + k].ns;
        record.rival = 1e9 * shape.samples / timings[k].ns;
        record.unit = "plans/s";
        record.spread = timings[1 + k].spread;
        record.extra = {{"error", plans[k]->error(*network)},
                        {"millionSteps", 1e3 * shape.samples * shape.steps / timings[1 + k].ns}};
        print(record);
    }
}

} // namespace

void run_rollout(const Kernels& kernels, const Options& options) {
    for_each_plant("rollout",
                   [&](const PlantShape& shape, Precision precision) { compare(shape, precision, kernels, options); });
}

} // namespace gatecast::bench
