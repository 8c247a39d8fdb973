#pragma once

#include <span>
#include <vector>

namespace gatecast {

/// What plans cost, as numbers: a sum over the steps of the horizon of terms of one output or one action each. Terms
/// and their numbers may change between two plans, references above all.
struct Cost {
    /// weight (y - reference)^2, and terminal (y - reference)^2 once more at the last step
    struct Track {
        int output;
        double weight, terminal;
        std::vector<double> reference; ///< [horizon]
    };
    /// weight times the square of how far y is beyond
    struct Soft {
        int output;
        double min, max, weight;
    };
    /// weight times the variance of the prediction
    struct Risk {
        int output;
        double weight;
    };
    /// weight (u - reference)^2 + change (u - u of the step before)^2; before the first is what was sent last, if known
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

/// One plan and what it is predicted to lead to
struct TriedPlan {
    int horizon, steps;             ///< steps that could be told
    std::span<const float> actions; ///< [horizon][actions]
    std::span<const float> outputs; ///< [horizon][outputs]
    std::span<const float> spread;  ///< standard deviation of each output, [horizon][outputs]; may be empty
};

/// `sent` is what was before the first action [actions]; NaN where nothing was. Finite for every plan. One that could
/// not be told to its end costs more than any that could, the more the less of it could be told.
double cost_of(const Cost& cost, const TriedPlan& trial, std::span<const double> sent);

/// The same for a cost from outside, which may be any number.
double finite_cost(double cost, int steps, int horizon);

/// A cost from this value on means that there is none: the model could not predict the plan to its end, or its cost was
/// not a number or too large.
constexpr double kNoCost = 1e30;

} // namespace gatecast
