// Sending over SMTP (RFC 5321): one connection, kept and used again by each SmtpClient.
//
// Speaks PIPELINING, SIZE, 8BITMIME, STARTTLS and AUTH (PLAIN, LOGIN, CRAM-MD5, XOAUTH2) where the
// server offers them. Addresses are ASCII, so SMTPUTF8 is never needed. Blocking, and not
// thread-safe: give each worker its own. `send` never throws for what a server or the network does;
// it answers with an outcome that says whether to try again. With kStartTls the session is
// abandoned unless TLS is on, certificates are verified against the system's store or `ca_file`;
// kOpportunistic takes TLS with any certificate and goes on without where there is none, but then
// never signs in. Every reply has a deadline, a message has one of its own; lines and replies are
// bounded. Resolving a name takes as long as the system's resolver lets it. The password appears in
// no log and no error.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "base/limits/delivery.h"
#include "base/limits/mail.h"
#include "mail/smtp_reply.h"

namespace rapport {

enum class SmtpSecurity { kNone, kStartTls, kTls, kOpportunistic };
enum class SmtpAuth { kPassword, kXoauth2 };  // with kXoauth2 the password is an access token

struct SmtpConfig {
  std::string host;
  uint16_t port = 25;
  SmtpSecurity security = SmtpSecurity::kNone;
  std::string username;  // empty: no AUTH
  std::string password;
  SmtpAuth auth = SmtpAuth::kPassword;
  std::string ca_file;    // empty: the system's store
  std::string helo_name;  // empty: "localhost"
  std::chrono::milliseconds connect_timeout = limits::kSmtpConnectDeadline;
  std::chrono::milliseconds command_timeout = limits::kSmtpCommandDeadline;
  std::chrono::milliseconds deadline = limits::kSmtpDeadline;
};

enum class SmtpStatus {
  kAccepted,    // the server took responsibility (2xx after DATA)
  kTransient,   // 4xx: the same message may succeed later
  kPermanent,   // 5xx, or refused here: it will not
  kConnection,  // no answer: name, connect, TLS, sign-in, or the link broke; the message may or may
                // not be there
};

/// How far a message came.
enum class SmtpPhase { kConnect, kGreeting, kHello, kTls, kAuth, kMail, kRecipient, kData, kDot };

struct SmtpOutcome {
  SmtpStatus status = SmtpStatus::kConnection;
  int reply_code = 0;         // last SMTP reply, 0 when none
  std::string enhanced_code;  // "5.1.1", "" when the server gave none
  std::string text;           // last reply line or what went wrong, one line of printable UTF-8
  SmtpPhase phase = SmtpPhase::kConnect;
  MailFailure failure = MailFailure::kNone;
  bool accepted() const { return status == SmtpStatus::kAccepted; }
  /// The server or the way to it is at fault, not this message: another one may do.
  bool is_provider_trouble() const {
    return status == SmtpStatus::kConnection || (!accepted() && phase < SmtpPhase::kMail);
  }
};

/// "accepted", "transient", "permanent", "connection".
std::string_view smtp_status_name(SmtpStatus status);
/// "connect", "greeting", …
std::string_view smtp_phase_name(SmtpPhase phase);

/// The message as it goes over the wire after DATA: dots stuffed (RFC 5321 section 4.5.2), ended by
/// the lone dot. `mime` has CRLF line ends.
std::string dot_stuffed(std::string_view mime);

class SmtpClient {
 public:
  /// Throws kInvalidArgument naming the field of a configuration that cannot work.
  explicit SmtpClient(SmtpConfig config);
  ~SmtpClient();
  SmtpClient(const SmtpClient&) = delete;
  SmtpClient& operator=(const SmtpClient&) = delete;

  /// Sends one message (CRLF lines, as build_mime makes it) to one recipient. An empty
  /// `envelope_from` is the null return path.
  SmtpOutcome send(const std::string& envelope_from, const std::string& recipient,
                   std::string_view mime);
  /// Connections opened so far; stays at 1 while the server keeps the first one open.
  long connections_opened() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rapport
