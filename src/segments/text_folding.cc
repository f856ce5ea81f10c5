#include "segments/text_folding.h"

#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace rapport {
namespace {

const icu::Normalizer2& normalizer(bool decompose) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* found = decompose ? icu::Normalizer2::getNFDInstance(status)
                                            : icu::Normalizer2::getNFCInstance(status);
  ENSURE(U_SUCCESS(status) && found != nullptr);
  return *found;
}

char16_t without_stroke(char16_t c) {
  switch (c) {
    case u'đ':
      return u'd';
    case u'Đ':
      return u'D';
    case u'ø':
      return u'o';
    case u'Ø':
      return u'O';
    case u'ł':
      return u'l';
    case u'Ł':
      return u'L';
    case u'ħ':
      return u'h';
    case u'Ħ':
      return u'H';
    case u'ŧ':
      return u't';
    case u'Ŧ':
      return u'T';
    case u'ı':
      return u'i';
    default:
      return c;
  }
}

icu::UnicodeString without_accents(const icu::UnicodeString& text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::UnicodeString decomposed = normalizer(true).normalize(text, status);
  ENSURE(U_SUCCESS(status));
  icu::UnicodeString out;
  for (int32_t i = 0; i < decomposed.length(); ++i) {
    const char16_t c = decomposed[i];
    if (c < 0x300 || c > 0x36F) out.append(without_stroke(c));
  }
  return out;
}

}  // namespace

std::string fold_text(std::string_view text, bool fold_case, bool fold_accents) {
  const bool ascii =
      std::all_of(text.begin(), text.end(), [](char c) { return static_cast<uint8_t>(c) < 0x80; });
  if (ascii) return fold_case ? to_lower_ascii(text) : std::string(text);
  if (!is_valid_utf8(text)) return std::string(text);
  auto folded = icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
  if (fold_accents) folded = without_accents(folded);
  if (fold_case) folded.foldCase();
  UErrorCode status = U_ZERO_ERROR;
  folded = normalizer(false).normalize(folded, status);
  ENSURE(U_SUCCESS(status));
  std::string out;
  folded.toUTF8String(out);
  return out;
}

}  // namespace rapport
