#include "core/heads/heads.h"

#include <algorithm>

#include "core/heads/classes.h"
#include "core/heads/gaussian.h"
#include "core/heads/negative-binomial.h"
#include "core/heads/point.h"
#include "core/heads/quantiles.h"
#include "core/heads/student-t.h"

namespace gatecast {

std::span<const Head* const> heads() {
    static constexpr const Head* kHeads[] = {&kMeanHead,    &kMedianHead, &kQuantileHead, &kGaussianHead,
                                             &kStudentHead, &kCountHead,  &kClassHead};
    return kHeads;
}

const Head* find_head(std::string_view loss) {
    const auto found = std::ranges::find(heads(), loss, &Head::loss);
    return found == heads().end() ? nullptr : *found;
}

} // namespace gatecast
