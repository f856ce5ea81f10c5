#include "customers/import/decimal.h"

#include <algorithm>

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
  const std::string digits = text();
  return digits.find('.') == std::string::npos;
}

std::string Decimal::text() const {
  Wide mantissa = mantissa_;
  int places = places_;
  for (; places > 0 && mantissa % 10 == 0; --places) mantissa /= 10;
  const bool negative = mantissa < 0;
  std::string reversed;
  for (int i = 0; mantissa != 0 || i <= places; ++i) {
    if (i == places && places > 0) reversed += '.';
    const int digit = static_cast<int>(mantissa % 10);
    reversed += static_cast<char>('0' + (digit < 0 ? -digit : digit));
    mantissa /= 10;
  }
  if (negative) reversed += '-';
  std::reverse(reversed.begin(), reversed.end());
  return reversed;
}

}  // namespace rapport
