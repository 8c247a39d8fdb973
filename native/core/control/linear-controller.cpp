#include "core/control/linear-controller.h"

#include <cmath>
#include <utility>

namespace gatecast {

LinearController::LinearController(std::vector<double> gain, std::vector<double> reference)
    : gain_(std::move(gain)), reference_(std::move(reference)) {}

Answer LinearController::decide(const Situation& situation, std::span<double> action) {
    const std::size_t states = reference_.size();
    bool good = true;
    for (std::size_t a = 0; a < action.size(); ++a) {
        const double* row = gain_.data() + a * states;
        double sum = 0;
        for (std::size_t s = 0; s < states; ++s) sum += row[s] * (reference_[s] - situation.values[s]);
        action[a] = sum;
        good &= std::isfinite(sum);
    }
    return {.good = good, .iterations = 1, .undecided = !good};
}

} // namespace gatecast
