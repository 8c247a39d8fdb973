#include "core/train/segment-trainer.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/train/turns.h"

namespace gatecast {
namespace {

/// A batch is cut into this many shares at most. Their sums are added in order, so that the number
/// of threads changes no bit.
constexpr int kMostShares = 8;

/// Fewer rows cost more than they save: each share has its own list of sums.
constexpr int kFewRows = 16;

/// The furthest that a true value may be from the centre of its window, in spreads, for heads that know only these
constexpr float kFarthestInWindow = 32;

} // namespace

bool is_valid(const SegmentTrainerSpec& spec) {
    const auto is_level = [](float level) { return level > 0 && level < 1; };
    if (spec.head == nullptr || !is_valid(spec.network) || spec.network.linear > 0) return false;
    if (spec.head->truths != Truths::scaled || !std::ranges::all_of(spec.levels, is_level)) return false;
    if (!spec.head->takes(spec.network.outputs, spec.levels.size())) return false;
    if (!are_valid(spec.parts, SegmentLayout(spec.network).size)) return false;
    if (spec.batch < 1 || spec.batch > kMaxSize || spec.threads < 1) return false;
    return spec.dropout >= 0 && spec.dropout < 1 && spec.weight_decay >= 0 && spec.clip >= 0;
}

bool shows_flow(const SegmentTrainerSpec& spec) {
    return spec.threads == 1 && spec.dropout == 0;
}

SegmentTrainer::Workspace::Workspace(const SegmentNetwork& network, const SegmentBackward& backward)
    : pass(network, true), buffers(backward),
      d_outputs(static_cast<std::size_t>(network.spec().future()) * SegmentPass::kRows * pass.head_stride()),
      moved(network.spec().outputs) {}

SegmentTrainer::SegmentTrainer(const SegmentTrainerSpec& spec, const Kernels& kernels, std::vector<float> rows,
                               std::span<const float> initial, std::vector<std::uint8_t> missing)
    : spec_(spec), rows_(std::move(rows)), missing_(std::move(missing)), network_(spec.network, kernels),
      backward_(network_), adam_(network_.layout().size, spec.weight_decay, spec.parts),
      gradients_(network_.layout().size), random_(spec.seed) {
    const int threads = std::min(spec.threads, kMostShares);
    if (threads > 1) pool_ = std::make_unique<Pool>(threads);
    for (int k = 0; k < (pool_ ? pool_->threads() : 1); ++k) {
        workspaces_.push_back(std::make_unique<Workspace>(network_, backward_));
    }
    const int rows_of_batch = spec.batch * spec.network.channels;
    for (int k = 0; k < std::clamp(rows_of_batch / kFewRows, 1, kMostShares); ++k) {
        sums_.emplace_back(backward_.sums_size());
    }
    losses_.resize(sums_.size());
    set_parameters(initial);
}

bool SegmentTrainer::fits(int start) const {
    const std::size_t count = rows_.size() / spec_.network.channels;
    const std::int64_t end = std::int64_t{start} + spec_.network.window() + spec_.network.horizon;
    const auto rows = static_cast<std::int64_t>(std::min<std::size_t>(count, std::numeric_limits<int>::max()));
    return start >= 0 && end <= rows;
}

void SegmentTrainer::set_parameters(std::span<const float> values) {
    network_.set_parameters(values);
    backward_.update();
}

double SegmentTrainer::evaluate(std::span<const int> starts) {
    return run(starts, 0, false);
}

SegmentTrainer::Result SegmentTrainer::learn(std::span<const int> starts, float learning_rate) {
    drawn_ = random_.next();
    const double mean_loss = run(starts, spec_.dropout, true);
    if (share_ == 0) return {0, 0}; // a step would follow earlier gradients only
    add_up();
    adam_.leave_out(gradients_);
    const double norm = clip_norm(gradients_, spec_.clip);
    if (!std::isfinite(norm)) return {mean_loss, norm}; // a step would ruin every weight
    std::vector<float> parameters(network_.parameters().begin(), network_.parameters().end());
    adam_.step(parameters, gradients_, learning_rate);
    if (all_finite(parameters)) set_parameters(parameters); // the state of the optimiser may be of any size
    return {mean_loss, norm};
}

double SegmentTrainer::probe(std::span<const int> starts, Flow& flow) {
    flow.begin(static_cast<int>(starts.size()) * spec_.network.channels);
    backward_.watch(&flow);
    const double mean_loss = run(starts, 0, true);
    backward_.watch(nullptr);
    if (share_ == 0) return 0;
    add_up();
    flow.end(gradients_);
    return mean_loss;
}

/// Makes the gradients of the sums of all shares.
void SegmentTrainer::add_up() {
    for (int k = 1; k < shares_; ++k) {
        for (std::size_t i = 0; i < sums_[0].size(); ++i) sums_[0].data()[i] += sums_[k].data()[i];
    }
    backward_.finish(sums_[0].data(), gradients_);
}

double SegmentTrainer::run(std::span<const int> starts, float dropout, bool learns) {
    const SegmentSpec& spec = spec_.network;
    const int rows = static_cast<int>(starts.size()) * spec.channels;
    const std::size_t values = static_cast<std::size_t>(rows) * spec.horizon;
    const std::size_t known = missing_.empty() ? values : count_known(starts);
    share_ = static_cast<double>(known) / static_cast<double>(values);
    if (known == 0) return 0;
    const double count = static_cast<double>(known * spec_.head->losses(spec_.levels.size()));
    scale_ = static_cast<float>(1.0 / count);
    shares_ = std::clamp(rows / kFewRows, 1, static_cast<int>(sums_.size()));
    take_turns(pool_.get(), shares_, [&](int thread, int share) {
        losses_[share] = run_share(share, starts, dropout, learns, *workspaces_[thread]);
    });
    double sum = 0;
    for (int k = 0; k < shares_; ++k) sum += losses_[k];
    return sum / count;
}

/// Returns the sum of the losses of a share of the rows.
double SegmentTrainer::run_share(int share, std::span<const int> starts, float dropout, bool learns,
                                 Workspace& workspace) {
    const SegmentSpec& spec = spec_.network;
    const auto rows = static_cast<std::int64_t>(starts.size()) * spec.channels;
    const int end = static_cast<int>(rows * (share + 1) / shares_);
    Random random(Random(drawn_ + static_cast<std::uint64_t>(share)).next()); // unlike those of the other shares
    SegmentPass& pass = workspace.pass;
    if (learns) sums_[share].zero();
    double sum = 0;
    for (int first = static_cast<int>(rows * share / shares_); first < end; first += SegmentPass::kRows) {
        pass.begin(std::min(SegmentPass::kRows, end - first));
        for (int k = 0; k < pass.rows(); ++k) {
            const int channel = (first + k) % spec.channels;
            const std::size_t start = starts[(first + k) / spec.channels];
            pass.load(k, channel, rows_.data() + start * spec.channels + channel, spec.channels);
        }
        pass.run(dropout, random);
        sum += loss(starts, first, workspace);
        if (!learns) continue;
        backward_.run(pass, workspace.d_outputs.data(), dropout > 0, workspace.buffers, sums_[share].data());
    }
    return sum;
}

/// How many true values of these windows are known
std::size_t SegmentTrainer::count_known(std::span<const int> starts) const {
    const SegmentSpec& spec = spec_.network;
    std::size_t known = 0;
    for (const int start : starts) {
        const std::size_t from = static_cast<std::size_t>(start + spec.window()) * spec.channels;
        const auto first = missing_.begin() + static_cast<std::ptrdiff_t>(from);
        known += std::count(first, first + static_cast<std::ptrdiff_t>(spec.horizon) * spec.channels, 0);
    }
    return known;
}

/// Returns the sum of the losses of the rows in the workspace's pass, and leaves their gradients in `d_outputs`. Losses
/// are on the scale of the table, so that a window of small spread counts for no more than it is; a head whose outputs
/// are no values knows the scale of the window only.
double SegmentTrainer::loss(std::span<const int> starts, int first_row, Workspace& workspace) const {
    const SegmentSpec& spec = spec_.network;
    const SegmentPass& pass = workspace.pass;
    const Head& head = *spec_.head;
    const bool gives_values = head.point || head.has_levels();
    double sum = 0;
    for (int step = 0, value = 0; step < spec.future(); ++step, value = step * spec.segment) {
        for (int row = 0; row < pass.rows(); ++row) {
            const auto [centre, spread] = pass.scale(row);
            const std::size_t channel = pass.channel(row);
            const std::size_t start = starts[(first_row + row) / spec.channels] + spec.window();
            const float* outputs = pass.output(step, row);
            float* gradient =
                workspace.d_outputs.data() + (static_cast<std::size_t>(step) * pass.rows() + row) * pass.head_stride();
            for (int k = 0; k < spec.segment; ++k, outputs += spec.outputs, gradient += spec.outputs) {
                const std::size_t at = start + value + k;
                if (value + k >= spec.horizon || !is_known(at, channel)) {
                    std::fill_n(gradient, spec.outputs, 0.0f);
                    continue;
                }
                const std::span<const float> own(outputs, spec.outputs);
                const float truth = rows_[at * spec.channels + channel] - centre;
                if (gives_values) {
                    float* moved = workspace.moved.data();
                    for (int i = 0; i < spec.outputs; ++i) moved[i] = outputs[i] * spread;
                    sum += head.loss_and_gradient(spec_.levels, {truth}, workspace.moved, scale_, gradient);
                    for (int i = 0; i < spec.outputs; ++i) gradient[i] *= spread;
                } else {
                    const float aim = std::clamp(truth / spread, -kFarthestInWindow, kFarthestInWindow);
                    sum += head.loss_and_gradient(spec_.levels, {aim}, own, scale_, gradient);
                }
            }
        }
    }
    return sum;
}

} // namespace gatecast
