#pragma once

#include <string>
#include <vector>

namespace gatecast::bench {

/// The lines of shapes.txt that begin with `trial`, each as a list of its numbers.
std::vector<std::vector<int>> shapes_of(const std::string& trial);

} // namespace gatecast::bench
