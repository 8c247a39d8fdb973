#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/heads/heads.h"
#include "core/train/adam.h"
#include "core/train/bptt.h"
#include "core/train/carried-states.h"
#include "core/train/readout.h"

namespace gatecast {

/// What to learn, and how. A window that starts at row s of the table feeds rows s .. s + window - 1. After its step t
/// >= warmup, the head forecasts rows s + t + 1 .. s + t + horizon; with horizon 0, row s + t itself. A bidirectional
/// network has a loss at the last step only, because its reverse direction has seen the whole window at each.
struct TrainerSpec {
    NetworkSpec network; ///< the outputs of its head are [targets][horizon][outputs of `head`]
    float dropout = 0;   ///< between layers, in [0, 1)
    int window = 0;
    int warmup = 0; ///< first steps after the zero state without a loss, < window
    int horizon = 0;
    /// How many of a window's last steps read the forecast of the step before instead of the targets' values. They
    /// begin after the first step with a loss. Above 0 only with horizon 1, a head that gives points and
    /// reads the newest output alone, and no dropout.
    int free_steps = 0;
    bool feed_forward = false; ///< each step begins from the zero state; same conditions as free_steps
    /// Whether a window that begins where one of the batch before ended goes on from its last state, to which no
    /// gradient flows back (truncated backpropagation through time), unless it begins at a row in `begins`. Otherwise,
    /// each window begins from the zero state. Only in one direction, without attention, free steps and feed_forward.
    bool carries = false;
    std::vector<int> targets;   ///< columns of the input; not read if the true values are in `scaled`
    bool anchor = false;        ///< the head forecasts the change from the target's value at step t
    const Head* head = nullptr; ///< one of heads()
    std::vector<float> levels;  ///< for a head with levels, else empty
    int batch = 0;              ///< windows in one step of the optimiser
    float weight_decay = 0;
    std::vector<LearnedPart> parts; ///< of the parameters, which are learned; empty for all, with decay
    float clip = 0;                 ///< largest global norm of the gradient; 0: off
    std::uint64_t seed = 0;
};

/// True if the numbers are in range and fit together.
bool is_valid(const TrainerSpec& spec);

/// A true value in a unit of its series, and the scale on which the network forecasts after the row that it is in: a
/// true value v then counts as (v - centre) / spread, within kFarthest. Of an anchored forecast, the centre is the
/// value. For a head of counts or classes the value is the count or the place of the class, and `spread` the unit of
/// the counts.
struct ScaledValue {
    float value;
    float centre;
    float spread; ///< > 0
};

/// The furthest that a true value may be from the centre, in spreads: a series that starts to move after it has hardly
/// moved would otherwise decide the loss alone.
constexpr float kFarthest = 32;

/// True if `Trainer::probe` can follow the gradients: without dropout, and where no step reads a forecast and no window
/// goes on from another.
bool shows_flow(const TrainerSpec& spec);

/// True if the head can read the true values of all rows whose value is not missing: none for a head whose true values
/// are in the rows; else counts >= 0 with a unit, or places of classes.
bool fits_head(const TrainerSpec& spec, std::span<const ScaledValue> scaled, std::span<const std::uint8_t> missing);

/// Learns the parameters of a network from windows of one table. One caller at a time; the same calls give the same
/// bits on the same build and machine, with or without a pool.
class Trainer {
  public:
    ///   rows     [row_count][input_size], finite wherever a window reaches
    ///   initial  the parameters to begin with
    ///   missing  [row_count][targets], not 0 where the true value of a target is missing: forecasts of it have no
    ///            loss. Empty if none is missing.
    ///   begins   ascending: first rows of series that are shorter than a window. A window may start before one: it
    ///            stays in the zero state until then, and has a loss from there on.
    ///   scaled   [row_count][targets], for rows whose true values have no scale in common: the loss then compares
    ///            with these and not with `rows`. Empty if the true values are in `rows`, as only scaled ones can be.
    ///   pool     shares the windows of a batch among its threads; may be null
    /// Preconditions: is_valid(spec); fits_head(spec, scaled, missing); no begins and nothing in `scaled` with free
    /// steps or feed_forward.
    Trainer(const TrainerSpec& spec, const Kernels& kernels, std::vector<float> rows, std::span<const float> initial,
            std::vector<std::uint8_t> missing = {}, std::vector<int> begins = {}, std::vector<ScaledValue> scaled = {},
            std::shared_ptr<Pool> pool = nullptr);

    /// True if a window may start at this row
    bool fits(int start) const;

    struct Result {
        double loss;          ///< mean over everything forecast whose true value is known; 0 if none is
        double gradient_norm; ///< before clipping
    };

    /// How many of these windows the next batch takes: up to spec.batch, and none that goes on from another of them.
    std::size_t batch_of(std::span<const int> starts) const;

    /// One step of the optimiser on up to spec.batch windows; none if no true value is known. Precondition:
    /// 0 < starts.size() <= batch, all fit.
    Result learn(std::span<const int> starts, float learning_rate);

    /// The mean loss of up to spec.batch windows, without dropout. Same precondition.
    double evaluate(std::span<const int> starts);

    /// As `evaluate`, and adds to `flow` how the gradients of the losses of these windows flow back. A step before the
    /// begin of a window counts with zeros. Changes nothing that later calls depend on. Precondition: shows_flow(spec).
    double probe(std::span<const int> starts, Flow& flow);

    /// Which share of the true values of the last call is known: the weight of its loss in a mean over windows
    double share() const { return share_; }

    const TrainerSpec& spec() const { return spec_; }
    /// The gradients of the last step of the optimiser, clipped, or of the last probe
    std::span<const float> gradients() const { return gradients_; }
    std::span<const float> parameters() const { return network_.parameters(); }
    void set_parameters(std::span<const float> values);

    /// Lets the next windows begin from the zero state.
    void forget() { carried_ = {}; }

    /// With the parameters, all that later calls of `learn` depend on
    Adam& adam() { return adam_; }
    Random& random() { return random_; }
    CarriedStates& carried() { return carried_; }

  private:
    /// Prepares a pass over these windows. Returns how many of their true values are known.
    std::size_t begin(std::span<const int> starts);
    /// Puts these windows in the states in which those before ended.
    void go_on(std::span<const int> starts);
    /// Keeps the states in which these windows ended.
    void carry(std::span<const int> starts);
    /// The mean of the losses of a finished pass
    double mean_loss(std::size_t known) const;
    template <class Job>
    void share(Job&& job);
    void load_inputs(std::span<const int> starts, Streams streams);
    void run(std::span<const int> starts, Streams streams, float dropout, const Random& random);
    void run_in_turn(Streams streams);
    void apply_head(Streams streams, int t);
    void apply_head_back(Streams streams, int t);
    void feed_back(Streams streams, int t);
    void take_losses(std::span<const int> starts, Streams streams, float scale);
    int lead_of(int start) const;
    int lead(std::size_t window) const { return leads_.empty() ? 0 : leads_[window]; }
    /// Whether what a window says at time t has a loss
    bool counts(int t, std::size_t window) const {
        return t >= lead(window) && (silent_.empty() || t >= silent_[window]);
    }
    bool is_known(int row, std::size_t target) const {
        return missing_.empty() || missing_[row * spec_.targets.size() + target] == 0;
    }
    std::size_t count_known(std::span<const int> starts) const;
    std::size_t losses_of(std::size_t known) const { return known * spec_.head->losses(spec_.levels.size()); }
    Truth truth(int now, int step, std::size_t target, float anchor) const;
    void propagate(Streams streams);
    void propagate_in_turn(Streams streams);
    void weight_gradients();
    bool is_free(int t) const { return t >= spec_.window - spec_.free_steps; }
    /// The first time at which any window has a loss
    int first_time() const { return spec_.carries ? 0 : spec_.warmup; }
    int first_row() const { return first_time() * trace_.batch(); }
    int loss_rows() const { return trace_.rows() - first_row(); }
    /// The row of a time and a window among those with a loss
    std::size_t loss_row(int t, int window) const {
        return static_cast<std::size_t>(t - first_time()) * trace_.batch() + window;
    }

    TrainerSpec spec_;
    std::vector<float> rows_;
    std::vector<std::uint8_t> missing_;
    std::vector<int> begins_;
    std::vector<ScaledValue> scaled_;
    std::vector<int> leads_; ///< of the windows of the last call; empty without begins
    /// Of these windows, the first steps without a loss; empty if none goes on from another
    std::vector<int> silent_;
    CarriedStates carried_;
    double share_ = 1;
    Network network_;
    Backward backward_;
    Adam adam_;
    Random random_;
    Trace trace_;
    Readout readout_;
    std::shared_ptr<Pool> pool_;
    WeightGradients weights_;
    std::vector<float> gradients_;
    std::vector<double> losses_;      ///< of each row with a loss, not scaled
    AlignedBuffer head_;              ///< outputs of the steps with a loss, [rows][padded(head_size)]
    AlignedBuffer d_head_, d_output_; ///< d_output_: [steps][batch][padded(output_size)]
};

} // namespace gatecast
