#include "liquid/phone.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace rapport::liquid {

struct PhoneCountry {
  std::string_view iso;
  std::string_view calling_code;
  std::string_view trunk;   // dialled before a national number
  std::string_view groups;  // sizes of the groups of a usual number
};

namespace {

// Of countries that share a calling code the first is taken when only the code is known.
constexpr std::array kCountries{
    PhoneCountry{"VN", "84", "0", "333"},  PhoneCountry{"CN", "86", "0", "344"},
    PhoneCountry{"TW", "886", "0", "333"}, PhoneCountry{"HK", "852", "", "44"},
    PhoneCountry{"MO", "853", "", "44"},   PhoneCountry{"SG", "65", "", "44"},
    PhoneCountry{"JP", "81", "0", "244"},  PhoneCountry{"KR", "82", "0", "244"},
    PhoneCountry{"TH", "66", "0", "234"},  PhoneCountry{"MY", "60", "0", "234"},
    PhoneCountry{"ID", "62", "0", "344"},  PhoneCountry{"PH", "63", "0", "334"},
    PhoneCountry{"IN", "91", "0", "55"},   PhoneCountry{"AU", "61", "0", "333"},
    PhoneCountry{"NZ", "64", "0", "234"},  PhoneCountry{"US", "1", "", "334"},
    PhoneCountry{"CA", "1", "", "334"},    PhoneCountry{"GB", "44", "0", "433"},
    PhoneCountry{"IE", "353", "0", "234"}, PhoneCountry{"FR", "33", "0", "12222"},
    PhoneCountry{"DE", "49", "0", "344"},  PhoneCountry{"AT", "43", "0", "334"},
    PhoneCountry{"CH", "41", "0", "2322"}, PhoneCountry{"IT", "39", "", "334"},
    PhoneCountry{"ES", "34", "", "333"},   PhoneCountry{"PT", "351", "", "333"},
    PhoneCountry{"NL", "31", "0", "135"},  PhoneCountry{"BE", "32", "0", "3222"},
    PhoneCountry{"SE", "46", "0", "234"},  PhoneCountry{"NO", "47", "", "323"},
    PhoneCountry{"DK", "45", "", "2222"},  PhoneCountry{"FI", "358", "0", "234"},
    PhoneCountry{"PL", "48", "", "333"},   PhoneCountry{"CZ", "420", "", "333"},
    PhoneCountry{"BR", "55", "0", "254"},  PhoneCountry{"MX", "52", "", "244"},
    PhoneCountry{"ZA", "27", "0", "234"},  PhoneCountry{"AE", "971", "0", "234"},
};

// Calling codes have one digit (1, 7), three where ITU gave out the tens, else two.
constexpr std::array<std::string_view, 19> kThreeDigitTens{"21", "22", "23", "24", "25", "26", "29",
                                                           "35", "37", "38", "42", "50", "59", "67",
                                                           "68", "69", "80", "85", "88"};

std::string_view calling_code_of(std::string_view digits) {
  if (digits.starts_with('1') || digits.starts_with('7')) return digits.substr(0, 1);
  const std::string_view tens = digits.substr(0, 2);
  const bool three =
      tens == "96" || tens == "97" || tens == "99" ||
      std::find(kThreeDigitTens.begin(), kThreeDigitTens.end(), tens) != kThreeDigitTens.end();
  return digits.substr(0, three ? 3 : 2);
}

const PhoneCountry* by_code(std::string_view code) {
  const auto* found = std::find_if(kCountries.begin(), kCountries.end(),
                                   [&](const auto& c) { return c.calling_code == code; });
  return found == kCountries.end() ? nullptr : found;
}

const PhoneCountry* by_iso(std::string_view iso) {
  const auto* found = std::find_if(kCountries.begin(), kCountries.end(),
                                   [&](const auto& c) { return equals_ignore_case(c.iso, iso); });
  return found == kCountries.end() ? nullptr : found;
}

std::string grouped(std::string_view digits, const PhoneCountry* country) {
  std::string sizes(country ? country->groups : "");
  size_t total = 0;
  for (const char c : sizes) total += static_cast<size_t>(c - '0');
  if (total != digits.size()) {
    // Not the usual length: threes, with a last group of two to four.
    sizes.clear();
    size_t left = digits.size();
    for (; left > 4; left -= 3) sizes += '3';
    sizes += static_cast<char>('0' + left);
  }
  std::string out;
  size_t at = 0;
  for (const char c : sizes) {
    const auto size = static_cast<size_t>(c - '0');
    if (!out.empty()) out += ' ';
    out += digits.substr(at, size);
    at += size;
  }
  return out;
}

}  // namespace

std::string PhoneNumber::e164() const {
  return "+" + calling_code + digits;
}

std::string PhoneNumber::international() const {
  return "+" + calling_code + " " + grouped(digits, country);
}

std::string PhoneNumber::national() const {
  return (country ? std::string(country->trunk) : "") + grouped(digits, country);
}

std::optional<PhoneNumber> parse_phone(std::string_view text, std::string_view country) {
  constexpr size_t kFewest = 6;
  constexpr size_t kMost = 15;
  std::string digits;
  const std::string_view trimmed = trim(text);
  for (size_t i = 0; i < trimmed.size(); ++i) {
    const char c = trimmed[i];
    if (c >= '0' && c <= '9') {
      digits += c;
    } else if (std::string_view(" ().-/").find(c) == std::string_view::npos &&
               !(c == '+' && i == 0)) {
      return std::nullopt;
    }
  }
  bool international = trimmed.starts_with('+');
  if (!international && digits.starts_with("00")) {
    international = true;
    digits.erase(0, 2);
  }
  if (digits.size() < kFewest || digits.size() > kMost) return std::nullopt;
  PhoneNumber number;
  if (international) {
    number.calling_code = calling_code_of(digits);
    number.digits = digits.substr(number.calling_code.size());
    number.country = by_code(number.calling_code);
    return number;
  }
  number.country = by_iso(country);
  if (!number.country) return std::nullopt;
  number.calling_code = number.country->calling_code;
  const std::string_view trunk = number.country->trunk;
  number.digits =
      !trunk.empty() && digits.starts_with(trunk) ? digits.substr(trunk.size()) : digits;
  return number;
}

}  // namespace rapport::liquid
