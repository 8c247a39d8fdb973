// What the machine allows, measured with loops that do nothing else.
#pragma once

#include <cstddef>
#include <string>

namespace gatecast::bench {

/// The loops of one instruction set.
struct Ceilings {
    const char* name; ///< as the core calls it

    /// Reads all of `data` (on a cache-line boundary, `bytes` a multiple of 64) `passes` times in address order; with
    /// `alternate` every second pass runs backward.
    void (*read)(const void* data, std::size_t bytes, long passes, bool alternate);

    // Independent chains of one instruction; each returns how many multiplications and additions it did. Null if the
    // machine has no such instruction.
    double (*f32)(long count);
    double (*bf16)(long count);
    double (*int8)(long count);
};

/// The loops of the instruction set whose name `isa` is or begins with; the plain ones if there are no others.
const Ceilings& find_ceilings(const std::string& isa);

// One table from each unit; null if the machine lacks it.
const Ceilings* avx512_ceilings();
const Ceilings* avx2_ceilings();
const Ceilings* neon_ceilings();
const Ceilings* plain_ceilings();

} // namespace gatecast::bench
