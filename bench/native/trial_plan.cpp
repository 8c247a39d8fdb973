// Whole plans of a controller by MPPI, one iteration each: what the kernel alone takes for as many rows, and two
// threads.
#include <limits>
#include <thread>

#include "native/case.h"
#include "native/clock.h"
#include "native/kernel_alone.h"
#include "native/measure.h"
#include "native/record.h"
#include "native/shapes.h"
#include "native/trials.h"

namespace gatecast::bench {
namespace {

constexpr int kActions = 3; ///< inputs; the rest are outputs, which come first

struct Shape {
    int samples, steps;
    NetworkSpec spec;
};

Plant plant_of(const std::shared_ptr<const Network>& network) {
    const NetworkSpec& spec = network->spec();
    Dynamics dynamics{
        {}, std::vector<double>(spec.input_size, 0), std::vector<double>(spec.input_size, 1), false, 1e24f};
    for (int output = 0; output < spec.head_size; ++output) dynamics.outputs.push_back(output);
    return {network, dynamics};
}

/// Every output is tracked, every action and its change cost something, and there is a limit of the rate.
class Plans {
  public:
    Plans(const std::shared_ptr<const Network>& network, const Shape& shape, int threads)
        : planner_({plant_of(network)}, cost_of(shape), std::vector<ActionLimits>(kActions, {-1, 1, 0.5}),
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
    static Cost cost_of(const Shape& shape) {
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

void compare(const Shape& shape, Precision precision, const Kernels& kernels, const Options& options) {
    const auto network = make_network(shape.spec, kernels, precision);
    std::vector<Contender> contenders{{"kernel", kernel_alone(network, shape.samples, shape.steps)}};
    const int most = std::thread::hardware_concurrency() >= 2 ? 2 : 1;
    for (int threads = 1; threads <= most; ++threads) {
        contenders.push_back({"ours", [plans = std::make_shared<Plans>(network, shape, threads)](long count) {
                                  for (; count > 0; --count) plans->run();
                                  keep(static_cast<float>(plans->result()));
                              }});
    }
    const std::vector<Timing> timings = measure(contenders, options);
    for (int threads = 1; threads <= most; ++threads) {
        Record record;
        record.trial = "plan";
        record.cell = name_of(shape.spec.cell);
        record.sizes = {{"inputs", shape.spec.input_size}, {"hidden", shape.spec.hidden_size}, {"steps", shape.steps}};
        record.precision = name_of(precision);
        record.batch = shape.samples;
        record.threads = threads;
        record.isa = kernels.name;
        record.ours = 1e9 / timings[threads].ns;
        record.rival = 1e9 / timings[threads - 1].ns;
        record.rival_name = threads == 1 ? "the kernel alone" : "gatecast, one thread";
        record.unit = "decisions/s";
        record.higher_is_better = true;
        record.spread = timings[threads].spread;
        print(record);
    }
}

} // namespace

void run_plan(const Kernels& kernels, const Options& options) {
    for (const std::vector<int>& numbers : shapes_of("plan")) {
        for (Cell cell : kCells) {
            for (Precision precision : kPrecisions) {
                Shape shape{numbers[0], numbers[1], spec_of(cell, numbers[2], numbers[3])};
                shape.spec.head_size = numbers[2] - kActions;
                compare(shape, precision, kernels, options);
            }
        }
    }
}

} // namespace gatecast::bench
