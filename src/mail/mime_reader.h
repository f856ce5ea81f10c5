// Reading e-mail back: headers, and the text and HTML of simple messages.
//
// Made for the sandbox view, the demo's mailbox and tests, so it is tolerant: whatever is malformed
// is shown as it is, nothing throws, nothing crashes. Bounded by limits::kMaxMailBytes (the rest is
// ignored), kMaxMimeParts and kMaxMimeDepth. Character sets other than UTF-8, US-ASCII and
// ISO-8859-1 are not converted; bytes that are not UTF-8 become U+FFFD. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>
#include "base/limits/mail.h"

namespace rapport {

struct ParsedMail {
  /// In order, unfolded, encoded-words decoded.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string text;  // first text/plain part, LF line ends
  std::string html;  // first text/html part, LF line ends

  /// First header of that name, case ignored; "" when absent.
  std::string_view header(std::string_view name) const;
};

ParsedMail parse_mail(std::string_view message);

/// Decodes RFC 2047 encoded-words; malformed ones stay as they are.
std::string decode_header_text(std::string_view text);

}  // namespace rapport
