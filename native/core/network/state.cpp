#include "core/network/state.h"

#include <algorithm>

namespace gatecast {

State::State(std::shared_ptr<const Network> network) : network_(std::move(network)) {
    const NetworkSpec& spec = network_->spec();
    h_stride_ = padded(spec.recurrent_size());
    c_stride_ = padded(spec.hidden_size);
    c_offset_ = 2 * spec.num_layers * h_stride_;
    scratch_offset_ = c_offset_ + (spec.cell == Cell::lstm ? spec.num_layers * c_stride_ : 0);
    // One use at a time: a tape, the vector before projection, or the head's output.
    const std::size_t scratch = std::max<std::size_t>(tape_slots(spec.cell) * c_stride_, padded(spec.head_size));
    buffer_ = AlignedBuffer(scratch_offset_ + scratch);
}

int State::output_size() const {
    const NetworkSpec& spec = network_->spec();
    return spec.head_size > 0 ? spec.head_size : spec.recurrent_size();
}

bool State::step(const float* x, float* y) {
    const NetworkSpec& spec = network_->spec();
    if (!all_finite({x, static_cast<std::size_t>(spec.input_size)})) return false;
    const bool is_lstm = spec.cell == Cell::lstm;
    for (int layer = 0; layer < spec.num_layers; ++layer) {
        float* next = h(layer, 1 - current_);
        network_->step_cell(layer, {
                                       .x = x,
                                       .h = h(layer, current_),
                                       .h_out = next,
                                       .c = is_lstm ? c(layer) : nullptr,
                                       .c_out = is_lstm ? c(layer) : nullptr,
                                       .unprojected = scratch(),
                                       .tape = spec.cell == Cell::gru_reset_before ? scratch() : nullptr,
                                   });
        x = next;
    }
    current_ = 1 - current_;
    if (spec.head_size > 0) {
        network_->apply_head(1, x, 0, scratch());
        x = scratch();
    }
    std::copy_n(x, output_size(), y);
    return true;
}

void State::reset() {
    buffer_.zero();
}

template <class Visit>
void State::for_each_vector(Visit visit) const {
    const NetworkSpec& spec = network_->spec();
    for (int layer = 0; layer < spec.num_layers; ++layer) {
        visit((2 * layer + current_) * h_stride_, static_cast<std::size_t>(spec.recurrent_size()));
    }
    if (spec.cell != Cell::lstm) return;
    for (int layer = 0; layer < spec.num_layers; ++layer) {
        visit(c_offset_ + layer * c_stride_, static_cast<std::size_t>(spec.hidden_size));
    }
}

std::size_t State::size() const {
    std::size_t total = 0;
    for_each_vector([&](std::size_t, std::size_t count) { total += count; });
    return total;
}

void State::read(std::span<float> values) const {
    float* out = values.data();
    for_each_vector([&](std::size_t at, std::size_t count) { out = std::copy_n(buffer_.data() + at, count, out); });
}

void State::write(std::span<const float> values) {
    const float* in = values.data();
    for_each_vector([&](std::size_t at, std::size_t count) {
        std::copy_n(in, count, buffer_.data() + at);
        in += count;
    });
}

void State::copy_from(const State& other) {
    std::copy_n(other.buffer_.data(), buffer_.size(), buffer_.data());
    current_ = other.current_;
}

} // namespace gatecast
