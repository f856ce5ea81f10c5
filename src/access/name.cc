#include "access/name.h"

#include <algorithm>

#include "base/error.h"
#include "base/limits/access.h"
#include "base/text.h"
#include "runtime/zoneinfo.h"

namespace rapport {

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

std::string check_time_zone(std::string_view text) {
  return load_time_zone(text).name();
}

}  // namespace rapport
