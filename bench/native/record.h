#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gatecast::bench {

using Fields = std::vector<std::pair<std::string, double>>;

/// One result, printed as one line of JSON. The names are those of bench/record.ts.
struct Record {
    std::string trial;
    std::string cell; ///< empty: the trial has none
    Fields sizes;
    std::string precision;
    int batch = 1;
    int threads = 1;
    std::string isa;
    double ours = 0;
    std::optional<double> rival;
    std::string rival_name;
    std::string unit;
    bool higher_is_better = false; ///< decides which way round the ratio is
    std::optional<double> floor;   ///< the machine's limit: the least time or the highest rate
    double spread = 0;             ///< of ours: median absolute deviation in %
    Fields extra;
};

/// Prints one object on one line of the standard output.
void print(const Record& record);

/// Prints a line of progress on the standard error.
void say(const std::string& line);

} // namespace gatecast::bench
