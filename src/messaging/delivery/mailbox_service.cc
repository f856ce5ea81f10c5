#include "messaging/delivery/mailbox_service.h"

#include <array>

#include "base/error.h"
#include "base/limits/access.h"
#include "base/limits/delivery.h"
#include "base/text.h"
#include "crypto/secret_box.h"
#include "messaging/delivery/provider_service.h"
#include "runtime/log.h"

namespace rapport {
namespace {

constexpr std::string_view kSchema = R"sql(
CREATE TABLE inbound_mailboxes (
  workspace INTEGER NOT NULL,
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  host TEXT NOT NULL,
  port INTEGER NOT NULL,
  security TEXT NOT NULL,
  username TEXT NOT NULL,
  ca_file TEXT NOT NULL,
  mailbox TEXT NOT NULL,
  secret TEXT,
  uid_validity INTEGER NOT NULL DEFAULT 0,
  last_uid INTEGER NOT NULL DEFAULT 0,
  polled_at INTEGER,
  problem TEXT NOT NULL DEFAULT ''
);
CREATE INDEX inbound_mailboxes_workspace ON inbound_mailboxes (workspace, id);
)sql";
constexpr std::array kMigrations{Migration{1, kSchema}};

#define RAPPORT_MAILBOX_COLUMNS                                                             \
  "workspace, id, host, port, security, username, ca_file, mailbox, secret, uid_validity, " \
  "last_uid, polled_at, problem"
constexpr std::string_view kAdd =
    "INSERT INTO inbound_mailboxes (workspace, host, port, security, username, ca_file, mailbox) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id";
constexpr std::string_view kSetSecret =
    "UPDATE inbound_mailboxes SET secret = $3 WHERE workspace = $1 AND id = $2";
constexpr std::string_view kRemove =
    "DELETE FROM inbound_mailboxes WHERE workspace = $1 AND id = $2";
constexpr std::string_view kList =
    "SELECT " RAPPORT_MAILBOX_COLUMNS " FROM inbound_mailboxes WHERE workspace = $1 ORDER BY id";
constexpr std::string_view kListDue =
    "SELECT " RAPPORT_MAILBOX_COLUMNS
    " FROM inbound_mailboxes WHERE polled_at IS NULL OR polled_at <= $1 ORDER BY id";
#undef RAPPORT_MAILBOX_COLUMNS
constexpr std::string_view kCount = "SELECT count(*) FROM inbound_mailboxes WHERE workspace = $1";
constexpr std::string_view kMove =
    "UPDATE inbound_mailboxes SET uid_validity = $3, last_uid = $4 WHERE workspace = $1 AND id = "
    "$2";
constexpr std::string_view kPolled =
    "UPDATE inbound_mailboxes SET polled_at = $3, problem = $4 WHERE workspace = $1 AND id = $2";

std::string context_of(WorkspaceId workspace, uint64_t id) {
  return "inbound mailbox " + to_public(workspace) + " " + std::to_string(id);
}

/// With the sealed password in `imap.password`.
InboundMailbox read(Statement& s) {
  InboundMailbox box;
  box.workspace = WorkspaceId{s.id(0)};
  box.id = s.id(1);
  box.imap.host = s.text(2);
  box.imap.port = static_cast<uint16_t>(s.integer(3));
  box.imap.security = parse_smtp_security(s.text(4));
  box.imap.username = s.text(5);
  box.imap.ca_file = s.text(6);
  box.imap.mailbox = s.text(7);
  box.password_set = !s.is_null(8);
  box.imap.password = s.text(8);
  box.position = {s.integer(9), s.integer(10)};
  box.polled_at = s.optional_time(11);
  box.problem = s.text(12);
  return box;
}

void check(const InboundMailbox& box, const std::string& password) {
  SmtpConfig config;  // the same rules for the same fields
  config.host = box.imap.host;
  config.port = box.imap.port;
  config.username = box.imap.username;
  config.password = password;
  const SmtpClient checked(config);
  if (box.imap.security == SmtpSecurity::kOpportunistic) {
    throw Error::invalid("security", "must be one of none, starttls, tls");
  }
  if (box.imap.username.empty()) throw Error::invalid("username", "is required");
  if (password.empty()) throw Error::invalid("password", "is required");
  if (box.imap.mailbox.empty() || box.imap.mailbox.size() > limits::kMaxNameBytes ||
      printable_line(box.imap.mailbox) != box.imap.mailbox) {
    throw Error::invalid("mailbox", "must be 1 to 200 bytes of text");
  }
}

}  // namespace

MailboxService::MailboxService(StateStore& control, InboundService& inbound, const Clock& clock,
                               const SecretKey& root, AuditService& audit)
    : control_(control),
      inbound_(inbound),
      clock_(clock),
      key_(root.derive("inbound mailboxes")),
      audit_(audit) {
  control_.migrate("inbound_mailboxes", kMigrations);
}

InboundMailbox MailboxService::create(InboundMailbox box, const std::string& password,
                                      const Actor& actor) {
  check(box, password);
  box.id = control_.write_value([&](Connection& c) {
    const auto number = [](Statement& s) { return s.integer(0); };
    if (c.find(kCount, number, box.workspace).value_or(0) >=
        static_cast<int64_t>(limits::kMaxMailboxes)) {
      throw Error(ErrorCode::kConflict, "This workspace has as many mailboxes as it may.");
    }
    const auto id =
        static_cast<uint64_t>(c.find(kAdd, number, box.workspace, box.imap.host, box.imap.port,
                                     smtp_security_name(box.imap.security), box.imap.username,
                                     box.imap.ca_file, box.imap.mailbox)
                                  .value_or(0));
    c.run(kSetSecret, box.workspace, id,
          base64_encode(seal_secret(key_, password, context_of(box.workspace, id))));
    audit_.record(c, box.workspace, actor, "mailbox.create", box.imap.username);
    return id;
  });
  box.password_set = true;
  return box;
}

void MailboxService::remove(WorkspaceId workspace, uint64_t id, const Actor& actor) {
  control_.write([&](Connection& c) {
    c.run(kRemove, workspace, id);
    if (c.changes() == 0) throw Error::not_found("Mailbox");
    audit_.record(c, workspace, actor, "mailbox.remove", std::to_string(id));
  });
}

std::vector<InboundMailbox> MailboxService::list(WorkspaceId workspace) const {
  return control_.read_value([&](Connection& c) {
    std::vector<InboundMailbox> boxes;
    c.each(
        kList,
        [&](Statement& s) {
          boxes.push_back(read(s));
          boxes.back().imap.password.clear();
        },
        workspace);
    return boxes;
  });
}

void MailboxService::poll(const std::atomic<bool>& stopping) {
  const auto due = control_.read_value([&](Connection& c) {
    std::vector<InboundMailbox> boxes;
    c.each(
        kListDue, [&](Statement& s) { boxes.push_back(read(s)); },
        clock_.now() - limits::kImapPoll);
    return boxes;
  });
  for (const InboundMailbox& box : due) {
    if (stopping) return;
    poll_one(box);
  }
}

void MailboxService::poll_one(InboundMailbox box) {
  const auto sealed = base64_decode(box.imap.password);
  if (!sealed) throw Error(ErrorCode::kCorrupted, "A stored secret cannot be read.");
  box.imap.password = open_secret(key_, *sealed, context_of(box.workspace, box.id));
  std::string problem;
  try {
    const auto use = [&](const std::string& raw) {
      try {
        inbound_.receive_from_mailbox(box.workspace, raw);
      } catch (const Error& error) {
        // Beyond the bounds: it will not become readable, so it is passed over.
        if (error.code() != ErrorCode::kInvalidArgument) throw;
      }
    };
    problem = poll_imap(box.imap, box.position, use).value_or("");
  } catch (const std::exception& error) {
    problem = "what came could not be recorded";
    log_error("mailbox_not_recorded", {{"error", error.what()}});
  }
  control_.write([&](Connection& c) {
    c.run(kMove, box.workspace, box.id, box.position.uid_validity, box.position.last_uid);
    c.run(kPolled, box.workspace, box.id, clock_.now(), problem);
  });
}

}  // namespace rapport
