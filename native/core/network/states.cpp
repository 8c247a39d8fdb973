#include "core/network/states.h"

#include <algorithm>

#include "core/denormals.h"
#include "core/network/forward.h"

namespace gatecast {
namespace {

/// How many values of outputs are computed at once when windows are run
constexpr std::size_t kWindowValues = std::size_t{1} << 20;

/// The floats of `rows` rows of a buffer that only attention needs
std::size_t attended(const NetworkSpec& spec, int rows, int size) {
    return spec.attention > 0 ? static_cast<std::size_t>(rows) * padded(size) : 0;
}

} // namespace

States::Workspace::Workspace(const Network& network, int rows)
    : cell(network, rows, 1, rows), x(rows * cell.h_stride),
      head(static_cast<std::size_t>(rows) * padded(network.spec().head_size)),
      read(attended(network.spec(), rows, network.spec().head_input_size())),
      queries(attended(network.spec(), rows, network.spec().output_size())), weights(padded(network.spec().attention)) {
}

States::States(std::shared_ptr<const Network> network, int slots, std::shared_ptr<Pool> pool)
    : network_(std::move(network)), pool_(std::move(pool)), sides_(slots), oldest_(slots), marks_(slots) {
    const NetworkSpec& spec = network_->spec();
    h_stride_ = padded(spec.recurrent_size());
    c_stride_ = padded(spec.c_size());
    c_offset_ = 2 * spec.cells() * h_stride_;
    kept_stride_ = padded(spec.output_size());
    kept_offset_ = c_offset_ + spec.cells() * c_stride_;
    slot_size_ = kept_offset_ + spec.attention * kept_stride_;
    buffer_ = AlignedBuffer(slot_size_ * slots);
    const int rows = std::min(slots, kBatchRows), most = (slots + rows - 1) / rows;
    const int threads = std::min(pool_ != nullptr ? pool_->threads() : 1, most);
    for (int k = 0; k < threads; ++k) workspaces_.emplace_back(*network_, rows);
}

int States::output_size() const {
    const NetworkSpec& spec = network_->spec();
    return spec.head_size > 0 ? spec.head_size : spec.output_size();
}

bool States::step(int slot, const float* x, float* y) {
    const NetworkSpec& spec = network_->spec();
    if (!all_finite({x, static_cast<std::size_t>(spec.input_size)})) return false;
    const FlushDenormals flush;
    Workspace& work = workspaces_[0];
    float* data = slot_data(slot);
    const int side = sides_[slot];
    for (int layer = 0; layer < spec.num_layers; ++layer) {
        float* h_out = data + h_at(layer, 1 - side);
        float* c = data + c_at(layer);
        // Every field is named: see Network::cell_args.
        network_->step_cell(layer, {
                                       .batch = 1,
                                       .x = x,
                                       .x_stride = 0,
                                       .gates = nullptr,
                                       .h = data + h_at(layer, side),
                                       .h_out = h_out,
                                       .c = c,
                                       .c_out = c,
                                       .unprojected = work.cell.unprojected.data(),
                                       .tape = work.cell.tape.data(),
                                       .scratch = work.cell.scratch.data(),
                                       // Alternates from step to step, so that weights still in a cache are read first.
                                       .backwards = side == 1,
                                   });
        if (spec.changes_output(layer)) {
            network_->finish_layer(layer, {.h = h_out, .x = x, .y = work.x.data()});
            x = work.x.data();
        } else {
            x = h_out;
        }
    }
    sides_[slot] = static_cast<unsigned char>(1 - side);
    if (spec.attention > 0) {
        keep(slot, x);
        x = attend(work, {&slot, 1}, x, 0);
    }
    if (spec.head_size > 0) {
        network_->apply_head(1, x, 0, work.head.data());
        x = work.head.data();
    }
    std::copy_n(x, output_size(), y);
    return true;
}

bool States::step_batch(std::span<const int> slots, const float* x, float* y) {
    const std::size_t inputs = network_->spec().input_size, outputs = output_size(), count = slots.size();
    if (!all_finite({x, count * inputs})) return false;
    const int parts = static_cast<int>(workspaces_.size());
    auto part = [&](int index) {
        const FlushDenormals flush;
        // Each thread gets whole groups of rows; the last may get fewer.
        const std::size_t share = (count + parts - 1) / parts;
        const std::size_t end = std::min(count, (index + 1) * share);
        for (std::size_t row = index * share; row < end; row += kBatchRows) {
            const std::size_t rows = std::min<std::size_t>(kBatchRows, end - row);
            step_rows(workspaces_[index], slots.subspan(row, rows), x + row * inputs, y + row * outputs);
        }
    };
    if (parts > 1) {
        pool_->run(parts, part);
    } else {
        part(0);
    }
    return true;
}

/// Gathers the rows of some slots, steps them together and puts them back.
void States::step_rows(Workspace& work, std::span<const int> slots, const float* x, float* y) {
    const NetworkSpec& spec = network_->spec();
    StepBuffers& cell = work.cell;
    std::size_t x_stride = spec.input_size;
    CellStep step = cell.step(static_cast<int>(slots.size()));
    for (int layer = 0; layer < spec.num_layers; ++layer) {
        for (std::size_t row = 0; row < slots.size(); ++row) {
            const float* data = slot_data(slots[row]);
            std::copy_n(data + h_at(layer, sides_[slots[row]]), h_stride_, cell.h.data() + row * h_stride_);
            std::copy_n(data + c_at(layer), c_stride_, cell.c.data() + row * c_stride_);
        }
        step.x = x;
        step.x_stride = x_stride;
        network_->step_cell(layer, step);
        for (std::size_t row = 0; row < slots.size(); ++row) {
            float* data = slot_data(slots[row]);
            std::copy_n(cell.h_out.data() + row * h_stride_, h_stride_, data + h_at(layer, sides_[slots[row]]));
            std::copy_n(cell.c.data() + row * c_stride_, c_stride_, data + c_at(layer));
        }
        if (spec.changes_output(layer)) {
            network_->finish_layer(layer, {.batch = step.batch,
                                           .h = cell.h_out.data(),
                                           .h_stride = h_stride_,
                                           .x = x,
                                           .x_stride = x_stride,
                                           .y = work.x.data(),
                                           .y_stride = h_stride_});
        } else {
            std::swap(work.x, cell.h_out);
            step.h_out = cell.h_out.data();
        }
        x = work.x.data();
        x_stride = h_stride_;
    }
    for (std::size_t row = 0; spec.attention > 0 && row < slots.size(); ++row) keep(slots[row], x + row * x_stride);
    answer(work, slots, x, x_stride, y);
}

bool States::run_windows(std::span<const int> slots, std::span<const int> lengths, const float* windows, float* y) {
    const NetworkSpec& spec = network_->spec();
    std::size_t samples = 0;
    for (const int length : lengths) samples += length;
    if (!all_finite({windows, samples * spec.input_size})) return false;
    const FlushDenormals flush;
    const std::size_t threads = pool_ != nullptr ? pool_->threads() : 1;
    for (std::size_t first = 0, count; first < slots.size(); first += count) {
        const std::size_t length = lengths[first], most = kWindowValues / (length * spec.output_size());
        const std::size_t end = std::min(slots.size(), first + std::clamp<std::size_t>(most, 1, threads * kBatchRows));
        for (count = 1; first + count < end && lengths[first + count] == lengths[first];) ++count;
        run_equal_windows(slots.subspan(first, count), lengths[first], windows, y + first * output_size());
        windows += count * length * spec.input_size;
    }
    return true;
}

void States::run_equal_windows(std::span<const int> slots, int length, const float* windows, float* y) {
    const NetworkSpec& spec = network_->spec();
    const std::size_t count = slots.size(), steps = length, width = spec.output_size();
    const std::size_t recurrent = spec.recurrent_size(), hidden = spec.c_size();
    std::vector<float> output(count * steps * width), newest(count * width);
    std::vector<float> h(spec.cells() * count * recurrent), c(spec.cells() * count * hidden);
    forward(*network_, {length, static_cast<int>(count), true}, {windows, count * steps * spec.input_size}, {}, {},
            output, h, c, pool_.get());
    for (std::size_t row = 0; row < count; ++row) {
        const int slot = slots[row];
        reset(slot);
        for (int cell = 0; cell < spec.cells(); ++cell) {
            const std::size_t state = cell * count + row;
            std::copy_n(h.data() + state * recurrent, recurrent, slot_data(slot) + h_at(cell, 0));
            std::copy_n(c.data() + state * hidden, hidden, slot_data(slot) + c_at(cell));
        }
        for (int direction = 0; direction < spec.directions(); ++direction) {
            const std::size_t at = (direction == 0 ? steps - 1 : 0), first = direction * recurrent;
            std::copy_n(output.data() + (row * steps + at) * width + first, recurrent,
                        newest.data() + row * width + first);
        }
        for (int t = std::max(0, length - spec.attention); t < length; ++t) {
            if (spec.attention > 0) keep(slot, output.data() + (row * steps + t) * width);
        }
    }
    const std::size_t rows = std::min(this->slots(), kBatchRows);
    for (std::size_t row = 0; row < count; row += rows) {
        const std::span<const int> group = slots.subspan(row, std::min(rows, count - row));
        answer(workspaces_[0], group, newest.data() + row * width, width, y + row * output_size());
    }
}

/// Makes `output` [output_size of the layers] the last of the outputs that a slot remembers.
void States::keep(int slot, const float* output) {
    const NetworkSpec& spec = network_->spec();
    int& oldest = oldest_[slot];
    std::copy_n(output, spec.output_size(), slot_data(slot) + kept_at(oldest));
    oldest = oldest + 1 < spec.attention ? oldest + 1 : 0;
}

/// What the head reads of slots with these newest outputs, [slots][padded(head_input_size)]
const float* States::attend(Workspace& work, std::span<const int> slots, const float* newest, std::size_t stride) {
    const NetworkSpec& spec = network_->spec();
    const int width = spec.output_size(), reach = spec.attention;
    const std::size_t read_stride = padded(spec.head_input_size());
    for (std::size_t row = 0; row < slots.size(); ++row) {
        std::copy_n(newest + row * stride, width, work.read.data() + row * read_stride);
    }
    network_->attention_queries(static_cast<int>(slots.size()), work.read.data(), read_stride, work.queries.data());
    for (std::size_t row = 0; row < slots.size(); ++row) {
        const LastOutputs outputs{slot_data(slots[row]) + kept_at(0), kept_stride_, reach, oldest_[slots[row]], reach};
        gatecast::attend(outputs, reach, width, work.queries.data() + row * kept_stride_, work.weights.data(),
                         work.read.data() + row * read_stride + width);
    }
    return work.read.data();
}

/// Writes what the network says of slots with these newest outputs, rows `stride` apart.
void States::answer(Workspace& work, std::span<const int> slots, const float* newest, std::size_t stride, float* y) {
    const NetworkSpec& spec = network_->spec();
    const float* x = newest;
    if (spec.attention > 0) {
        x = attend(work, slots, newest, stride);
        stride = padded(spec.head_input_size());
    }
    if (spec.head_size > 0) {
        network_->apply_head(static_cast<int>(slots.size()), x, stride, work.head.data());
        x = work.head.data();
        stride = padded(spec.head_size);
    }
    for (std::size_t row = 0; row < slots.size(); ++row) {
        std::copy_n(x + row * stride, output_size(), y + row * output_size());
    }
}

bool States::differ(std::span<const int> slots) {
    if (++mark_ == 0) { // the counter has wrapped: all marks are old
        std::ranges::fill(marks_, 0u);
        mark_ = 1;
    }
    for (const int slot : slots) {
        if (slot < 0 || slot >= this->slots() || marks_[slot] == mark_) return false;
        marks_[slot] = mark_;
    }
    return true;
}

void States::reset(int slot) {
    std::fill_n(slot_data(slot), slot_size_, 0.0f);
    sides_[slot] = 0;
    oldest_[slot] = 0;
}

template <class Visit>
void States::for_each_vector(int slot, Visit visit) const {
    const NetworkSpec& spec = network_->spec();
    for (int cell = 0; cell < spec.cells(); ++cell) {
        visit(h_at(cell, sides_[slot]), static_cast<std::size_t>(spec.recurrent_size()));
    }
    for (int cell = 0; cell < spec.cells(); ++cell) {
        visit(c_at(cell), static_cast<std::size_t>(spec.c_size()));
    }
    for (int row = 0; row < spec.attention; ++row) {
        visit(kept_at((oldest_[slot] + row) % spec.attention), static_cast<std::size_t>(spec.output_size()));
    }
}

std::size_t States::size() const {
    std::size_t total = 0;
    for_each_vector(0, [&](std::size_t, std::size_t count) { total += count; });
    return total;
}

void States::read(int slot, std::span<float> values) const {
    float* out = values.data();
    for_each_vector(slot,
                    [&](std::size_t at, std::size_t count) { out = std::copy_n(slot_data(slot) + at, count, out); });
}

void States::write(int slot, std::span<const float> values) {
    const float* in = values.data();
    for_each_vector(slot, [&](std::size_t at, std::size_t count) {
        std::copy_n(in, count, slot_data(slot) + at);
        in += count;
    });
}

void States::copy_from(int slot, const States& other, int from) {
    std::copy_n(other.slot_data(from), slot_size_, slot_data(slot));
    sides_[slot] = other.sides_[from];
    oldest_[slot] = other.oldest_[from];
}

} // namespace gatecast
