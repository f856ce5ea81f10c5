// The form of a text that is searched in: without case, accents, width or other compatibility
// forms, so that "nguyen" finds "Nguyễn" and "strasse" finds "Straße".
//
// Two texts that fold to the same bytes are the same word to somebody who types into a search
// field; nothing more is promised, and the folded form is never shown. Folding keeps the order of
// characters, so a prefix of a text folds to a prefix of its folded form. By ICU: NFKC_Casefold,
// then decomposed with the marks left out, then the Latin letters that Unicode does not decompose
// (đ, ø, ł, …) by their base letter. Pure, thread-safe. Text that is not UTF-8 is folded as ASCII.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rapport {

std::string fold_text(std::string_view text);
/// Splits a folded text at white space and the punctuation that stands between words ("o'neil",
/// "anne-marie"), leaving empty words out; at most `max_words`, the first ones.
std::vector<std::string_view> fold_words(std::string_view folded, size_t max_words);

}  // namespace rapport
