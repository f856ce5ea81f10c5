// Names people give to things (workspaces, keys): one rule for all of them. Pure.
#pragma once

#include <string>
#include <string_view>

namespace rapport {

/// Trimmed. Throws kInvalidArgument naming `field` when it is empty, longer than
/// limits::kMaxNameBytes, not UTF-8, or contains control characters.
std::string check_name(std::string_view text, std::string_view field);
/// Throws kInvalidArgument naming `field` when it is not the form of an IANA zone name, or, where
/// the machine has a zone database, not in it.
std::string check_time_zone(std::string_view text, std::string_view field);

}  // namespace rapport
