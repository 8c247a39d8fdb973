#include "native/shapes.h"

#include <fstream>
#include <sstream>

namespace gatecast::bench {

std::vector<std::vector<int>> shapes_of(const std::string& trial) {
    std::vector<std::vector<int>> shapes;
    std::ifstream file(BENCH_SHAPES);
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line);
        std::string name;
        if (!(words >> name) || name != trial) continue;
        std::vector<int>& shape = shapes.emplace_back();
        for (int number; words >> number;) shape.push_back(number);
    }
    return shapes;
}

} // namespace gatecast::bench
