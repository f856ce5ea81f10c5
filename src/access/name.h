// Names people give to things (workspaces, keys): one rule for all of them. Pure.
#pragma once

#include <string>
#include <string_view>
#include "base/limits/access.h"

namespace rapport {

/// Trimmed. Throws kInvalidArgument naming `field` when it is empty, longer than
/// limits::kMaxNameBytes, not UTF-8, or contains control characters.
std::string check_name(std::string_view text, std::string_view field);
/// "UTC" or a zone this machine knows; throws kInvalidArgument naming `time_zone`.
std::string check_time_zone(std::string_view text);

}  // namespace rapport
