#include "base/ids.h"

namespace rapport {
namespace {

constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr size_t kDigits = 13;

}  // namespace

std::string format_public_id(std::string_view prefix, uint64_t value) {
  std::string text(prefix);
  for (int shift = 60; shift >= 0; shift -= 5) text += kAlphabet[(value >> shift) & 31];
  return text;
}

std::optional<uint64_t> parse_public_id(std::string_view prefix, std::string_view text) {
  if (text.size() != prefix.size() + kDigits || text.substr(0, prefix.size()) != prefix) {
    return std::nullopt;
  }
  uint64_t value = 0;
  for (size_t i = 0; i < kDigits; ++i) {
    const size_t digit = kAlphabet.find(text[prefix.size() + i]);
    // 13 digits hold 65 bits: the first one may use four of its five.
    if (digit == std::string_view::npos || (i == 0 && digit > 15)) return std::nullopt;
    value = (value << 5) | digit;
  }
  return value;
}

}  // namespace rapport
