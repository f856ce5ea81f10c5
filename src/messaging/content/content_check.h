// What is wrong with a message before it is sent: places where a reader, a mail program or a spam
// filter would stumble. Looks at the source and at the rendered result; no network. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "messaging/content/content.h"

namespace rapport {

struct Finding {
  std::string severity;  // "error": do not send; "warning"; "note"
  std::string code;      // "image_without_alt", …; stable, translated by the console
  std::string language;  // of the variant
  std::string part;      // "subject", "html", "text"
  size_t line = 0;       // of the part's source; 0: the whole
  std::string detail;    // what it is about: an address, a variable, a number
};

/// One variant as it is sent.
struct CheckedMessage {
  const ContentVariant& source;
  std::string subject;
  std::string html;
  std::string text;
  std::string unsubscribe_url;  // as rendered
};

/// At most limits::kMaxFindings.
std::vector<Finding> check_message(const CheckedMessage& message);

/// Contrast of two colours, WCAG 2.2: 1 to 21. Null when either is no colour that is understood.
std::optional<double> contrast(std::string_view color, std::string_view background);

}  // namespace rapport
