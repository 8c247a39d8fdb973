#pragma once

#include <cmath>

namespace gatecast {

/// log(1 + e^s), which makes any output a positive number, and its derivative
struct Softplus {
    double value, slope;
};

inline Softplus softplus(double s) {
    const double decay = std::exp(-std::fabs(s));
    return {.value = std::fmax(s, 0) + std::log1p(decay), .slope = (s >= 0 ? 1 : decay) / (1 + decay)};
}

} // namespace gatecast
