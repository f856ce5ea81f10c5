#include "messaging/email_provider.h"

#include <array>
#include <boost/describe.hpp>
#include <exception>
#include <utility>

#include "base/error.h"
#include "base/limits/messaging.h"
#include "http/json_schema.h"

namespace rapport {
namespace {

constexpr std::string_view kSetting = "provider.email";

struct StoredProvider {
  std::string type;
  std::string host;
  int64_t port = 0;
  std::string security;
  std::string username;
  std::string ca_file;
};
BOOST_DESCRIBE_STRUCT(StoredProvider, (), (type, host, port, security, username, ca_file))

constexpr std::string_view kSandboxSchema = R"sql(
CREATE TABLE sandbox_messages (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  workspace INTEGER NOT NULL,
  message_id TEXT NOT NULL,
  sender TEXT NOT NULL,
  recipient TEXT NOT NULL,
  raw TEXT NOT NULL,
  sent_at INTEGER NOT NULL,
  UNIQUE (workspace, message_id)
);
CREATE INDEX sandbox_recipient ON sandbox_messages (workspace, recipient, id);
)sql";
constexpr std::string_view kSandboxIndex =
    "CREATE INDEX sandbox_workspace ON sandbox_messages (workspace, id)";
constexpr std::array kSandboxMigrations{Migration{1, kSandboxSchema}, Migration{2, kSandboxIndex}};

constexpr uint64_t kTrimEvery = 64;  // messages: counting is not free

constexpr std::string_view kPut =
    "INSERT INTO sandbox_messages (workspace, message_id, sender, recipient, raw, sent_at) "
    "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (workspace, message_id) DO UPDATE SET "
    "raw = excluded.raw, sent_at = excluded.sent_at RETURNING id";
constexpr std::string_view kTrim =
    "DELETE FROM sandbox_messages WHERE workspace = $1 AND id <= (SELECT id FROM sandbox_messages "
    "WHERE workspace = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)";
constexpr std::string_view kList =
    "SELECT id, message_id, sender, recipient, raw, sent_at FROM sandbox_messages "
    "WHERE workspace = $1 AND id < $2 AND ($3 = '' OR recipient = $3) ORDER BY id DESC LIMIT $4";
constexpr std::string_view kFind =
    "SELECT id, message_id, sender, recipient, raw, sent_at FROM sandbox_messages "
    "WHERE workspace = $1 AND message_id >= $2 AND message_id < $3 LIMIT 1";

SandboxMessage read_sandbox(Statement& row) {
  return {row.id(0),
          std::string(row.text(1)),
          std::string(row.text(2)),
          std::string(row.text(3)),
          std::string(row.text(4)),
          row.time(5)};
}

}  // namespace

SmtpSecurity parse_smtp_security(std::string_view text) {
  if (text == "none") return SmtpSecurity::kNone;
  if (text == "opportunistic") return SmtpSecurity::kOpportunistic;
  if (text == "starttls") return SmtpSecurity::kStartTls;
  if (text == "tls") return SmtpSecurity::kTls;
  throw Error::invalid("security", "must be one of none, opportunistic, starttls, tls");
}

EmailProviderSettings EmailProviderService::get(WorkspaceId workspace) const {
  const auto setting = settings_.find(workspace, kSetting);
  if (!setting) return {};
  const auto stored = parse_json<StoredProvider>(setting->value);
  return {stored.type,     stored.host,    stored.port,        stored.security,
          stored.username, stored.ca_file, setting->has_secret};
}

EmailProviderSettings EmailProviderService::put(WorkspaceId workspace,
                                                EmailProviderSettings settings,
                                                const std::optional<std::string>& password,
                                                const Actor& actor) {
  if (settings.type != "sandbox" && settings.type != "smtp") {
    throw Error::invalid("type", "must be one of sandbox, smtp");
  }
  parse_smtp_security(settings.security);
  if (settings.port < 1 || settings.port > 65535) {
    throw Error::invalid("port", "must be from 1 to 65535");
  }
  if (settings.type == "smtp") {
    if (settings.host.empty()) throw Error::invalid("host", "is required");
    // The client knows best what it can work with; it throws by field.
    SmtpConfig config;
    config.host = settings.host;
    config.port = static_cast<uint16_t>(settings.port);
    config.security = parse_smtp_security(settings.security);
    config.username = settings.username;
    config.ca_file = settings.ca_file;
    const SmtpClient checked(config);
  }
  const SecretChange change = !password           ? SecretChange::keep()
                              : password->empty() ? SecretChange::clear()
                                                  : SecretChange::replace(*password);
  settings_.put(workspace, kSetting,
                to_json(StoredProvider{settings.type, settings.host, settings.port,
                                       settings.security, settings.username, settings.ca_file}),
                change, actor);
  if (listener_) listener_();
  return get(workspace);
}

SmtpConfig EmailProviderService::smtp_config(WorkspaceId workspace,
                                             const EmailProviderSettings& settings) const {
  SmtpConfig config;
  config.host = settings.host;
  config.port = static_cast<uint16_t>(settings.port);
  config.security = parse_smtp_security(settings.security);
  config.username = settings.username;
  config.ca_file = settings.ca_file;
  if (settings.password_set) {
    config.password = settings_.find_secret(workspace, kSetting).value_or("");
  }
  return config;
}

SandboxMailbox::SandboxMailbox(StateStore& store) : store_(store) {
  store_.migrate("sandbox", kSandboxMigrations);
}

struct SandboxMailbox::Waiting {
  WorkspaceId workspace;
  const SandboxMessage& message;
  bool ended = false;
  std::exception_ptr failure = nullptr;
};

// Whoever finds nobody writing writes everything that waits, in one transaction.
void SandboxMailbox::put(WorkspaceId workspace, const SandboxMessage& message) {
  Waiting own{workspace, message};
  std::unique_lock lock(mutex_);
  waiting_.push_back(&own);
  written_.wait(lock, [&] { return own.ended || !writing_; });
  if (!own.ended) {
    writing_ = true;
    const std::vector<Waiting*> group = std::exchange(waiting_, {});
    lock.unlock();
    std::exception_ptr failure;
    try {
      write(group);
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    writing_ = false;
    for (Waiting* waiting : group) {
      waiting->ended = true;
      waiting->failure = failure;
    }
    written_.notify_all();
  }
  if (own.failure) std::rethrow_exception(own.failure);
}

void SandboxMailbox::write(const std::vector<Waiting*>& group) {
  store_.write([&](Connection& c) {
    for (const Waiting* waiting : group) {
      const SandboxMessage& message = waiting->message;
      const auto id = c.find(
          kPut, [](Statement& row) { return row.id(0); }, waiting->workspace, message.message_id,
          message.from, message.to, message.raw, message.sent_at);
      if (id && *id % kTrimEvery == 0) {
        c.run(kTrim, waiting->workspace, limits::kMaxSandboxMessages);
      }
    }
  });
}

std::vector<SandboxMessage> SandboxMailbox::list(WorkspaceId workspace, std::string_view to,
                                                 uint64_t before, size_t limit) const {
  const int64_t below = before == 0 ? INT64_MAX : static_cast<int64_t>(before);
  return store_.read_value([&](Connection& c) {
    std::vector<SandboxMessage> messages;
    c.each(
        kList, [&](Statement& row) { messages.push_back(read_sandbox(row)); }, workspace, below, to,
        limit);
    return messages;
  });
}

std::optional<SandboxMessage> SandboxMailbox::find(WorkspaceId workspace, MessageId message) const {
  const std::string id = to_public(message);
  return store_.read_value(
      [&](Connection& c) { return c.find(kFind, read_sandbox, workspace, id + "@", id + "A"); });
}

}  // namespace rapport
