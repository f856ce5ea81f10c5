// Differences between two texts by lines, in the unified form that people and tools read.
#pragma once

#include <string>
#include <string_view>

namespace rapport {

/// Unified diff with three lines of context; empty when the texts are equal. Myers' algorithm;
/// texts that differ in more than limits::kMaxDiffEdits lines are shown as replaced from the first
/// to the last changed line. A final line without its end is marked as diff(1) does.
std::string unified_diff(std::string_view before, std::string_view after);

}  // namespace rapport
