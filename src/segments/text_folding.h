// Folds text for comparison without regard to case or accents.
//
// Case: Unicode full case folding ("ß" is "ss"). Accents: combining marks U+0300 to U+036F fall
// away, and letters with a stroke that have no decomposition become plain (đ, ø, ł, ħ, ŧ, ı);
// marks that make another letter in other scripts, such as が, stay. Either way the text is in
// normal form C afterwards. Text that is not UTF-8 comes back as it is. Pure, thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace rapport {

std::string fold_text(std::string_view text, bool fold_case, bool fold_accents);

}  // namespace rapport
