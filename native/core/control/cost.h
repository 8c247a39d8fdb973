#pragma once

#include <span>
#include <vector>

namespace gatecast {

/// The cost of a plan as numbers: a sum, over the steps of the horizon, of terms of one output or one action each.
/// Terms and their numbers may change between two plans, references above all.
struct Cost {
    /// weight (y - reference)^2, and terminal (y - reference)^2 in addition at the last step
    struct Track {
        int output;
        double weight, terminal;
        std::vector<double> reference; ///< [horizon]
    };
    /// weight times the square of how far y is outside its range
    struct Soft {
        int output;
        double min, max, weight;
    };
    /// weight times the variance of the prediction
    struct Risk {
        int output;
        double weight;
    };
    /// weight (u - reference)^2 + change (u - previous u)^2; before the first action comes the one sent last, if known
    struct Effort {
        int action;
        double weight, change;
        std::vector<double> reference; ///< [horizon]
    };

    std::vector<Track> track;
    std::vector<Soft> soft;
    std::vector<Risk> risk;
    std::vector<Effort> effort;
};

/// One plan and its predicted outputs
struct TriedPlan {
    int horizon, steps;             ///< steps: how many could be predicted
    std::span<const float> actions; ///< [horizon][actions]
    std::span<const float> outputs; ///< [horizon][outputs]
    std::span<const float> spread;  ///< standard deviation of each output, [horizon][outputs]; may be empty
};

/// `sent` is the action before the first [actions]; NaN if there was none. Finite for every plan. A plan that could not
/// be predicted to its end costs more than any that could, and the more the fewer of its steps could be predicted.
double cost_of(const Cost& cost, const TriedPlan& trial, std::span<const double> sent);

/// As `cost_of`, for a cost from outside, which may be any number.
double finite_cost(double cost, int steps, int horizon);

/// A cost of this value or more means that there is none: the model could not predict the plan to its end, or its cost
/// was not a number or too large.
constexpr double kNoCost = 1e30;

} // namespace gatecast
