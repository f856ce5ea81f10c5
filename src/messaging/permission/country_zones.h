// The main time zone of each country: a table, pure and thread-safe.
#pragma once

#include <string_view>

namespace rapport {

/// The IANA zone in which most people of a country live; `country` is an ISO 3166-1 code ("VN") or
/// a name as people write it ("Vietnam", "中国"), any case. Empty when it is not known.
std::string_view main_zone_of_country(std::string_view country);

}  // namespace rapport
