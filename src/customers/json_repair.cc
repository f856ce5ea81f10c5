#include "customers/json_repair.h"

#include <algorithm>

#include "base/text.h"

namespace rapport {
namespace {

constexpr std::string_view kReplacementEscape = "\\ufffd";
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// The four hex digits of a \uXXXX at the front of `text`, or -1.
int unicode_escape(std::string_view text) {
  if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return -1;
  int value = 0;
  for (const char c : text.substr(2, 4)) {
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

bool is_high_surrogate(int unit) {
  return unit >= 0xD800 && unit <= 0xDBFF;
}
bool is_low_surrogate(int unit) {
  return unit >= 0xDC00 && unit <= 0xDFFF;
}

class Repair {
 public:
  explicit Repair(std::string_view json) : rest_(json) { out_.reserve(json.size() + 64); }

  std::string run() {
    while (!rest_.empty()) {
      if (rest_.front() == '"') {
        text();
      } else if (rest_.front() == '-' || (rest_.front() >= '0' && rest_.front() <= '9')) {
        number();
      } else {
        copy(1);
      }
    }
    return std::move(out_);
  }

 private:
  void copy(size_t count) {
    count = std::min(count, rest_.size());
    out_ += rest_.substr(0, count);
    rest_.remove_prefix(count);
  }

  void text() {
    copy(1);
    while (!rest_.empty() && rest_.front() != '"') {
      if (rest_.front() == '\\') {
        escape();
      } else {
        letter();
      }
    }
    copy(1);
  }

  void escape() {
    const int unit = unicode_escape(rest_);
    if (is_high_surrogate(unit) && is_low_surrogate(unicode_escape(rest_.substr(6)))) {
      copy(12);
    } else if (is_high_surrogate(unit) || is_low_surrogate(unit)) {
      out_ += kReplacementEscape;
      rest_.remove_prefix(6);
    } else {
      copy(2);
    }
  }

  void letter() {
    // The length of a valid sequence is found by asking for ever longer ones.
    for (size_t length = 1; length <= 4 && length <= rest_.size(); ++length) {
      if (is_valid_utf8(rest_.substr(0, length))) return copy(length);
    }
    out_ += kReplacement;
    rest_.remove_prefix(1);
  }

  void number() {
    const size_t end = std::min(rest_.find_first_not_of("+-0123456789.eE"), rest_.size());
    const std::string_view token = rest_.substr(0, end);
    const bool whole = token.find_first_of(".eE") == std::string_view::npos;
    const bool tiny = token.find("e-") != token.npos || token.find("E-") != token.npos;
    if (whole && is_big(token)) {
      out_ += parse_number(token) ? std::string(token) + ".0" : "null";
    } else if (!whole && !tiny && looks_like_number(token) && !parse_number(token)) {
      out_ += "null";
    } else {
      out_ += token;
    }
    rest_.remove_prefix(end);
  }

  /// Whether the digits of a whole number are beyond 64 bits.
  static bool is_big(std::string_view token) {
    const bool negative = token.front() == '-';
    const std::string_view digits = token.substr(negative ? 1 : 0);
    const std::string_view bound = negative ? "9223372036854775808" : "18446744073709551615";
    if (digits.empty() || digits.front() == '0') return false;
    return digits.size() > bound.size() || (digits.size() == bound.size() && digits > bound);
  }

  /// Only digits around one point and one exponent: what is otherwise wrong stays wrong.
  static bool looks_like_number(std::string_view token) {
    const size_t exponent = token.find_first_of("eE");
    const std::string_view mantissa = token.substr(0, exponent);
    const std::string_view power =
        exponent == token.npos ? std::string_view("0") : token.substr(exponent + 1);
    const size_t sign = power.starts_with('+') || power.starts_with('-') ? 1 : 0;
    return parse_number(mantissa).has_value() && power.size() > sign &&
           power.find_first_not_of("0123456789", sign) == power.npos;
  }

  std::string_view rest_;
  std::string out_;
};

}  // namespace

std::string repair_json(std::string_view json) {
  return Repair(json).run();
}

bool has_surrogate_escape(std::string_view json) {
  return json.find("\\ud") != json.npos || json.find("\\uD") != json.npos;
}

}  // namespace rapport
