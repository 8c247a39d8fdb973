// The traits of the cells: a table with one row for each cell. Only the reference and the kernels, which are the
// equations themselves (docs/cells.md), know more about a cell.
#pragma once

#include <iterator>
#include <optional>
#include <string_view>

namespace gatecast {

enum class Cell {
    gru,
    gru_reset_before,
    lstm,
};

constexpr int kMostGates = 4;

/// Adjacent slots of the gate gradients that belong to one product of the step, and the index of each slot's gate in
/// the stacked weights.
struct GateSlots {
    int first;
    int count;
    int gates[kMostGates];
};

/// H is the hidden size, R the size of h: the projected size, or H.
struct CellTraits {
    Cell cell;
    std::string_view name; ///< in the description of a network
    /// Decides between two cells with one name, as linearBeforeReset of the description.
    bool linear_before_reset;

    int gates;        ///< blocks of H rows in each stacked weight
    int candidate;    ///< the block whose activation is tanh; all others have the sigmoid
    int split_biases; ///< how many of the last gates have two biases that cannot be merged into one
    /// How many of the last gates read h only as the other gates have let it through. Their hidden product is a second
    /// pass of the step, which needs a tape as its scratch, and of the gradient.
    int late_gates;
    bool has_c; ///< the state is h [R] and c [H], not h alone
    /// With c: what the step computes is the product of these slots of the tape, a gate and tanh(c).
    int opened, squashed;
    bool may_project; ///< h may be W times what the step computes
    bool carries_h;   ///< a part of h reaches the next h without passing a matrix; never with a projection

    /// How many vectors the tape keeps of a step for the gradient, [slots][padded(H)]. The gate gradients have the same
    /// slots. With late gates, the last slot is the h that these gates read.
    int slots;
    GateSlots from_x, from_h, from_late_h;
};

/// Slots: GRU n, r, z, q = W_hn h + b_hn; with the reset before n, r, z, r * h; LSTM i, f, g, o, tanh(c').
constexpr CellTraits kCellTraits[] = {
    {
        // PyTorch's form: the reset gate acts after the hidden product
        .cell = Cell::gru,
        .name = "gru",
        .linear_before_reset = true,
        .gates = 3,
        .candidate = 2,
        .split_biases = 1,
        .late_gates = 0,
        .has_c = false,
        .opened = 0,
        .squashed = 0,
        .may_project = false,
        .carries_h = true,
        .slots = 4,
        .from_x = {.first = 0, .count = 3, .gates = {2, 0, 1}},
        .from_h = {.first = 1, .count = 3, .gates = {0, 1, 2}},
        .from_late_h = {},
    },
    {
        .cell = Cell::gru_reset_before,
        .name = "gru",
        .linear_before_reset = false,
        .gates = 3,
        .candidate = 2,
        .split_biases = 0,
        .late_gates = 1,
        .has_c = false,
        .opened = 0,
        .squashed = 0,
        .may_project = false,
        .carries_h = true,
        .slots = 4,
        .from_x = {.first = 0, .count = 3, .gates = {2, 0, 1}},
        .from_h = {.first = 1, .count = 2, .gates = {0, 1}},
        .from_late_h = {.first = 0, .count = 1, .gates = {2}},
    },
    {
        .cell = Cell::lstm,
        .name = "lstm",
        .linear_before_reset = true,
        .gates = 4,
        .candidate = 2,
        .split_biases = 0,
        .late_gates = 0,
        .has_c = true,
        .opened = 3,
        .squashed = 4,
        .may_project = true,
        .carries_h = false,
        .slots = 5,
        .from_x = {.first = 0, .count = 4, .gates = {0, 1, 2, 3}},
        .from_h = {.first = 0, .count = 4, .gates = {0, 1, 2, 3}},
        .from_late_h = {},
    },
};

constexpr int kCellCount = static_cast<int>(std::size(kCellTraits));

constexpr const CellTraits& traits_of(Cell cell) {
    return kCellTraits[static_cast<int>(cell)];
}

constexpr bool rows_stand_in_order() {
    for (int row = 0; row < kCellCount; ++row) {
        if (static_cast<int>(kCellTraits[row].cell) != row) return false;
    }
    return true;
}
static_assert(rows_stand_in_order(), "the rows of kCellTraits must stand in the order of Cell");

/// The cell of a description. linear_before_reset counts only if two cells have the name.
constexpr std::optional<Cell> find_cell(std::string_view name, bool linear_before_reset) {
    std::optional<Cell> found;
    for (const CellTraits& cell : kCellTraits) {
        if (cell.name != name) continue;
        if (!found || cell.linear_before_reset == linear_before_reset) found = cell.cell;
    }
    return found;
}

} // namespace gatecast
