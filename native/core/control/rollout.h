#pragma once

#include <memory>
#include <span>
#include <vector>

#include "core/network/network.h"
#include "core/network/states.h"
#include "core/network/step-buffers.h"
#include "core/pool.h"

namespace gatecast {

/// How a network stands for a plant: its input holds what is measured at a step and the actions taken then, its head
/// gives what will be measured at the next. An input takes (value - mean) / deviation.
struct Dynamics {
    std::vector<int> outputs;            ///< of each value of the head, the input that it is at the next step
    std::vector<double> mean, deviation; ///< of each input
    bool anchor;                         ///< the head gives the change from the last value, not the value
    float limit;                         ///< no scaled input is larger
    bool feed_forward = false;           ///< each step begins from the zero state, whatever came before
};

/// A model of a plant
struct Plant {
    std::shared_ptr<const Network> network;
    Dynamics dynamics;
};

/// Rolls a plant out from one state under many sequences of actions, all through the same kernels in one call. Holds
/// its network; create allocates, run does not. A roll-out takes the same bits alone, among many, and whatever the
/// threads: those of a state that is stepped with each forecast as its next sample.
class Rollout {
  public:
    /// `samples` roll-outs of `horizon` steps. Precondition: the network is not bidirectional and its head has a value
    /// for each of the outputs, which are different inputs; means and deviations are finite, deviations positive;
    /// samples, horizon >= 1.
    Rollout(std::shared_ptr<const Network> network, Dynamics dynamics, int samples, int horizon,
            std::shared_ptr<Pool> pool = nullptr);

    const Network& network() const { return *network_; }
    int samples() const { return samples_; }
    int horizon() const { return horizon_; }
    std::size_t output_count() const { return dynamics_.outputs.size(); }
    /// Inputs that are no outputs, in their order
    std::size_t action_count() const { return actions_.size(); }

    /// No allocation. Precondition: `from` is of a network of the same spec, which has not yet taken `measured`.
    ///   measured  the outputs at the first step [outputs], within the limit and the range of a float
    ///   actions   [samples][horizon][actions], `outputs` [samples][horizon][outputs]: after each action
    ///   steps     of each sample, how many of its steps could be told: at the next one an action or an output was
    ///   beyond
    ///             the limit or no number. From there on the outputs stay what they were before.
    void run(const States& from, int slot, std::span<const double> measured, std::span<const float> actions,
             std::span<float> outputs, std::span<int> steps);

    /// Some rows of the arguments of run, at most group_rows()
    struct Rows {
        int count;
        std::span<const double> measured;
        const float* actions;
        float* outputs;
        int* steps;
    };

    /// The parts of run, for who makes the plans of a group and judges them while they are in the cache: the state that
    /// all roll-outs begin from, then groups of rows in any order, each thread below threads() with one at a time.
    void begin(const States& from, int slot) { from.read(slot, state_); }
    void run_rows(int thread, const Rows& rows);
    int threads() const { return static_cast<int>(workspaces_.size()); }
    int group_rows() const { return group_rows_; }

  private:
    /// What one thread needs to take a group of rows through all steps
    struct Workspace {
        Workspace(const Network& network, int rows, std::size_t outputs);
        StepBuffers cell; ///< of all layers
        AlignedBuffer x, head;
        std::vector<double> values, next; ///< outputs, [rows][outputs] and [outputs]
        std::vector<float> scaled;        ///< [outputs]
    };

    void spread_state(Workspace& work, const Rows& rows) const;
    void take_actions(Workspace& work, const Rows& rows, int step) const;
    void step_network(Workspace& work, int rows, int step) const;
    void take_outputs(Workspace& work, const Rows& rows, int step) const;
    float scale(double value, int input) const {
        return static_cast<float>((value - dynamics_.mean[input]) / dynamics_.deviation[input]);
    }

    std::shared_ptr<const Network> network_;
    std::shared_ptr<Pool> pool_;
    Dynamics dynamics_;
    std::vector<int> actions_;
    std::vector<double> mean_, deviation_; ///< of the outputs, in their order
    int samples_, horizon_, group_rows_;
    std::vector<float> state_;
    std::vector<Workspace> workspaces_; ///< one for each thread
};

} // namespace gatecast
