#pragma once

#include "core/heads/head.h"

namespace gatecast {

/// All heads, in the order in which users see them
std::span<const Head* const> heads();

/// The head of this loss; null if the loss is unknown
const Head* find_head(std::string_view loss);

} // namespace gatecast
