// Mail that comes back: delivery reports (RFC 3464), abuse reports (RFC 5965), replies.
//
// Parsed with GMime within bounds: a message over limits::kMaxInboundBytes, with headers over
// kMaxInboundHeaderBytes, with more than kMaxInboundParts parts or nested too deep is refused
// before it is parsed. What is not a report is a reply, an automatic one when its headers say so;
// bounces of servers that write no report are known by what they write. Pure and thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mail/smtp_reply.h"

namespace rapport {

enum class InboundKind {
  kReport,     // of delivery; see `recipients`
  kComplaint,  // somebody called it spam
  kReply,      // of a person
  kAutomatic,  // vacation notes and the like, and what nobody can make sense of
};

enum class ReportAction { kFailed, kDelayed, kDelivered, kRelayed, kExpanded };

struct RecipientReport {
  ReportAction action = ReportAction::kFailed;
  std::string recipient;   // final, else original; lower case
  std::string status;      // "5.1.1"
  std::string diagnostic;  // one printable line
  MailFailure failure = MailFailure::kNone;
};

struct InboundMail {
  InboundKind kind = InboundKind::kAutomatic;
  std::vector<RecipientReport> recipients;
  std::string feedback_type;        // "abuse", "not-spam", …
  std::string original_headers;     // of the returned message, as text; bounded
  std::string original_message_id;  // without brackets
  std::string from;                 // address, lower case
  std::string subject;
  std::string message_id;
  std::vector<std::string> references;  // message ids of In-Reply-To and References
  std::string text;                     // of a reply, without what it quotes; bounded
};

/// Why it is not parsed at all; null when it may be.
std::optional<std::string> inbound_problem(std::string_view raw);
/// Throws kInvalidArgument with inbound_problem.
InboundMail read_inbound_mail(std::string_view raw);

}  // namespace rapport
