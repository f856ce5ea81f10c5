#include "liquid/number.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/text.h"

namespace rapport::liquid {
namespace {

__extension__ typedef __int128 Wide;

/// mantissa * 10^exponent
struct Decimal {
  Wide mantissa = 0;
  int exponent = 0;
};

constexpr int kMaxShift = 20;  // 17 digits and 20 more stay below 2^127

Wide power_of_ten(int exponent) {
  Wide power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

/// The shortest digits that read back as `value`; at most 17. Null for infinities and NaN.
std::optional<Decimal> to_decimal(const Value& number) {
  if (const auto* whole = number.if_int()) return Decimal{*whole, 0};
  const double value = as_double(number);
  if (!std::isfinite(value)) return std::nullopt;
  char buffer[64];
  const auto written =
      std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific);
  const std::string_view text(buffer, static_cast<size_t>(written.ptr - buffer));
  const size_t e = text.find('e');
  Decimal decimal;
  bool negative = false;
  int fraction = 0;
  bool after_point = false;
  for (const char c : text.substr(0, e)) {
    if (c == '-') {
      negative = true;
    } else if (c == '.') {
      after_point = true;
    } else {
      decimal.mantissa = decimal.mantissa * 10 + (c - '0');
      fraction += after_point ? 1 : 0;
    }
  }
  std::string_view exponent = text.substr(e + 1);
  if (exponent.front() == '+') exponent.remove_prefix(1);
  decimal.exponent = static_cast<int>(parse_int(exponent).value_or(0)) - fraction;
  if (negative) decimal.mantissa = -decimal.mantissa;
  return decimal;
}

double to_double(const Decimal& decimal) {
  Wide left = decimal.mantissa < 0 ? -decimal.mantissa : decimal.mantissa;
  std::string digits;
  do {
    digits += static_cast<char>('0' + static_cast<int>(left % 10));
    left /= 10;
  } while (left > 0);
  if (decimal.mantissa < 0) digits += '-';
  std::reverse(digits.begin(), digits.end());
  digits += 'e' + std::to_string(decimal.exponent);
  double value = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  // from_chars leaves the value alone when it is out of range.
  if (read.ec == std::errc::result_out_of_range && decimal.exponent > 0) {
    value = decimal.mantissa < 0 ? -HUGE_VAL : HUGE_VAL;
  }
  return value;
}

std::optional<double> decimal_sum(const Value& a, const Value& b, int sign) {
  auto x = to_decimal(a);
  auto y = to_decimal(b);
  if (!x || !y) return std::nullopt;
  y->mantissa *= sign;
  const int low = std::min(x->exponent, y->exponent);
  if (x->exponent - low > kMaxShift - 2 || y->exponent - low > kMaxShift - 2) return std::nullopt;
  const Wide sum =
      x->mantissa * power_of_ten(x->exponent - low) + y->mantissa * power_of_ten(y->exponent - low);
  return to_double({sum, low});
}

bool both_int(const Value& a, const Value& b) {
  return a.if_int() && b.if_int();
}

Value from_double_if_whole(double value) {
  constexpr double kLimit = 9.2e18;
  if (!(std::fabs(value) < kLimit)) return value;
  return static_cast<int64_t>(value);
}

std::string_view leading_integer(std::string_view text) {
  text = trim(text);
  size_t end = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  const size_t digits = end;
  while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
  return end == digits ? std::string_view() : text.substr(0, end);
}

Value integer_text(std::string_view text) {
  std::string_view digits = leading_integer(text);
  if (digits.empty()) return 0;
  if (digits[0] == '+') digits.remove_prefix(1);
  if (const auto whole = parse_int(digits)) return *whole;
  return parse_number(digits).value_or(0);
}

/// -?digits.digits and nothing else.
bool is_decimal_text(std::string_view text) {
  if (!text.empty() && text[0] == '-') text.remove_prefix(1);
  const size_t point = text.find('.');
  if (point == std::string_view::npos || point == 0 || point + 1 == text.size()) return false;
  return text.find_first_not_of("0123456789.") == std::string_view::npos &&
         text.find('.', point + 1) == std::string_view::npos;
}

}  // namespace

std::string format_double(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  const double size = std::fabs(value);
  char buffer[64];
  const bool fixed = value == 0 || (size >= 1e-4 && size < 1e16);
  const auto written =
      std::to_chars(buffer, buffer + sizeof buffer, value,
                    fixed ? std::chars_format::fixed : std::chars_format::scientific);
  std::string text(buffer, written.ptr);
  if (text.find('.') == std::string::npos) {
    const size_t e = text.find('e');
    text.insert(e == std::string::npos ? text.size() : e, ".0");
  }
  return text;
}

std::string format_json_double(double value) {
  return std::isfinite(value) ? format_double(value) : "null";
}

double as_double(const Value& number) {
  if (const auto* whole = number.if_int()) return static_cast<double>(*whole);
  const auto* real = number.if_double();
  return real ? *real : 0;
}

Value to_number(const Value& value) {
  if (value.is_number()) return value;
  const auto* text = value.if_string();
  if (!text) return 0;
  const std::string_view trimmed = trim(*text);
  if (is_decimal_text(trimmed)) return parse_number(trimmed).value_or(0);
  return integer_text(trimmed);
}

std::optional<int64_t> to_integer(const Value& value) {
  if (const auto* whole = value.if_int()) return *whole;
  const auto* text = value.if_string();
  return text ? parse_int(trim(*text)) : std::nullopt;
}

int64_t to_range_bound(const Value& value) {
  Value number;
  if (value.is_number()) {
    number = value;
  } else if (const auto* text = value.if_string()) {
    number = integer_text(*text);
  }
  if (const auto* whole = number.if_int()) return *whole;
  const Value whole = from_double_if_whole(as_double(number));
  return whole.if_int() ? *whole.if_int() : 0;
}

Value add(const Value& a, const Value& b) {
  int64_t sum = 0;
  if (both_int(a, b) && !__builtin_add_overflow(*a.if_int(), *b.if_int(), &sum)) return sum;
  return decimal_sum(a, b, 1).value_or(as_double(a) + as_double(b));
}

Value subtract(const Value& a, const Value& b) {
  int64_t difference = 0;
  if (both_int(a, b) && !__builtin_sub_overflow(*a.if_int(), *b.if_int(), &difference)) {
    return difference;
  }
  return decimal_sum(a, b, -1).value_or(as_double(a) - as_double(b));
}

Value multiply(const Value& a, const Value& b) {
  int64_t product = 0;
  if (both_int(a, b) && !__builtin_mul_overflow(*a.if_int(), *b.if_int(), &product)) {
    return product;
  }
  const auto x = to_decimal(a);
  const auto y = to_decimal(b);
  Wide mantissa = 0;
  if (!x || !y || __builtin_mul_overflow(x->mantissa, y->mantissa, &mantissa)) {
    return as_double(a) * as_double(b);
  }
  return to_double({mantissa, x->exponent + y->exponent});
}

std::optional<Value> divide(const Value& a, const Value& b) {
  if (as_double(b) == 0) return std::nullopt;
  if (!both_int(a, b)) return as_double(a) / as_double(b);
  const int64_t x = *a.if_int();
  const int64_t y = *b.if_int();
  if (x == std::numeric_limits<int64_t>::min() && y == -1) return -as_double(a);
  const int64_t quotient = x / y;
  return quotient - (x % y != 0 && (x < 0) != (y < 0) ? 1 : 0);
}

std::optional<Value> modulo(const Value& a, const Value& b) {
  if (as_double(b) == 0) return std::nullopt;
  if (both_int(a, b)) {
    const int64_t y = *b.if_int();
    if (y == -1) return 0;
    const int64_t rest = *a.if_int() % y;
    return rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest;
  }
  const double y = as_double(b);
  const double rest = std::fmod(as_double(a), y);
  return rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest;
}

Value absolute(const Value& number) {
  if (const auto* whole = number.if_int()) {
    if (*whole == std::numeric_limits<int64_t>::min()) return -static_cast<double>(*whole);
    return *whole < 0 ? -*whole : *whole;
  }
  return std::fabs(as_double(number));
}

Value round_to(const Value& number, int64_t digits) {
  auto decimal = to_decimal(number);
  if (!decimal) return number;
  const int64_t drop = -static_cast<int64_t>(decimal->exponent) - digits;
  if (drop > 0) {
    if (drop > kMaxShift) {
      decimal = Decimal{};
    } else {
      const Wide unit = power_of_ten(static_cast<int>(drop));
      const Wide half = decimal->mantissa < 0 ? -(unit / 2) : unit / 2;
      decimal->mantissa = (decimal->mantissa + half) / unit;
      decimal->exponent += static_cast<int>(drop);
    }
  }
  if (number.if_int() && drop <= 0) return number;
  const double rounded = to_double(*decimal);
  if (digits <= 0 || number.if_int()) return from_double_if_whole(rounded);
  return rounded;
}

Value floor_of(const Value& number) {
  return number.if_int() ? number : from_double_if_whole(std::floor(as_double(number)));
}

Value ceil_of(const Value& number) {
  return number.if_int() ? number : from_double_if_whole(std::ceil(as_double(number)));
}

std::optional<int> compare_numbers(const Value& a, const Value& b) {
  if (both_int(a, b)) return *a.if_int() < *b.if_int() ? -1 : *a.if_int() > *b.if_int();
  const double x = as_double(a);
  const double y = as_double(b);
  if (std::isnan(x) || std::isnan(y)) return std::nullopt;
  return x < y ? -1 : x > y;
}

}  // namespace rapport::liquid
