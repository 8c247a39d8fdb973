#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace gatecast {

/// Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"): four random numbers for each
/// counter.
std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key);

/// Random numbers of plans, each a function of its place alone: the same whatever was drawn before, on whichever
/// thread, and on every machine.
class Noise {
  public:
    /// Which plan the numbers are for
    struct Place {
        std::uint32_t plan, iteration, sample;
    };

    /// Sequences of `horizon` steps whose power falls with the frequency f as f^-colour: 0 is white. The noise has a
    /// period of one horizon (Timmer & Koenig 1995, as in iCEM, Pinneri et al. 2020).
    Noise(std::uint64_t seed, int horizon, double colour);

    /// Standard normal numbers, [rows][horizon]; each row is one sequence. `scratch` is as long as `out`.
    void normal(const Place& place, std::span<float> out, std::span<float> scratch) const;
    /// Independent uniform numbers in [0, 1)
    void uniform(const Place& place, std::span<float> out) const;

  private:
    template <class Convert>
    void draw(const Place& place, std::span<float> out, Convert convert) const;

    std::array<std::uint32_t, 2> key_;
    std::size_t horizon_;
    std::vector<float> mixing_; ///< [horizon][horizon], what each white number adds to each step; empty for white noise
};

} // namespace gatecast
