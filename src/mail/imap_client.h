// Reading a mailbox over IMAP (RFC 3501): what is new since the last look, nothing else.
//
// One poll is one session: sign in, EXAMINE (nothing is marked or removed), fetch messages above
// the last UID in order, at most limits::kMaxImapFetch, sign out. A message over
// limits::kMaxInboundBytes is passed over. When the mailbox's UIDVALIDITY changed, its UIDs begin
// anew: what is there counts as seen. Blocking; every answer within limits::kImapDeadline; lines
// and literals are bounded. With security other than kNone nothing is said in clear.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "mail/smtp_client.h"

namespace rapport {

struct ImapConfig {
  std::string host;
  uint16_t port = 993;
  SmtpSecurity security = SmtpSecurity::kTls;  // kNone, kStartTls or kTls
  std::string username;
  std::string password;
  std::string ca_file;
  std::string mailbox = "INBOX";
};

/// Where the last poll ended; zero before the first, which only finds out where to begin.
struct ImapPosition {
  int64_t uid_validity = 0;
  int64_t last_uid = 0;
  bool operator==(const ImapPosition&) const = default;
};

/// Null when all went well, else what did not; `position` moves with every message that `use` took.
/// `use` may throw; then the poll ends and that message comes again.
std::optional<std::string> poll_imap(const ImapConfig& config, ImapPosition& position,
                                     const std::function<void(const std::string& raw)>& use);

}  // namespace rapport
