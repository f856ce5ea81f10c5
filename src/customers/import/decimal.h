// Exact decimal numbers for sums of money: a 128-bit mantissa and a count of decimal places.
//
// Value type, no rounding until asked. Numbers have at most 18 digits and 12 places, so a product
// has at most 36 digits; an overflow is reported, never wrapped.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rapport {

class Decimal {
 public:
  Decimal() = default;
  /// "12", "-0.50", "+3."; no exponent, no grouping. Null when anything else or over 18 digits.
  static std::optional<Decimal> parse(std::string_view text);

  /// Null on overflow.
  std::optional<Decimal> plus(const Decimal& other) const;
  std::optional<Decimal> times(const Decimal& other) const;
  Decimal negated() const;
  /// Half away from zero, as accounts do.
  Decimal rounded(int places) const;
  bool is_integer() const;
  /// Shortest form, also a JSON number: "15.3", "-2", "0".
  std::string text() const;

 private:
  __extension__ using Wide = __int128;
  Wide mantissa_ = 0;
  int places_ = 0;
};

}  // namespace rapport
