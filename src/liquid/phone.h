// Telephone numbers as people read them, from E.164 or from a national form and a country.
//
// Knows the calling code, trunk prefix and grouping of the countries in its table and calling codes
// alone of all others, whose digits are grouped by three. It writes numbers; it does not say
// whether one is in use. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rapport::liquid {

struct PhoneCountry;

struct PhoneNumber {
  std::string calling_code;               // "84"
  std::string digits;                     // after it: "912345678"
  const PhoneCountry* country = nullptr;  // null: not in the table

  std::string e164() const;           // "+84912345678"
  std::string international() const;  // "+84 912 345 678"
  std::string national() const;       // "0912 345 678"
};

/// `country` is an ISO 3166 code for numbers without a calling code; empty: such numbers are null,
/// as is what has no 6 to 14 digits or other characters than digits, spaces and ().-/.
std::optional<PhoneNumber> parse_phone(std::string_view text, std::string_view country);

}  // namespace rapport::liquid
