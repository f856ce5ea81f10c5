// Small text helpers: encodings and UTF-8. Pure functions, no locale, no allocation surprises.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rapport {

/// Strict UTF-8: no overlong forms, surrogates or values over U+10FFFF.
bool is_valid_utf8(std::string_view text);
/// Cuts to at most `max_bytes` without splitting a UTF-8 sequence.
std::string_view utf8_prefix(std::string_view text, size_t max_bytes);

std::string to_lower_ascii(std::string_view text);
bool equals_ignore_case(std::string_view a, std::string_view b);
std::string_view trim(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char separator);

std::string hex_encode(std::string_view bytes);
/// RFC 4648 section 4, padded.
std::string base64_encode(std::string_view bytes);
/// RFC 4648 section 5, without padding.
std::string base64url_encode(std::string_view bytes);
/// Either alphabet, padding optional, white space refused. Null when malformed.
std::optional<std::string> base64_decode(std::string_view text);

/// Percent-decodes; `plus_is_space` for form bodies and query strings. Null on a bad escape.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);
/// Leaves RFC 3986 unreserved characters, escapes the rest.
std::string percent_encode(std::string_view text);
/// Escapes & < > " ' for HTML text and attribute values.
std::string html_escape(std::string_view text);
/// A JSON string literal with its quotes.
std::string json_quote(std::string_view text);

/// Strict decimal integer, sign allowed, whole text. Null when it is anything else.
std::optional<int64_t> parse_int(std::string_view text);
/// Strict decimal number, whole text, finite. Null when it is anything else.
std::optional<double> parse_number(std::string_view text);

}  // namespace rapport
