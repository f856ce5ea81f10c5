// Replies of SMTP servers: reading them within bounds, and what a refusal means.
//
// Pure functions; whatever a hostile server says becomes one line of printable UTF-8.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rapport {

struct SmtpReply {
  int code = 0;
  std::string text;  // lines joined by a space, printable, bounded
  bool last = true;  // false: "250-", more lines follow
};

/// One line without its CRLF; null when it is no reply.
std::optional<SmtpReply> parse_smtp_reply_line(std::string_view line);
/// RFC 3463 "class.subject.detail" at the front of a reply's text, else "".
std::string enhanced_code_of(std::string_view text);
/// Control characters become spaces, bytes that are not UTF-8 "?"; at most 300 bytes.
std::string printable_line(std::string_view text);

/// Why a message was refused, bounced or deferred, from reply and enhanced code (RFC 5321, 3463).
enum class MailFailure {
  kNone,
  kBadMailbox,  // does not exist, moved, disabled for good
  kMailboxFull,
  kBadDomain,  // no such host, no mail there
  kPolicy,     // refused for who sends or how: reputation, authentication, rules
  kContent,    // called spam or unacceptable
  kSize,
  kRate,         // too much, too fast
  kSignIn,       // our credentials
  kUnreachable,  // the network, or a server that is down
  kOther,
};

/// "bad_mailbox", "mailbox_full", …
std::string_view mail_failure_name(MailFailure failure);
/// `code` may be 0 when only the enhanced code is known (delivery reports).
MailFailure classify_failure(int code, std::string_view enhanced, std::string_view text);
/// A failure that says the address will not come to life: suppress it.
bool is_hard_failure(MailFailure failure);
/// A failure that counts against an address without ending it.
bool is_soft_failure(MailFailure failure);

}  // namespace rapport
