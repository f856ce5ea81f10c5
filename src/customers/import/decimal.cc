#include "customers/import/decimal.h"

#include <algorithm>
#include <cstdint>

namespace rapport {
namespace {
constexpr int kMaxDigits = 18;
constexpr int kMaxPlaces = 12;
}  // namespace

std::optional<Decimal> Decimal::parse(std::string_view text) {
  bool negative = false;
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    negative = text.front() == '-';
    text.remove_prefix(1);
  }
  Decimal result;
  int digits = 0;
  bool point = false;
  bool any = false;
  for (const char c : text) {
    if (c == '.' && !point) {
      point = true;
      continue;
    }
    if (c < '0' || c > '9') return std::nullopt;
    any = true;
    if (digits > 0 || c != '0') ++digits;
    if (digits > kMaxDigits || (point && result.places_ == kMaxPlaces)) return std::nullopt;
    result.mantissa_ = result.mantissa_ * 10 + (c - '0');
    if (point) ++result.places_;
  }
  if (!any) return std::nullopt;
  if (negative) result.mantissa_ = -result.mantissa_;
  return result;
}

std::optional<Decimal> Decimal::plus(const Decimal& other) const {
  Decimal a = *this;
  Decimal b = other;
  if (a.places_ > b.places_) std::swap(a, b);
  for (; a.places_ < b.places_; ++a.places_) {
    if (__builtin_mul_overflow(a.mantissa_, Wide{10}, &a.mantissa_)) return std::nullopt;
  }
  if (__builtin_add_overflow(a.mantissa_, b.mantissa_, &a.mantissa_)) return std::nullopt;
  return a;
}

std::optional<Decimal> Decimal::times(const Decimal& other) const {
  Decimal result;
  if (__builtin_mul_overflow(mantissa_, other.mantissa_, &result.mantissa_)) return std::nullopt;
  result.places_ = places_ + other.places_;
  return result;
}

Decimal Decimal::negated() const {
  Decimal result = *this;
  result.mantissa_ = -result.mantissa_;
  return result;
}

Decimal Decimal::rounded(int places) const {
  if (places_ <= places) return *this;
  Wide unit = 1;
  for (int i = places; i < places_ && i - places < 37; ++i) unit *= 10;
  Decimal result;
  result.places_ = places;
  const Wide rest = mantissa_ % unit;
  result.mantissa_ = mantissa_ / unit;
  if (rest >= unit - unit / 2) ++result.mantissa_;
  if (-rest >= unit - unit / 2) --result.mantissa_;
  return result;
}

bool Decimal::is_integer() const {
  Wide rest = mantissa_;
  for (int i = 0; i < places_; ++i) {
    if (rest % 10 != 0) return false;
    rest /= 10;
  }
  return true;
}

namespace {

/// Digits of `mantissa` from the last, with the point before the last `places`.
template <class Integer>
std::string print(Integer mantissa, int places, bool negative) {
  for (; places > 0 && mantissa % 10 == 0; --places) mantissa /= 10;
  char reversed[48];
  int length = 0;
  for (int i = 0; mantissa != 0 || i <= places; ++i) {
    if (i == places && places > 0) reversed[length++] = '.';
    reversed[length++] = static_cast<char>('0' + static_cast<int>(mantissa % 10));
    mantissa /= 10;
  }
  if (negative) reversed[length++] = '-';
  std::reverse(reversed, reversed + length);
  return std::string(reversed, static_cast<size_t>(length));
}

}  // namespace

std::string Decimal::text() const {
  __extension__ using Unsigned = unsigned __int128;
  const bool negative = mantissa_ < 0;
  const Unsigned magnitude = negative ? -static_cast<Unsigned>(mantissa_) : Unsigned(mantissa_);
  // Division of 64 bits is many times faster, and enough for nearly all numbers.
  if (magnitude >> 64 == 0) return print(static_cast<uint64_t>(magnitude), places_, negative);
  return print(magnitude, places_, negative);
}

}  // namespace rapport
