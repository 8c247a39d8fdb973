#include "core/train/carried-states.h"

#include <algorithm>

namespace gatecast {

CarriedStates::CarriedStates(const NetworkSpec& spec, std::size_t windows)
    : ends(windows), ages(windows), h(windows * spec.cells() * spec.recurrent_size()),
      c(windows * spec.cells() * spec.c_size()) {}

void CarriedStates::take_over(const NetworkSpec& spec, std::size_t b, const CarriedStates& before, int row) {
    const auto found = std::ranges::find(before.ends, row);
    if (found == before.ends.end()) return;
    const std::size_t from = found - before.ends.begin();
    const auto copy = [&](const std::vector<float>& old, std::vector<float>& now, std::size_t width) {
        for (std::size_t cell = 0; cell < static_cast<std::size_t>(spec.cells()); ++cell) {
            const float* source = old.data() + (cell * before.ends.size() + from) * width;
            std::copy_n(source, width, now.data() + (cell * ends.size() + b) * width);
        }
    };
    copy(before.h, h, spec.recurrent_size());
    copy(before.c, c, spec.c_size());
    ages[b] = before.ages[from];
}

} // namespace gatecast
