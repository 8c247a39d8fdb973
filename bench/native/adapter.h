// The only file that knows how to call the core: it measures the interface of today.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "core/gatecast.h"

namespace gatecast::bench {

constexpr Precision kPrecisions[] = {Precision::f32, Precision::bf16, Precision::int8};

inline std::shared_ptr<const Network> make_network(const NetworkSpec& spec, const Kernels& kernels, Precision precision,
                                                   std::uint64_t seed = 1) {
    auto network = std::make_shared<Network>(spec, kernels, precision);
    network->initialise(seed);
    return network;
}

/// Live streams of one network.
class Streams {
  public:
    Streams(std::shared_ptr<const Network> network, int count)
        : states_(std::move(network), count), slots_(static_cast<std::size_t>(count)) {
        for (int slot = 0; slot < count; ++slot) slots_[slot] = slot;
    }
    void step(int slot, const float* x, float* y) { states_.step(slot, x, y); }
    void step_all(const float* x, float* y) { states_.step_batch(slots_, x, y); }
    void write(int slot, std::span<const float> state) { states_.write(slot, state); }

  private:
    States states_;
    std::vector<int> slots_;
};

/// forward from the zero state, with its buffers and threads.
class Sequences {
  public:
    Sequences(std::shared_ptr<const Network> network, int steps, int batch, int threads)
        : network_(std::move(network)), shape_{steps, batch, false}, pool_(threads > 1 ? new Pool(threads) : nullptr),
          output_(static_cast<std::size_t>(steps) * batch * network_->spec().output_size()),
          hn_(static_cast<std::size_t>(batch) * network_->spec().hidden_size),
          cn_(network_->spec().c_size() > 0 ? hn_.size() : 0) {}
    void run(std::span<const float> input) {
        forward(*network_, shape_, input, {}, {}, output_, hn_, cn_, pool_.get());
    }
    const std::vector<float>& output() const { return output_; }

  private:
    std::shared_ptr<const Network> network_;
    SequenceShape shape_;
    std::unique_ptr<Pool> pool_;
    std::vector<float> output_, hn_, cn_;
};

inline const char* name_of(Precision precision) {
    return precision == Precision::f32 ? "f32" : precision == Precision::bf16 ? "bf16" : "int8";
}

} // namespace gatecast::bench
