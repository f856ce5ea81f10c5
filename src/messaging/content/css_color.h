// Colours as CSS writes them, as far as e-mails use them: #rgb, #rrggbb, rgb(), and names. Pure.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace rapport {

/// Red, green, blue from 0 to 255. Null for what is no opaque colour that is understood.
std::optional<std::array<int, 3>> parse_css_color(std::string_view text);
/// Relative luminance, 0 to 1, as WCAG 2.2 defines it.
double luminance(const std::array<int, 3>& color);

}  // namespace rapport
