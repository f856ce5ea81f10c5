// Mends JSON that clients really send and that a strict parser refuses, so that one odd value does
// not cost a batch: half surrogate pairs ("\ud83d" alone, as cutting a text in JavaScript leaves
// them), bytes that are not UTF-8, and numbers beyond what 64 bits or a double hold.
//
// Pure. What is not JSON for any other reason comes back as it was, for the parser to refuse.
#pragma once

#include <string>
#include <string_view>

namespace rapport {

/// Half pairs and stray bytes become U+FFFD, whole numbers beyond 64 bits decimals, numbers beyond
/// a double null.
std::string repair_json(std::string_view json);

/// Whether a text may hold a surrogate escape; when not, only numbers and stray bytes need mending.
bool has_surrogate_escape(std::string_view json);

}  // namespace rapport
