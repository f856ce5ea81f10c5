#include "base/text_fold.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace rapport {
namespace {

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// Letters with a stroke or a missing dot: one character to Unicode, a variant to a reader.
UChar32 base_letter(UChar32 c) {
  switch (c) {
    case 0x0111:  // đ
    case 0x00F0:  // ð
      return 'd';
    case 0x00F8:  // ø
      return 'o';
    case 0x0142:  // ł
      return 'l';
    case 0x0127:  // ħ
      return 'h';
    case 0x0131:  // ı
      return 'i';
    case 0x0167:  // ŧ
      return 't';
    default:
      return c;
  }
}

const icu::Normalizer2& normalizer(const icu::Normalizer2* (*get)(UErrorCode&)) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* found = get(status);
  ASSERT(U_SUCCESS(status) && found != nullptr);
  return *found;
}

}  // namespace

std::string fold_text(std::string_view text) {
  if (is_ascii(text) || !is_valid_utf8(text)) return to_lower_ascii(text);
  static const icu::Normalizer2& casefold =
      normalizer([](UErrorCode& e) { return icu::Normalizer2::getNFKCCasefoldInstance(e); });
  static const icu::Normalizer2& decompose =
      normalizer([](UErrorCode& e) { return icu::Normalizer2::getNFDInstance(e); });
  UErrorCode status = U_ZERO_ERROR;
  const auto given = icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
  const icu::UnicodeString split = decompose.normalize(casefold.normalize(given, status), status);
  ENSURE(U_SUCCESS(status));
  icu::UnicodeString kept;
  for (int32_t i = 0; i < split.length(); i = split.moveIndex32(i, 1)) {
    const UChar32 c = split.char32At(i);
    if (u_charType(c) != U_NON_SPACING_MARK) kept.append(base_letter(c));
  }
  std::string out;
  kept.toUTF8String(out);
  return out;
}

std::vector<std::string_view> fold_words(std::string_view folded, size_t max_words) {
  constexpr std::string_view kBetween = " \t\r\n'\"-.,_/()";
  std::vector<std::string_view> words;
  while (words.size() < max_words) {
    const size_t begin = folded.find_first_not_of(kBetween);
    if (begin == std::string_view::npos) break;
    folded.remove_prefix(begin);
    const std::string_view word = folded.substr(0, folded.find_first_of(kBetween));
    words.push_back(word);
    folded.remove_prefix(word.size());
  }
  return words;
}

}  // namespace rapport
