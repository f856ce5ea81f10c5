#include "messaging/content/css_color.h"

#include <cmath>
#include <string>

#include "base/text.h"

namespace rapport {
namespace {

struct NamedColor {
  std::string_view name;
  std::array<int, 3> color;
};

constexpr std::array kNamed{
    NamedColor{"black", {0, 0, 0}},           NamedColor{"silver", {192, 192, 192}},
    NamedColor{"gray", {128, 128, 128}},      NamedColor{"grey", {128, 128, 128}},
    NamedColor{"white", {255, 255, 255}},     NamedColor{"maroon", {128, 0, 0}},
    NamedColor{"red", {255, 0, 0}},           NamedColor{"purple", {128, 0, 128}},
    NamedColor{"fuchsia", {255, 0, 255}},     NamedColor{"green", {0, 128, 0}},
    NamedColor{"lime", {0, 255, 0}},          NamedColor{"olive", {128, 128, 0}},
    NamedColor{"yellow", {255, 255, 0}},      NamedColor{"navy", {0, 0, 128}},
    NamedColor{"blue", {0, 0, 255}},          NamedColor{"teal", {0, 128, 128}},
    NamedColor{"aqua", {0, 255, 255}},        NamedColor{"orange", {255, 165, 0}},
    NamedColor{"lightgray", {211, 211, 211}}, NamedColor{"lightgrey", {211, 211, 211}},
    NamedColor{"darkgray", {169, 169, 169}},  NamedColor{"pink", {255, 192, 203}},
    NamedColor{"gold", {255, 215, 0}},        NamedColor{"whitesmoke", {245, 245, 245}},
};

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::optional<std::array<int, 3>> parse_hex(std::string_view digits) {
  if (digits.size() != 3 && digits.size() != 6) return std::nullopt;
  const size_t each = digits.size() / 3;
  std::array<int, 3> color{};
  for (size_t i = 0; i < 3; ++i) {
    const int high = hex_digit(digits[i * each]);
    const int low = hex_digit(digits[i * each + each - 1]);
    if (high < 0 || low < 0) return std::nullopt;
    color[i] = high * 16 + low;
  }
  return color;
}

std::optional<std::array<int, 3>> parse_rgb(std::string_view inner) {
  const auto parts = split(inner, ',');
  if (parts.size() != 3) return std::nullopt;
  std::array<int, 3> color{};
  for (size_t i = 0; i < 3; ++i) {
    const auto value = parse_int(trim(parts[i]));
    if (!value || *value < 0 || *value > 255) return std::nullopt;
    color[i] = static_cast<int>(*value);
  }
  return color;
}

}  // namespace

std::optional<std::array<int, 3>> parse_css_color(std::string_view text) {
  std::string lower = to_lower_ascii(trim(text));
  if (const size_t mark = lower.find("!important"); mark != std::string::npos) {
    lower = std::string(trim(std::string_view(lower).substr(0, mark)));
  }
  if (lower.starts_with('#')) return parse_hex(std::string_view(lower).substr(1));
  if (lower.starts_with("rgb(") && lower.ends_with(')')) {
    return parse_rgb(std::string_view(lower).substr(4, lower.size() - 5));
  }
  for (const NamedColor& named : kNamed) {
    if (named.name == lower) return named.color;
  }
  return std::nullopt;
}

double luminance(const std::array<int, 3>& color) {
  std::array<double, 3> linear{};
  for (size_t i = 0; i < 3; ++i) {
    const double value = color[i] / 255.0;
    linear[i] = value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
  }
  return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
}

}  // namespace rapport
