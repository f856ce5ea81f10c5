// E-mail providers: the sandbox, which keeps messages readable, and an SMTP server.
//
// Which one a workspace uses is its setting "provider.email"; the sandbox is the default.
// Thread-safe.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "access/settings_service.h"
#include "base/limits/messaging.h"
#include "mail/smtp_client.h"
#include "messaging/channel.h"
#include "runtime/clock.h"
#include "storage/state_store.h"

namespace rapport {

struct EmailProviderSettings {
  std::string type = "sandbox";  // or "smtp"
  std::string host;
  int64_t port = 587;
  std::string security = "starttls";  // "none", "opportunistic", "starttls", "tls"
  std::string username;
  std::string ca_file;  // PEM on the server's machine; empty: the system's store
  bool password_set = false;
};

class EmailProviderService {
 public:
  explicit EmailProviderService(SettingsService& settings) : settings_(settings) {}

  EmailProviderSettings get(WorkspaceId workspace) const;
  /// `password` absent keeps the stored one, empty removes it. Throws kInvalidArgument by field.
  EmailProviderSettings put(WorkspaceId workspace, EmailProviderSettings settings,
                            const std::optional<std::string>& password, const Actor& actor);
  /// Called after every `put`. Set once, before the first.
  void on_changed(std::function<void()> listener) { listener_ = std::move(listener); }
  /// What an SmtpClient needs.
  SmtpConfig smtp_config(WorkspaceId workspace, const EmailProviderSettings& settings) const;

 private:
  SettingsService& settings_;
  std::function<void()> listener_;
};

struct SandboxMessage {
  uint64_t id = 0;
  std::string message_id;
  std::string from;
  std::string to;
  std::string raw;
  Timestamp sent_at;
};

/// What the sandbox keeps, at least the newest limits::kMaxSandboxMessages a workspace and few
/// more; a message that is sent again replaces itself.
class SandboxMailbox {
 public:
  explicit SandboxMailbox(StateStore& store);
  /// On disk when it returns. Those of several threads are written together.
  void put(WorkspaceId workspace, const SandboxMessage& message);
  /// Newest first, below `before` when it is not 0; `to` empty: everyone.
  std::vector<SandboxMessage> list(WorkspaceId workspace, std::string_view to, uint64_t before,
                                   size_t limit) const;
  /// The mail of a message, whose id stands before the @ of its Message-ID.
  std::optional<SandboxMessage> find(WorkspaceId workspace, MessageId message) const;

 private:
  struct Waiting;
  void write(const std::vector<Waiting*>& group);

  StateStore& store_;
  std::mutex mutex_;
  std::condition_variable written_;
  std::vector<Waiting*> waiting_;
  bool writing_ = false;
};

/// "none", "opportunistic", "starttls", "tls"; throws kInvalidArgument on `security`.
SmtpSecurity parse_smtp_security(std::string_view text);

}  // namespace rapport
