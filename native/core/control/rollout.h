#pragma once

#include <memory>
#include <span>
#include <vector>

#include "core/network/network.h"
#include "core/network/states.h"
#include "core/network/step-buffers.h"
#include "core/pool.h"

namespace gatecast {

/// How a network models a plant: its inputs are the measured values at a step and the actions taken then; its head
/// predicts the measured values at the next step. An input is (value - mean) / deviation.
struct Dynamics {
    std::vector<int> outputs;            ///< for each output of the head, the input that it becomes at the next step
    std::vector<double> mean, deviation; ///< per input
    bool anchor;                         ///< the head predicts the change from the last value instead of the value
    float limit;                         ///< largest magnitude of a scaled input that the network can take
    bool feed_forward = false;           ///< each step starts from the zero state, whatever came before
};

/// A model of a plant
struct Plant {
    std::shared_ptr<const Network> network;
    Dynamics dynamics;
};

/// Rolls a plant out from one state under many sequences of actions, all through the same kernels in one call. Holds
/// its network; create allocates, run does not. A roll-out gets the same bits alone, among many, and with any number of
/// threads: those of a state that is stepped with each forecast as its next sample.
class Rollout {
  public:
    /// `samples` roll-outs of `horizon` steps. Precondition: the head of the network reads the newest output alone and
    /// has a value for each of the outputs, which are different inputs; means and deviations are finite, deviations
    /// positive; samples, horizon >= 1.
    Rollout(std::shared_ptr<const Network> network, Dynamics dynamics, int samples, int horizon,
            std::shared_ptr<Pool> pool = nullptr);

    const Network& network() const { return *network_; }
    int samples() const { return samples_; }
    int horizon() const { return horizon_; }
    std::size_t output_count() const { return dynamics_.outputs.size(); }
    /// Inputs that are not outputs, in their order
    std::size_t action_count() const { return actions_.size(); }

    /// No allocation. Precondition: `from` belongs to a network of the same spec and has not taken `measured` yet.
    ///   measured  the outputs at the first step [outputs], within the limit and the range of a float
    ///   actions   [samples][horizon][actions]
    ///   outputs   [samples][horizon][outputs]: after each action
    ///   steps     [samples]: how many steps could be predicted. At the next one an action or an output was beyond the
    ///             limit or not a number; from there on the outputs repeat the last ones.
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

    /// The parts of run, for callers that generate a group's plans and judge them while they are in the cache: first
    /// the state from which all roll-outs start, then groups of rows in any order, at most one at a time in each thread
    /// below threads().
    void begin(const States& from, int slot) { from.read(slot, state_); }
    void run_rows(int thread, const Rows& rows);
    int threads() const { return static_cast<int>(workspaces_.size()); }
    int group_rows() const { return group_rows_; }

  private:
    /// Memory of one thread to take a group of rows through all steps
    struct Workspace {
        Workspace(const Network& network, int rows, std::size_t outputs);
        StepBuffers cell; ///< of all layers
        AlignedBuffer x, head;
        AlignedBuffer between;            ///< [rows][h_stride], what a layer passes on, if that is not its h
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
    std::vector<double> mean_, deviation_; ///< per output
    int samples_, horizon_, group_rows_;
    std::vector<float> state_;
    std::vector<Workspace> workspaces_; ///< one for each thread
};

} // namespace gatecast
