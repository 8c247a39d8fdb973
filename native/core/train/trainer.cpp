#include "core/train/trainer.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/denormals.h"
#include "core/network/groups.h"
#include "core/train/turns.h"

namespace gatecast {

namespace {

constexpr int kMaxWindow = 1 << 20;
constexpr double kMaxTraceValues = 1 << 30;

/// How many rows are forecast after a row, and the first of them, counted from that row
int steps_of(const TrainerSpec& spec) {
    return std::max(1, spec.horizon);
}
int first_step(const TrainerSpec& spec) {
    return std::min(1, spec.horizon);
}

/// Whether the steps of a window are run one after the other, because some read forecasts or none has a history
bool in_turn(const TrainerSpec& spec) {
    return spec.free_steps > 0 || spec.feed_forward;
}

/// Roughly the floats that one batch keeps for its backward pass
double trace_values(const TrainerSpec& spec) {
    const NetworkSpec& network = spec.network;
    const double rows = static_cast<double>(spec.window) * spec.batch;
    const double cell = (network.traits().slots + 4.0) * padded(network.hidden_size);
    const double norms = network.layer_norm ? 2.0 * network.num_layers * padded(network.output_size()) : 0;
    const double read = network.reads_newest() ? 0 : 2.0 * padded(network.head_input_size());
    const double attention = network.attention > 0 ? network.attention + 2.0 * padded(network.output_size()) : 0;
    const double above = 2.0 * padded(network.head_size) + read + attention;
    return rows * (network.cells() * cell + norms + above + network.input_size);
}

} // namespace

bool is_valid(const TrainerSpec& spec) {
    const auto is_level = [](float level) { return level > 0 && level < 1; };
    const auto is_column = [&](int column) { return column >= 0 && column < spec.network.input_size; };
    if (spec.head == nullptr) return false;
    if (!is_valid(spec.network) || spec.window < 1 || spec.window > kMaxWindow) return false;
    if (spec.warmup < 0 || spec.warmup >= spec.window || spec.horizon < 0 || spec.horizon > kMaxSize) return false;
    if (spec.free_steps < 0 || spec.free_steps >= spec.window - spec.warmup) return false;
    if (spec.network.bidirectional && spec.warmup < spec.window - 1) return false;
    if (spec.carries && (in_turn(spec) || !spec.network.reads_newest())) return false;
    if (in_turn(spec)) {
        if (spec.horizon != 1 || !spec.head->point || spec.dropout > 0 || !spec.network.reads_newest()) return false;
    }
    if (spec.batch < 1 || spec.batch > kMaxSize || !(spec.dropout >= 0 && spec.dropout < 1)) return false;
    if (!(spec.weight_decay >= 0) || !(spec.clip >= 0)) return false;
    if (!are_valid(spec.parts, ParameterLayout(spec.network).size)) return false;
    if (spec.targets.empty() || !std::ranges::all_of(spec.targets, is_column)) return false;
    if (!std::ranges::all_of(spec.levels, is_level) || trace_values(spec) > kMaxTraceValues) return false;
    if (spec.head->truths != Truths::scaled && (spec.anchor || in_turn(spec))) return false;
    const std::size_t values = spec.targets.size() * steps_of(spec), outputs = spec.network.head_size;
    return outputs % values == 0 && spec.head->takes(outputs / values, spec.levels.size());
}

bool shows_flow(const TrainerSpec& spec) {
    return !in_turn(spec) && !spec.carries && spec.dropout == 0;
}

bool fits_head(const TrainerSpec& spec, std::span<const ScaledValue> scaled, std::span<const std::uint8_t> missing) {
    const Truths truths = spec.head->truths;
    if (truths == Truths::scaled) return true;
    const auto classes = static_cast<float>(spec.network.head_size / (spec.targets.size() * steps_of(spec)));
    for (std::size_t i = 0; i < scaled.size(); ++i) {
        const auto [value, centre, spread] = scaled[i];
        const bool is_unit = spread > 0 && std::isfinite(spread); // a forecast is made after a missing value too
        if (truths == Truths::counts && !is_unit) return false;
        if (!missing.empty() && missing[i] != 0) continue;
        if (!(value >= 0 && std::isfinite(value))) return false;
        if (truths == Truths::classes && !(value < classes && value == std::floor(value))) return false;
    }
    return !scaled.empty();
}

Trainer::Trainer(const TrainerSpec& spec, const Kernels& kernels, std::vector<float> rows,
                 std::span<const float> initial, std::vector<std::uint8_t> missing, std::vector<int> begins,
                 std::vector<ScaledValue> scaled, std::shared_ptr<Pool> pool)
    : spec_(spec), rows_(std::move(rows)), missing_(std::move(missing)), begins_(std::move(begins)),
      scaled_(std::move(scaled)), network_(spec.network, kernels), backward_(spec.network, kernels),
      adam_(network_.layout().size, spec.weight_decay, spec.parts), random_(spec.seed),
      trace_(spec.network, spec.window, spec.batch), readout_(spec.network, kernels, first_time(), loss_rows()),
      pool_(std::move(pool)), weights_(kernels), gradients_(network_.layout().size), losses_(loss_rows()) {
    const std::size_t steps = trace_.rows(), with_loss = loss_rows();
    const std::size_t outputs = padded(spec.network.head_size), width = spec.network.output_size();
    head_ = AlignedBuffer(with_loss * outputs);
    d_head_ = AlignedBuffer(with_loss * outputs);
    d_output_ = AlignedBuffer(steps * padded(static_cast<int>(width)));
    if (spec.dropout > 0) trace_.reserve_masks();
    set_parameters(initial);
}

bool Trainer::fits(int start) const {
    const std::size_t count = rows_.size() / spec_.network.input_size;
    const std::int64_t end = std::int64_t{start} + spec_.window + spec_.horizon;
    const auto rows = static_cast<std::int64_t>(std::min<std::size_t>(count, std::numeric_limits<int>::max()));
    return end <= rows && start > -spec_.window && start + lead_of(start) >= 0;
}

/// The first steps of a window that are before the series of its last ones
int Trainer::lead_of(int start) const {
    const auto after = std::ranges::lower_bound(begins_, start + spec_.window);
    return after == begins_.begin() ? 0 : std::max(0, *(after - 1) - start);
}

void Trainer::set_parameters(std::span<const float> values) {
    network_.set_parameters(values);
    backward_.set_parameters(values);
    readout_.set_parameters(values);
}

std::size_t Trainer::begin(std::span<const int> starts) {
    leads_.clear();
    for (std::size_t b = 0; b < starts.size() && !begins_.empty(); ++b) leads_.push_back(lead_of(starts[b]));
    trace_.begin(static_cast<int>(starts.size()), leads_);
    if (spec_.carries) go_on(starts);
    const std::size_t values = loss_rows() * spec_.targets.size() * steps_of(spec_);
    const bool all = missing_.empty() && leads_.empty() && silent_.empty();
    const std::size_t known = all ? values : count_known(starts);
    share_ = static_cast<double>(known) / static_cast<double>(values);
    return known;
}

std::size_t Trainer::batch_of(std::span<const int> starts) const {
    const std::size_t most = std::min<std::size_t>(spec_.batch, starts.size());
    for (std::size_t count = 1; spec_.carries && count < most; ++count) {
        if (std::ranges::count(starts.first(count), starts[count] - spec_.window) > 0) return count;
    }
    return most;
}

void Trainer::go_on(std::span<const int> starts) {
    CarriedStates first(spec_.network, starts.size());
    silent_.clear();
    for (std::size_t b = 0; b < starts.size(); ++b) {
        if (!std::ranges::binary_search(begins_, starts[b])) first.take_over(spec_.network, b, carried_, starts[b]);
        silent_.push_back(std::max(0, spec_.warmup - first.ages[b]));
    }
    set_first_state(trace_, first.h, first.c);
    carried_ = std::move(first);
}

void Trainer::carry(std::span<const int> starts) {
    if (!spec_.carries) return;
    get_last_state(trace_, carried_.h, carried_.c);
    for (std::size_t b = 0; b < starts.size(); ++b) {
        carried_.ends[b] = starts[b] + spec_.window;
        carried_.ages[b] = std::min(carried_.ages[b], kMaxWindow) + spec_.window;
    }
}

/// Calls job(streams) for all windows, in shares that threads take. The job must not throw.
template <class Job>
void Trainer::share(Job&& job) {
    const int threads = pool_ != nullptr ? pool_->threads() : 1;
    const int batch = trace_.batch(), size = training_group_size(batch, threads);
    take_turns(pool_.get(), (batch + size - 1) / size, [&](int, int turn) {
        job(Streams{turn * size, std::min(size, batch - turn * size)});
    });
}

void Trainer::load_inputs(std::span<const int> starts, Streams streams) {
    const std::size_t inputs = spec_.network.input_size;
    for (int t = 0; t < spec_.window; ++t) {
        float* x = trace_.input(0) + (static_cast<std::size_t>(t) * trace_.batch() + streams.first) * inputs;
        for (int b = streams.first; b < streams.first + streams.count; ++b) {
            x = t < lead(b) ? std::fill_n(x, inputs, 0.0f)
                            : std::copy_n(rows_.data() + (starts[b] + t) * inputs, inputs, x);
        }
    }
}

void Trainer::run(std::span<const int> starts, Streams streams, float dropout, const Random& random) {
    load_inputs(starts, streams);
    if (in_turn(spec_)) return run_in_turn(streams);
    run_layers(network_, trace_, streams, dropout, random);
    for (int t = first_time(); t < spec_.window; ++t) apply_head(streams, t);
}

/// Runs one time after the other, so that forecasts can be inputs.
void Trainer::run_in_turn(Streams streams) {
    for (int t = 0; t < spec_.window; ++t) {
        if (is_free(t)) feed_back(streams, t);
        run_step(network_, trace_, streams, t);
        if (spec_.feed_forward) trace_.forget_after(streams, t);
        if (t >= spec_.warmup) apply_head(streams, t);
    }
}

void Trainer::apply_head(Streams streams, int t) {
    float* head = head_.data() + loss_row(t, streams.first) * padded(spec_.network.head_size);
    readout_.run(network_, trace_, streams, t, head);
}

/// Makes the forecast of time t - 1 the input of time t.
void Trainer::feed_back(Streams streams, int t) {
    const std::size_t inputs = spec_.network.input_size, stride = padded(spec_.network.head_size);
    const std::size_t batch = trace_.batch();
    float* now = trace_.input(0) + (t * batch + streams.first) * inputs;
    const float* before = now - batch * inputs;
    const float* head = head_.data() + loss_row(t - 1, streams.first) * stride;
    for (int b = 0; b < streams.count; ++b, now += inputs, before += inputs, head += stride) {
        for (std::size_t k = 0; k < spec_.targets.size(); ++k) {
            const int column = spec_.targets[k];
            now[column] = (spec_.anchor ? before[column] : 0.0f) + head[k];
        }
    }
}

/// How many true values of these windows are known
std::size_t Trainer::count_known(std::span<const int> starts) const {
    std::size_t known = 0;
    for (int t = first_time(); t < spec_.window; ++t) {
        for (std::size_t b = 0; b < starts.size(); ++b) {
            if (!counts(t, b)) continue;
            if (missing_.empty()) {
                known += spec_.targets.size() * steps_of(spec_);
                continue;
            }
            for (int step = first_step(spec_); step <= spec_.horizon; ++step) {
                for (std::size_t k = 0; k < spec_.targets.size(); ++k) known += is_known(starts[b] + t + step, k);
            }
        }
    }
    return known;
}

/// What the head is to forecast after row `now`
Truth Trainer::truth(int now, int step, std::size_t target, float anchor) const {
    if (scaled_.empty()) {
        const std::size_t row = now + step;
        return {rows_[row * spec_.network.input_size + spec_.targets[target]] - anchor};
    }
    const std::size_t targets = spec_.targets.size();
    const ScaledValue& from = scaled_[now * targets + target];
    const float value = scaled_[(now + step) * targets + target].value;
    if (spec_.head->truths != Truths::scaled) return {value, from.spread};
    return {std::clamp((value - from.centre) / from.spread, -kFarthest, kFarthest)};
}

/// The losses of the head's outputs, in losses_, and their gradient times `scale`, in d_head_
void Trainer::take_losses(std::span<const int> starts, Streams streams, float scale) {
    const std::size_t inputs = spec_.network.input_size, stride = padded(spec_.network.head_size);
    const Head& head = *spec_.head;
    const std::size_t per_value = spec_.network.head_size / (spec_.targets.size() * steps_of(spec_));
    for (int t = first_time(); t < spec_.window; ++t) {
        for (int b = streams.first; b < streams.first + streams.count; ++b) {
            const int now = starts[b] + t;
            const std::size_t row = loss_row(t, b);
            const float* x = trace_.input(0) + (first_row() + row) * inputs;
            const float* predicted = head_.data() + row * stride;
            float* gradient = d_head_.data() + row * stride;
            double sum = 0;
            for (std::size_t target = 0, k = 0; target < spec_.targets.size(); ++target) {
                const float anchor = spec_.anchor ? x[spec_.targets[target]] : 0.0f;
                for (int step = first_step(spec_); step <= spec_.horizon; ++step, k += per_value) {
                    if (!counts(t, b) || !is_known(now + step, target)) {
                        std::fill_n(gradient + k, per_value, 0.0f);
                        continue;
                    }
                    const Truth aim = truth(now, step, target, anchor);
                    sum += head.loss_and_gradient(spec_.levels, aim, {predicted + k, per_value}, scale, gradient + k);
                }
            }
            losses_[row] = sum;
        }
    }
}

double Trainer::mean_loss(std::size_t known) const {
    double sum = 0;
    for (int row = 0; row < loss_rows(); ++row) sum += losses_[row];
    return sum / static_cast<double>(losses_of(known));
}

double Trainer::evaluate(std::span<const int> starts) {
    const std::size_t known = begin(starts);
    if (known == 0 && !spec_.carries) return 0;
    share([&](Streams streams) {
        run(starts, streams, 0, random_);
        take_losses(starts, streams, 0);
    });
    carry(starts);
    return known == 0 ? 0 : mean_loss(known);
}

double Trainer::probe(std::span<const int> starts, Flow& flow) {
    const FlushDenormals flush;
    const std::size_t known = begin(starts);
    if (known == 0) return 0;
    backward_.begin(trace_);
    run(starts, trace_.all(), 0, random_);
    take_losses(starts, trace_.all(), static_cast<float>(1.0 / static_cast<double>(losses_of(known))));
    flow.begin(trace_.batch());
    backward_.watch(&flow);
    propagate(trace_.all());
    backward_.watch(nullptr);
    backward_.run_input_back(trace_);
    weight_gradients();
    const std::size_t width = padded(spec_.network.input_size);
    for (int t = 0; t < trace_.steps(); ++t) {
        const float* d_input = backward_.d_input() + static_cast<std::size_t>(t) * trace_.batch() * width;
        flow.take_inputs(trace_.steps() - 1 - t, trace_.batch(), d_input, width);
    }
    flow.end(gradients_);
    return mean_loss(known);
}

Trainer::Result Trainer::learn(std::span<const int> starts, float learning_rate) {
    const FlushDenormals flush;
    const std::size_t known = begin(starts);
    const Random masks = random_;
    if (spec_.dropout > 0) random_.skip(masked_values(trace_));
    if (known == 0) { // a step would follow earlier gradients only
        if (spec_.carries) share([&](Streams streams) { run(starts, streams, spec_.dropout, masks); });
        carry(starts);
        return {0, 0};
    }
    const auto scale = static_cast<float>(1.0 / static_cast<double>(losses_of(known)));
    backward_.begin(trace_);
    share([&](Streams streams) {
        run(starts, streams, spec_.dropout, masks);
        take_losses(starts, streams, scale);
        if (in_turn(spec_)) {
            propagate_in_turn(streams);
        } else {
            propagate(streams);
        }
    });
    carry(starts);
    weight_gradients();
    adam_.leave_out(gradients_);
    const double loss = mean_loss(known), norm = clip_norm(gradients_, spec_.clip);
    if (!std::isfinite(norm)) return {loss, norm}; // a step would ruin every weight
    std::vector<float> parameters(network_.parameters().begin(), network_.parameters().end());
    adam_.step(parameters, gradients_, learning_rate);
    if (all_finite(parameters)) set_parameters(parameters); // the state of the optimiser may be of any size
    return {loss, norm};
}

/// From d_head_ to the gradients of the gates, of all times.
void Trainer::propagate(Streams streams) {
    const std::size_t stride = padded(spec_.network.output_size());
    for (int t = 0; t < spec_.window; ++t) apply_head_back(streams, t);
    backward_.run_layers_back(trace_, streams, d_output_.data(), stride, {});
}

/// As propagate, from the last time to the first: the gradient of a forecast that was an input is added to that of its
/// own loss.
void Trainer::propagate_in_turn(Streams streams) {
    const std::size_t batch = trace_.batch(), stride = padded(spec_.network.output_size());
    const std::size_t head_stride = padded(spec_.network.head_size), x_stride = padded(spec_.network.input_size);
    const int targets = static_cast<int>(spec_.targets.size());
    for (int t = spec_.window - 1; t >= 0; --t) {
        apply_head_back(streams, t);
        const float* d_output = d_output_.data() + (t * batch + streams.first) * stride;
        const float* d_x = backward_.step(trace_, streams, t, d_output, stride);
        if (spec_.feed_forward) backward_.forget(streams);
        if (!is_free(t)) continue;
        const float* now = d_head_.data() + loss_row(t, streams.first) * head_stride;
        float* before = d_head_.data() + loss_row(t - 1, streams.first) * head_stride;
        for (int b = 0; b < streams.count; ++b, d_x += x_stride, now += head_stride, before += head_stride) {
            for (int k = 0; k < targets; ++k) before[k] += d_x[spec_.targets[k]] + (spec_.anchor ? now[k] : 0.0f);
        }
    }
}

/// Takes the gradient of what the head says at time t to that of the layers' output.
void Trainer::apply_head_back(Streams streams, int t) {
    const std::size_t row = t < first_time() ? 0 : loss_row(t, streams.first); // steps without a loss have none
    readout_.run_back(trace_, streams, t, d_head_.data() + row * padded(spec_.network.head_size), d_output_.data());
}

/// The gradients of all parameters, from d_head_ and the gradients of the gates.
void Trainer::weight_gradients() {
    weights_.clear();
    backward_.add_products(trace_, weights_);
    readout_.add_products(trace_, d_head_.data(), weights_);
    std::fill(gradients_.begin(), gradients_.end(), 0.0f);
    weights_.run(gradients_, pool_.get());
}

} // namespace gatecast
