// Sending over SMTP with libcurl: one connection kept and reused by each SmtpClient.
//
// Blocking, and not thread-safe: give each worker its own. `send` never throws for what a server or
// the network does; it answers with an outcome that says whether to try again. With `starttls` the
// session is abandoned unless TLS is on (nothing is sent in clear), certificates are verified
// against the system's store or `ca_file`, and only the smtp and smtps schemes are ever spoken.
// Bounded by `deadline` for each message. The password appears in no log and no error.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "base/limits/mail.h"

namespace rapport {

enum class SmtpSecurity { kNone, kStartTls, kTls };

struct SmtpConfig {
  std::string host;
  uint16_t port = 25;
  SmtpSecurity security = SmtpSecurity::kNone;
  std::string username;  // empty: no AUTH
  std::string password;
  std::string ca_file;    // empty: the system's store
  std::string helo_name;  // empty: "localhost"
  std::chrono::milliseconds connect_timeout = limits::kSmtpConnectDeadline;
  std::chrono::milliseconds deadline = limits::kSmtpDeadline;
};

enum class SmtpStatus {
  kAccepted,    // the server took responsibility (2xx after DATA)
  kTransient,   // 4xx: the same message may succeed later
  kPermanent,   // 5xx, or refused here: it will not
  kConnection,  // no answer: name, connect, TLS, sign-in, or the link broke; the message may or may
                // not be there
};

struct SmtpOutcome {
  SmtpStatus status = SmtpStatus::kConnection;
  int reply_code = 0;         // last SMTP reply, 0 when none
  std::string enhanced_code;  // "5.1.1", "" when the server gave none
  std::string text;           // last reply line or what went wrong, one line of printable UTF-8
  bool accepted() const { return status == SmtpStatus::kAccepted; }
};

/// "accepted", "transient", "permanent", "connection".
std::string_view smtp_status_name(SmtpStatus status);

class SmtpClient {
 public:
  /// Throws kInvalidArgument naming the field of a configuration that cannot work.
  explicit SmtpClient(SmtpConfig config);
  ~SmtpClient();
  SmtpClient(const SmtpClient&) = delete;
  SmtpClient& operator=(const SmtpClient&) = delete;

  /// Sends one message (CRLF lines, as build_mime makes it) to one recipient.
  SmtpOutcome send(const std::string& envelope_from, const std::string& recipient,
                   std::string_view mime);
  /// Connections opened so far; stays at 1 while the server keeps the first one open.
  long connections_opened() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rapport
