#pragma once

#include <cstdint>

namespace gatecast {

/// SplitMix64 (Steele, Lea, Flood 2014): a small generator whose numbers depend on the seed alone.
class Random {
  public:
    explicit Random(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        std::uint64_t z = (state_ += kStep);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
    }

    /// Uniform in [0, 1), a multiple of 2^-24
    float uniform() { return static_cast<float>(next() >> 40) * 0x1p-24f; }

    /// Random(state()) goes on as this one does.
    std::uint64_t state() const { return state_; }

    /// Leaves out the next `count` numbers.
    void skip(std::uint64_t count) { state_ += count * kStep; }

  private:
    static constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15u;

    std::uint64_t state_;
};

} // namespace gatecast
