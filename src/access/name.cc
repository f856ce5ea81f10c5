#include "access/name.h"

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"

namespace rapport {
namespace {

constexpr size_t kMaxZoneBytes = 64;
constexpr std::string_view kZoneFolder = "/usr/share/zoneinfo";

bool is_zone_part(std::string_view part) {
  return !part.empty() && part[0] != '.' &&
         std::all_of(part.begin(), part.end(), [](unsigned char c) {
           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '-' || c == '+';
         });
}

}  // namespace

std::string check_name(std::string_view text, std::string_view field) {
  const std::string_view name = trim(text);
  const std::string where(field);
  if (name.empty()) throw Error::invalid(where, "must not be empty");
  if (name.size() > limits::kMaxNameBytes) {
    throw Error::invalid(where,
                         "must have at most " + std::to_string(limits::kMaxNameBytes) + " bytes");
  }
  const bool has_control =
      std::any_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; });
  if (has_control || !is_valid_utf8(name)) {
    throw Error::invalid(where, "must be UTF-8 text without control characters");
  }
  return std::string(name);
}

std::string check_time_zone(std::string_view text, std::string_view field) {
  const auto parts = split(text, '/');
  bool known =
      text.size() <= kMaxZoneBytes && std::all_of(parts.begin(), parts.end(), is_zone_part);
  std::error_code ignored;
  const std::filesystem::path folder(kZoneFolder);
  if (known && std::filesystem::is_directory(folder, ignored)) {
    known = std::filesystem::is_regular_file(folder / text, ignored);
  }
  if (!known) throw Error::invalid(std::string(field), "is not a time zone like Europe/London");
  return std::string(text);
}

}  // namespace rapport
