#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/heads/heads.h"
#include "core/pool.h"
#include "core/random.h"
#include "core/train/adam.h"
#include "core/train/segment-backward.h"

namespace gatecast {

/// What a segment network learns, and how. A window that starts at row s of the table reads rows s .. s + window() - 1
/// and forecasts the `horizon` rows after them, of all channels.
struct SegmentTrainerSpec {
    SegmentSpec network;
    const Head* head = nullptr; ///< one of heads()
    std::vector<float> levels;  ///< for a head with levels, else empty
    float dropout = 0;          ///< of what the head reads, in [0, 1)
    int batch = 0;              ///< windows in one step of the optimiser
    float weight_decay = 0;
    std::vector<LearnedPart> parts; ///< what is learned, all of it with decay if empty
    float clip = 0;                 ///< largest global norm of the gradient; 0: off
    std::uint64_t seed = 0;
    int threads = 1; ///< at most; they change no bit of the result
};

/// True if the numbers are in range and fit together.
bool is_valid(const SegmentTrainerSpec& spec);

/// True if `SegmentTrainer::probe` can follow the gradients: of one thread, and without dropout.
bool shows_flow(const SegmentTrainerSpec& spec);

/// Learns the parameters of a segment network from windows of one table. One call at a time. The same calls give the
/// same bits on the same build and machine, for any number of threads.
class SegmentTrainer {
  public:
    ///   rows     [row_count][channels], finite wherever a window reaches
    ///   initial  the parameters to begin with
    ///   missing  [row_count][channels], not 0 where the true value is missing: forecasts of it have no loss. Empty if
    ///            none is missing.
    /// Precondition: is_valid(spec).
    SegmentTrainer(const SegmentTrainerSpec& spec, const Kernels& kernels, std::vector<float> rows,
                   std::span<const float> initial, std::vector<std::uint8_t> missing = {});

    /// True if a window may start at this row
    bool fits(int start) const;

    struct Result {
        double loss;          ///< mean over everything forecast whose true value is known; 0 if none is
        double gradient_norm; ///< before clipping
    };

    /// One step of the optimiser on up to spec.batch windows; none if no true value is known. Precondition:
    /// 0 < starts.size() <= batch, all fit.
    Result learn(std::span<const int> starts, float learning_rate);

    /// The mean loss of up to spec.batch windows, without dropout. Same precondition.
    double evaluate(std::span<const int> starts);

    /// As `evaluate`, and adds to `flow` how the gradients of the losses of these windows flow back, each channel of a
    /// window as a window of its own. Changes nothing that later calls depend on. Precondition: shows_flow(spec).
    double probe(std::span<const int> starts, Flow& flow);

    /// Which share of the true values of the last call is known: the weight of its loss in a mean over windows
    double share() const { return share_; }

    const SegmentTrainerSpec& spec() const { return spec_; }
    /// The gradients of the last step of the optimiser, clipped, or of the last probe
    std::span<const float> gradients() const { return gradients_; }
    std::span<const float> parameters() const { return network_.parameters(); }
    void set_parameters(std::span<const float> values);

    /// What a later call of `learn` depends on, beside the parameters
    Adam& adam() { return adam_; }
    Random& random() { return random_; }

  private:
    /// What a thread needs for a group of rows
    struct Workspace {
        Workspace(const SegmentNetwork& network, const SegmentBackward& backward);

        SegmentPass pass;
        SegmentBackward::Buffers buffers;
        AlignedBuffer d_outputs;
        std::vector<float> moved; ///< outputs of one value, on the scale of the table
    };

    /// Runs all rows of a batch, and back if `learns`. Returns the mean loss.
    double run(std::span<const int> starts, float dropout, bool learns);
    void add_up();
    double run_share(int share, std::span<const int> starts, float dropout, bool learns, Workspace& workspace);
    double loss(std::span<const int> starts, int first_row, Workspace& workspace) const;
    std::size_t count_known(std::span<const int> starts) const;
    bool is_known(std::size_t row, std::size_t channel) const {
        return missing_.empty() || missing_[row * spec_.network.channels + channel] == 0;
    }

    SegmentTrainerSpec spec_;
    std::vector<float> rows_;
    std::vector<std::uint8_t> missing_;
    SegmentNetwork network_;
    SegmentBackward backward_;
    Adam adam_;
    std::unique_ptr<Pool> pool_;                         ///< null for one thread
    std::vector<std::unique_ptr<Workspace>> workspaces_; ///< of each thread
    std::vector<AlignedBuffer> sums_;                    ///< of each share of the batch
    std::vector<double> losses_;
    std::vector<float> gradients_;
    Random random_;
    std::uint64_t drawn_ = 0; ///< of the present step: the seed of its dropout
    int shares_ = 1;
    float scale_ = 0; ///< of the loss of one value
    double share_ = 1;
};

} // namespace gatecast
