// Tables of the demo shop: countries with names in their own script, cities, and the catalogue.
//
// Constant data. Romanised forms are for e-mail addresses. All of it is invented or common;
// telephone numbers and addresses made from it lead nowhere.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace rapport::demo {

struct Name {
  std::string_view written;
  std::string_view roman;  // lower-case ASCII
};

struct Country {
  std::string_view code;      // ISO 3166-1 alpha-2
  std::string_view language;  // BCP 47
  std::string_view time_zone;
  int utc_offset_minutes;  // of winter; only shapes the hours of activity
  std::string_view phone_prefix;
  int weight;  // share of the shop's customers
  std::span<const Name> first_names;
  std::span<const Name> last_names;
  std::span<const std::string_view> cities;
  std::span<const std::string_view> streets;
};

struct Product {
  std::string_view id;
  std::string_view name;
  std::string_view category;
  uint32_t price_cents;
};

std::span<const Country> countries();
std::span<const Product> catalogue();
std::span<const std::string_view> user_agents();

}  // namespace rapport::demo
