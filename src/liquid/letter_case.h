// Upper and lower case of UTF-8 text: Latin with all Vietnamese letters, Greek, Cyrillic, Armenian
// and full-width forms; one letter becomes one letter (no ß to SS). Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace rapport::liquid {

std::string to_upper(std::string_view text);
std::string to_lower(std::string_view text);

}  // namespace rapport::liquid
