// Whole decisions of a controller by MPPI, one iteration each, compared with the kernel alone for as many rows, and
// with two threads.
#include <limits>

#include "native/case.h"
#include "native/clock.h"
#include "native/measure.h"
#include "native/plant_case.h"
#include "native/trials.h"

namespace gatecast::bench {
namespace {

/// Every output is tracked, every action and its change cost something, and the rate is limited.
class Plans {
  public:
    Plans(const std::shared_ptr<const Network>& network, const PlantShape& shape, int threads)
        : planner_(std::vector<Plant>{{network, dynamics_of(network->spec())}}, cost_of(shape),
                   std::vector<ActionLimits>(kActions, {-1, 1, 0.5}),
                   {.search = {.method = Method::mppi,
                               .samples = shape.samples,
                               .horizon = shape.steps,
                               .seed = 1,
                               .deviation = std::vector<double>(kActions, 0.5)},
                    .iterations = 1,
                    .time = std::numeric_limits<double>::infinity(),
                    .clock = steady_now,
                    .batch_cost = nullptr},
                   threads > 1 ? std::make_shared<Pool>(threads) : nullptr),
          outputs_(network->spec().head_size), sent_(3 * kActions) {
        states_.emplace_back(network);
    }

    void run() {
        planner_.plan({.origin = {states_, 0, outputs_},
                       .sent = sent_,
                       .passed = 1,
                       .deadline = std::numeric_limits<double>::infinity()});
    }
    double result() const { return planner_.predicted_cost(); }

  private:
    static Cost cost_of(const PlantShape& shape) {
        Cost cost;
        const std::vector<double> reference(shape.steps, 0.1);
        for (int output = 0; output < shape.spec.head_size; ++output) cost.track.push_back({output, 1, 1, reference});
        for (int action = 0; action < kActions; ++action) cost.effort.push_back({action, 0.1, 0.1, reference});
        return cost;
    }

    Planner planner_;
    std::vector<States> states_;
    std::vector<double> outputs_, sent_;
};

void compare(const PlantShape& shape, Precision precision, const Kernels& kernels, const Options& options) {
    const auto network = make_network(shape.spec, kernels, precision);
    std::vector<Contender> contenders{{"kernel", kernel_alone(network, shape.samples, shape.steps)}};
    for (int threads = 1; threads <= most_threads(); ++threads) {
        contenders.push_back({"ours", [plans = std::make_shared<Plans>(network, shape, threads)](long count) {
                                  for (; count > 0; --count) plans->run();
                                  keep(static_cast<float>(plans->result()));
                              }});
    }
    const std::vector<Timing> timings = measure(contenders, options);
    for (int threads = 1; threads <= most_threads(); ++threads) {
        Record record = plant_record("plan", shape, precision, kernels, threads);
        record.ours = 1e9 / timings[threads].ns;
        record.rival = 1e9 / timings[threads - 1].ns;
        record.unit = "decisions/s";
        record.spread = timings[threads].spread;
        print(record);
    }
}

} // namespace

void run_plan(const Kernels& kernels, const Options& options) {
    for_each_plant("plan",
                   [&](const PlantShape& shape, Precision precision) { compare(shape, precision, kernels, options); });
}

} // namespace gatecast::bench
