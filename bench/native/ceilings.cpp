#include "native/ceilings.h"

namespace gatecast::bench {

const Ceilings& find_ceilings(const std::string& isa) {
    for (const Ceilings* table : {avx512_ceilings(), avx2_ceilings(), neon_ceilings()}) {
        if (table != nullptr && isa.starts_with(table->name)) return *table;
    }
    return *plain_ceilings();
}

} // namespace gatecast::bench
