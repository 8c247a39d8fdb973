#include "native/record.h"

#include <cmath>
#include <cstdio>

namespace gatecast::bench {
namespace {

std::string quoted(const std::string& text) {
    return "\"" + text + "\""; // only names of our own, none with quotes
}

std::string number(double value) {
    if (!std::isfinite(value)) return "null";
    char text[32];
    std::snprintf(text, sizeof text, "%.6g", value);
    return text;
}

std::string number(const std::optional<double>& value) {
    return value ? number(*value) : "null";
}

std::string fields(const Fields& list) {
    std::string text;
    for (const auto& [name, value] : list) text += (text.empty() ? "" : ",") + quoted(name) + ':' + number(value);
    return text;
}

} // namespace

void print(const Record& r) {
    std::optional<double> ratio;
    if (r.rival) ratio = r.higher_is_better ? r.ours / *r.rival : *r.rival / r.ours;
    std::optional<double> floor_ratio;
    if (r.floor) floor_ratio = r.ours / *r.floor;
    const std::string extra = r.extra.empty() ? "" : "," + fields(r.extra);
    std::printf("{\"trial\":%s,\"cell\":%s,\"sizes\":{%s},\"precision\":%s,\"batch\":%d,\"threads\":%d,\"isa\":%s,"
                "\"ours\":%s,\"rival\":%s,\"rivalName\":%s,\"unit\":%s,\"ratio\":%s,\"floor\":%s,\"floorRatio\":%s,"
                "\"spread\":%s%s}\n",
                quoted(r.trial).c_str(), r.cell.empty() ? "null" : quoted(r.cell).c_str(), fields(r.sizes).c_str(),
                quoted(r.precision).c_str(), r.batch, r.threads, quoted(r.isa).c_str(), number(r.ours).c_str(),
                number(r.rival).c_str(), r.rival_name.empty() ? "null" : quoted(r.rival_name).c_str(),
                quoted(r.unit).c_str(), number(ratio).c_str(), number(r.floor).c_str(), number(floor_ratio).c_str(),
                number(r.spread).c_str(), extra.c_str());
    std::fflush(stdout);
}

void say(const std::string& line) {
    std::fprintf(stderr, "%s\n", line.c_str());
}

} // namespace gatecast::bench
