// Arithmetic of the template language: 64-bit integers and doubles, with decimal results where
// people expect them.
//
// Sums and products of doubles are computed on their shortest decimal digits (10.1 + 2.2 is 12.3),
// as the reference does with big decimals; where 38 digits do not suffice, and for quotients,
// binary arithmetic decides. An integer result outside int64 becomes a double. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "liquid/value.h"

namespace rapport::liquid {

/// Shortest text that reads back the same: "5.0", "0.1", "1.0e+20", "Infinity".
std::string format_double(double value);
/// The same in JSON's form; null for infinities and NaN.
std::string format_json_double(double value);

/// Of an int or double; 0 otherwise.
double as_double(const Value& number);

/// Int or double: numbers as they are, text by its leading number ("5.1", "12 kg" is 12), else 0.
Value to_number(const Value& value);
/// For counts and positions: an int, or text that is wholly one. Null otherwise.
std::optional<int64_t> to_integer(const Value& value);
/// For ranges: numbers truncated, text by its leading integer, else 0.
int64_t to_range_bound(const Value& value);

Value add(const Value& a, const Value& b);
Value subtract(const Value& a, const Value& b);
Value multiply(const Value& a, const Value& b);
/// Integers divide towards minus infinity. Null when the divisor is zero.
std::optional<Value> divide(const Value& a, const Value& b);
/// The sign follows the divisor. Null when the divisor is zero.
std::optional<Value> modulo(const Value& a, const Value& b);
Value absolute(const Value& number);
/// Half away from zero on the decimal digits; an int when `digits` <= 0.
Value round_to(const Value& number, int64_t digits);
Value floor_of(const Value& number);
Value ceil_of(const Value& number);

/// -1, 0, 1; null when a NaN is involved.
std::optional<int> compare_numbers(const Value& a, const Value& b);

}  // namespace rapport::liquid
