#pragma once

#include "core/heads/head.h"

namespace gatecast {

/// All heads, in the order in which they are listed for people
std::span<const Head* const> heads();

/// The head of this loss; null if there is none
const Head* find_head(std::string_view loss);

} // namespace gatecast
