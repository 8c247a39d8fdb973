#pragma once

#include <cmath>

namespace gatecast {

/// The logarithm of the gamma function, and its derivative, the digamma function
struct LogGamma {
    double value, slope;
};

/// For x > 0, with 14 digits: the recurrence up to 16, and from there on Stirling's series (Abramowitz and Stegun,
/// 1964, 6.1.15, 6.1.41, 6.3.5 and 6.3.18). The C library's lgamma writes a global variable, so it must not run on two
/// threads.
inline LogGamma log_gamma(double x) {
    constexpr double kHalfLogTwoPi = 0.91893853320467274178;
    double product = 1, sum = 0;
    for (; x < 16; x += 1) {
        product *= x;
        sum += 1 / x;
    }
    const double y = 1 / (x * x);
    const double log_x = std::log(x);
    const double tail = (1.0 / 12 - y * (1.0 / 360 - y * (1.0 / 1260 - y * (1.0 / 1680 - y / 1188)))) / x;
    const double slope_tail = y * (1.0 / 12 - y * (1.0 / 120 - y * (1.0 / 252 - y * (1.0 / 240 - y / 132))));
    return {.value = (x - 0.5) * log_x - x + kHalfLogTwoPi + tail - std::log(product),
            .slope = log_x - 0.5 / x - slope_tail - sum};
}

} // namespace gatecast
