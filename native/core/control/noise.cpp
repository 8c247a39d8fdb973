#include "core/control/noise.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

namespace gatecast {
namespace {

constexpr std::size_t kBlock = 32; ///< numbers made at a time, in a loop that the compiler turns into vectors

/// log(x) for 2^-24 <= x <= 1, within 1e-7 (Moshier's Cephes, logf)
inline float log_of(float x) {
    const std::int32_t bits = std::bit_cast<std::int32_t>(x);
    // x = 2^exponent (1 + m), 1 + m from sqrt(1/2) to sqrt(2)
    const std::int32_t exponent = (bits - 0x3f3504f3) >> 23;
    const float m = std::bit_cast<float>(bits - (exponent << 23)) - 1.0f;
    float sum = 7.0376836292e-2f;
    for (const float factor : {-1.1514610310e-1f, 1.1676998740e-1f, -1.2420140846e-1f, 1.4249322787e-1f,
                               -1.6668057665e-1f, 2.0000714765e-1f, -2.4999993993e-1f, 3.3333331174e-1f}) {
        sum = sum * m + factor;
    }
    return static_cast<float>(exponent) * 0.693147181f + (m - 0.5f * m * m + sum * m * m * m);
}

/// Two standard normal numbers from two random ones (Box & Muller 1958)
inline void box_muller(std::uint32_t first, std::uint32_t second, float& a, float& b) {
    const float u = static_cast<float>(static_cast<std::int32_t>(first >> 8) + 1) * 0x1p-24f;
    const float radius = std::sqrt(-2.0f * log_of(u));
    // The angle in quarters of a turn, and the remainder, from -1/2 to 1/2 of a quarter
    const std::int32_t turn = static_cast<std::int32_t>(second >> 8), quarter = (turn + (1 << 21)) >> 22;
    const float angle = static_cast<float>(turn - (quarter << 22)) * static_cast<float>(0x1p-22 * std::numbers::pi / 2);
    const float square = angle * angle;
    const float sine =
        angle + angle * square * (-1.6666654611e-1f + square * (8.3321608736e-3f - square * 1.9515295891e-4f));
    const float cosine =
        1.0f - 0.5f * square +
        square * square * (4.166664568298827e-2f + square * (-1.388731625493765e-3f + square * 2.443315711809948e-5f));
    const float x = quarter & 1 ? sine : cosine, y = quarter & 1 ? cosine : sine;
    a = radius * ((quarter + 1) & 2 ? -x : x);
    b = radius * (quarter & 2 ? -y : y);
}

/// The real discrete Fourier basis, each wave scaled by the square root of the power at its frequency, so that each
/// step has variance 1. The mean counts as the lowest frequency.
std::vector<float> mixing_matrix(std::size_t horizon, double colour) {
    const std::size_t n = horizon;
    std::vector<double> matrix;
    double variance = 0;
    for (std::size_t k = 0; k <= n / 2; ++k) {
        const bool alone = k == 0 || 2 * k == n; // a wave without a sine
        const double size = std::pow(static_cast<double>(std::max<std::size_t>(k, 1)), -colour / 2) *
                            (alone ? std::numbers::sqrt2 / 2 : 1.0);
        variance += size * size;
        const auto add = [&](auto wave) {
            for (std::size_t t = 0; t < n; ++t) {
                matrix.push_back(size * wave(2 * std::numbers::pi * static_cast<double>(k * t % n) / n));
            }
        };
        add([](double angle) { return std::cos(angle); });
        if (!alone) add([](double angle) { return std::sin(angle); });
    }
    std::vector<float> scaled;
    for (const double value : matrix) scaled.push_back(static_cast<float>(value / std::sqrt(variance)));
    return scaled;
}

} // namespace

std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key) {
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t a = std::uint64_t{0xD2511F53} * counter[0], b = std::uint64_t{0xCD9E8D57} * counter[2];
        counter = {static_cast<std::uint32_t>(b >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(b),
                   static_cast<std::uint32_t>(a >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(a)};
        key[0] += 0x9E3779B9;
        key[1] += 0xBB67AE85;
    }
    return counter;
}

Noise::Noise(std::uint64_t seed, int horizon, double colour)
    : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)}, horizon_(horizon) {
    if (colour != 0) mixing_ = mixing_matrix(horizon_, colour);
}

/// Converts blocks of random numbers; the last block may hold more than are asked for.
template <class Convert>
void Noise::draw(const Place& place, std::span<float> out, Convert convert) const {
    std::uint32_t raw[kBlock];
    float made[kBlock];
    std::uint32_t count = 0;
    for (std::size_t done = 0; done < out.size(); done += kBlock) {
        for (std::size_t k = 0; k < kBlock; k += 4) {
            std::ranges::copy(philox({count++, place.sample, place.iteration, place.plan}, key_), raw + k);
        }
        convert(raw, made);
        std::copy_n(made, std::min(kBlock, out.size() - done), out.begin() + done);
    }
}

void Noise::normal(const Place& place, std::span<float> out, std::span<float> scratch) const {
    const std::span<float> white = mixing_.empty() ? out : scratch;
    draw(place, white, [](const std::uint32_t* raw, float* made) {
        for (std::size_t k = 0; k < kBlock / 2; ++k) {
            box_muller(raw[k], raw[k + kBlock / 2], made[k], made[k + kBlock / 2]);
        }
    });
    if (mixing_.empty()) return;
    for (std::size_t from = 0; from < out.size(); from += horizon_) {
        float* sum = out.data() + from;
        std::fill_n(sum, horizon_, 0.0f);
        for (std::size_t wave = 0; wave < horizon_; ++wave) {
            const float* row = mixing_.data() + wave * horizon_;
            const float factor = white[from + wave];
            for (std::size_t t = 0; t < horizon_; ++t) sum[t] += factor * row[t];
        }
    }
}

void Noise::uniform(const Place& place, std::span<float> out) const {
    draw(place, out, [](const std::uint32_t* raw, float* made) {
        for (std::size_t k = 0; k < kBlock; ++k) {
            made[k] = static_cast<float>(static_cast<std::int32_t>(raw[k] >> 8)) * 0x1p-24f;
        }
    });
}

} // namespace gatecast
