#include "liquid/letter_case.h"

#include <cstdint>

#include "liquid/characters.h"

namespace rapport::liquid {
namespace {

/// Capital letters first..last; the small one is `shift` away, or the next code point when 0.
struct CaseRange {
  uint32_t first;
  uint32_t last;
  uint32_t shift;
};

constexpr CaseRange kRanges[] = {
    {0x41, 0x5A, 32},    {0xC0, 0xD6, 32},    {0xD8, 0xDE, 32},     {0x100, 0x12F, 0},
    {0x132, 0x137, 0},   {0x139, 0x148, 0},   {0x14A, 0x177, 0},    {0x179, 0x17E, 0},
    {0x1A0, 0x1A5, 0},   {0x1AF, 0x1B0, 0},   {0x1CD, 0x1DC, 0},    {0x1DE, 0x1EF, 0},
    {0x1F8, 0x21F, 0},   {0x222, 0x233, 0},   {0x388, 0x38A, 37},   {0x391, 0x3A1, 32},
    {0x3A3, 0x3AB, 32},  {0x400, 0x40F, 80},  {0x410, 0x42F, 32},   {0x460, 0x481, 0},
    {0x48A, 0x4BF, 0},   {0x4C1, 0x4CE, 0},   {0x4D0, 0x52F, 0},    {0x531, 0x556, 48},
    {0x1E00, 0x1E95, 0}, {0x1EA0, 0x1EFF, 0}, {0xFF21, 0xFF3A, 32},
};

struct CasePair {
  uint32_t upper;
  uint32_t lower;
};

constexpr CasePair kPairs[] = {
    {0x178, 0xFF}, {0x386, 0x3AC}, {0x38C, 0x3CC}, {0x38E, 0x3CD}, {0x38F, 0x3CE},
};

uint32_t lower_of(uint32_t c) {
  for (const auto& range : kRanges) {
    if (c < range.first || c > range.last) continue;
    if (range.shift > 0) return c + range.shift;
    return (c - range.first) % 2 == 0 ? c + 1 : c;
  }
  for (const auto& pair : kPairs) {
    if (c == pair.upper) return pair.lower;
  }
  return c;
}

uint32_t upper_of(uint32_t c) {
  if (c == 0x3C2) return 0x3A3;  // final sigma
  for (const auto& range : kRanges) {
    if (range.shift > 0) {
      if (c >= range.first + range.shift && c <= range.last + range.shift) return c - range.shift;
    } else if (c >= range.first && c <= range.last) {
      return (c - range.first) % 2 == 0 ? c : c - 1;
    }
  }
  for (const auto& pair : kPairs) {
    if (c == pair.lower) return pair.upper;
  }
  return c;
}

uint32_t decode(std::string_view bytes) {
  const auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<uint8_t>(bytes[i])); };
  switch (bytes.size()) {
    case 2:
      return ((byte(0) & 0x1F) << 6) | (byte(1) & 0x3F);
    case 3:
      return ((byte(0) & 0x0F) << 12) | ((byte(1) & 0x3F) << 6) | (byte(2) & 0x3F);
    default:
      return byte(0);
  }
}

void encode(uint32_t c, std::string& out) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | (c >> 6));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xE0 | (c >> 12));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

std::string convert(std::string_view text, uint32_t (*change)(uint32_t)) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::string_view one = text.substr(0, first_size(text));
    text.remove_prefix(one.size());
    const auto lead = static_cast<uint8_t>(one[0]);
    const bool letter = (one.size() == 1 && lead < 0x80) || one.size() == 2 || one.size() == 3;
    const uint32_t before = letter ? decode(one) : 0;
    const uint32_t after = letter ? change(before) : 0;
    if (after == before) {
      out += one;
    } else {
      encode(after, out);
    }
  }
  return out;
}

}  // namespace

std::string to_upper(std::string_view text) {
  return convert(text, upper_of);
}
std::string to_lower(std::string_view text) {
  return convert(text, lower_of);
}

}  // namespace rapport::liquid
