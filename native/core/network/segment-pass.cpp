#include "core/network/segment-pass.h"

#include <algorithm>
#include <cmath>

namespace gatecast {
namespace {

/// The population variance of a window gets this much more, so that a window of one value can be scaled (RevIN; Kim et
/// al., 2022).
constexpr double kLeastVariance = 1e-5;

} // namespace

SegmentPass::SegmentPass(const SegmentNetwork& network, bool keeps)
    : network_(network), spec_(network.spec()), stride_(padded(spec_.hidden)), slots_(traits_of(spec_.cell).slots),
      head_stride_(padded(spec_.segment * spec_.outputs)), keeps_(keeps) {
    const std::size_t rows = kRows, history = spec_.history, future = spec_.future();
    const std::size_t states = keeps ? history + 1 : 2;
    segments_ = AlignedBuffer(history * rows * spec_.segment);
    embedded_ = AlignedBuffer((keeps ? history : 1) * rows * stride_);
    h_ = AlignedBuffer(states * rows * stride_);
    if (traits_of(spec_.cell).has_c) {
        c_ = AlignedBuffer(states * rows * stride_);
        decoder_c_ = AlignedBuffer((keeps ? future : 1) * rows * stride_);
    }
    gates_ = AlignedBuffer(rows * network.network().gates_size());
    decoded_ = AlignedBuffer(future * rows * stride_);
    outputs_ = AlignedBuffer(future * rows * head_stride_);
    if (spec_.linear > 0) {
        mapped_from_ = AlignedBuffer(rows * spec_.linear);
        mapped_ = AlignedBuffer(rows * padded(spec_.horizon));
    }
    if (!keeps) return;
    tape_ = AlignedBuffer(history * rows * slots_ * stride_);
    decoder_tape_ = AlignedBuffer(future * rows * slots_ * stride_);
}

void SegmentPass::load(int row, int channel, const float* values, std::size_t stride) {
    const int window = spec_.window();
    WindowScale scale{values[(window - 1) * stride], 1.0f};
    if (spec_.instance) {
        double sum = 0, squares = 0;
        for (int k = 0; k < window; ++k) sum += values[k * stride];
        const double mean = sum / window;
        for (int k = 0; k < window; ++k) squares += (values[k * stride] - mean) * (values[k * stride] - mean);
        scale = {static_cast<float>(mean), static_cast<float>(std::sqrt(squares / window + kLeastVariance))};
    }
    channels_[row] = channel;
    scales_[row] = scale;
    float* mapped_from = mapped_from_.data() + static_cast<std::size_t>(row) * spec_.linear;
    for (int t = 0, left = window; t < spec_.history; ++t) {
        float* segment = segments_.data() + at(t, row) * spec_.segment;
        for (int k = 0; k < spec_.segment; ++k, values += stride) segment[k] = (*values - scale.centre) / scale.spread;
        for (int k = 0; k < spec_.segment; ++k, --left) {
            if (left <= spec_.linear) *mapped_from++ = segment[k];
        }
    }
}

void SegmentPass::run(float dropout, Random& random) {
    encode();
    decode();
    if (dropout > 0) drop(dropout, random);
    network_.network().apply_head(spec_.future() * rows_, decoded_.data(), stride_, outputs_.data());
    if (spec_.linear > 0) network_.map(rows_, mapped_from_.data(), mapped_.data());
}

void SegmentPass::encode() {
    const std::size_t state = rows_ * stride_;
    std::fill_n(h_.data(), state, 0.0f);
    if (c_.size() > 0) std::fill_n(c_.data(), state, 0.0f);
    for (int t = 0; t < spec_.history; ++t) {
        float* embedded = embedded_.data() + (keeps_ ? t * state : 0);
        network_.embed(rows_, segments(t), embedded);
        const std::size_t now = (keeps_ ? t : t % 2) * state, next = (keeps_ ? t + 1 : (t + 1) % 2) * state;
        network_.network().step_cell(0, {
                                            .batch = rows_,
                                            .x = embedded,
                                            .x_stride = stride_,
                                            .h = h_.data() + now,
                                            .h_out = h_.data() + next,
                                            .c = c_at(now),
                                            .c_out = c_at(next),
                                            .tape = keeps_ ? tape_.data() + t * state * slots_ : nullptr,
                                            .backwards = t % 2 == 1,
                                        });
    }
}

void SegmentPass::decode() {
    const std::size_t state = rows_ * stride_, gates = network_.network().gates_size();
    const std::size_t last = (keeps_ ? spec_.history : spec_.history % 2) * state;
    for (int step = 0; step < spec_.future(); ++step) {
        for (int row = 0; row < rows_; ++row) {
            const float* products = network_.place_products(spec_.place_of(step, channels_[row]));
            std::copy_n(products, gates, gates_.data() + row * gates);
        }
        network_.network().step_cell(
            0, {
                   .batch = rows_,
                   .gates = gates_.data(),
                   .h = h_.data() + last,
                   .h_out = decoded_.data() + step * state,
                   .c = c_at(last),
                   .c_out = decoder_c_.size() > 0 ? decoder_c_.data() + (keeps_ ? step * state : 0) : nullptr,
                   .tape = keeps_ ? decoder_tape_.data() + step * state * slots_ : nullptr,
                   .backwards = step % 2 == 1,
               });
    }
}

void SegmentPass::drop(float probability, Random& random) {
    const std::size_t count = spec_.future() * rows_ * stride_;
    if (masks_.size() == 0) masks_ = AlignedBuffer(static_cast<std::size_t>(spec_.future()) * kRows * stride_);
    const float keep = 1.0f / (1.0f - probability);
    for (std::size_t k = 0; k < count; ++k) {
        masks_.data()[k] = random.uniform() < probability ? 0.0f : keep;
        decoded_.data()[k] *= masks_.data()[k];
    }
}

} // namespace gatecast
