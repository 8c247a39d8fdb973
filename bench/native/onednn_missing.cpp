#include "native/onednn.h"

namespace gatecast::bench {

std::unique_ptr<OneDnn> make_onednn(const Network&, Precision, int, int, int) {
    return nullptr;
}

std::string onednn_version() {
    return "";
}

void limit_onednn(const std::string&) {}

} // namespace gatecast::bench
