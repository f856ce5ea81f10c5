#include "messaging/delivery/provider_service.h"

#include <algorithm>
#include <array>
#include <boost/describe.hpp>

#include "base/error.h"
#include "base/limits/access.h"
#include "base/limits/delivery.h"
#include "base/text.h"
#include "crypto/secret_box.h"
#include "http/json_schema.h"
#include "mail/address.h"

namespace rapport {
namespace {

constexpr std::string_view kSchema = R"sql(
CREATE TABLE mail_providers (
  workspace INTEGER NOT NULL,
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  definition TEXT NOT NULL,
  secret TEXT
);
CREATE INDEX mail_providers_workspace ON mail_providers (workspace, id);
CREATE TABLE mail_provider_days (
  provider INTEGER NOT NULL,
  day INTEGER NOT NULL,
  sent INTEGER NOT NULL,
  PRIMARY KEY (provider, day)
) WITHOUT ROWID;
)sql";
constexpr std::array kMigrations{Migration{1, kSchema}};

constexpr std::string_view kAdd =
    "INSERT INTO mail_providers (workspace, definition) VALUES ($1, $2) RETURNING id";
constexpr std::string_view kUpdate =
    "UPDATE mail_providers SET definition = $3 WHERE workspace = $1 AND id = $2";
constexpr std::string_view kSetSecret =
    "UPDATE mail_providers SET secret = $3 WHERE workspace = $1 AND id = $2";
constexpr std::string_view kRemove = "DELETE FROM mail_providers WHERE workspace = $1 AND id = $2";
constexpr std::string_view kRemoveDays = "DELETE FROM mail_provider_days WHERE provider = $1";
constexpr std::string_view kList =
    "SELECT id, definition, secret FROM mail_providers WHERE workspace = $1 ORDER BY id";
constexpr std::string_view kFind =
    "SELECT id, definition, secret FROM mail_providers WHERE workspace = $1 AND id = $2";
constexpr std::string_view kCount = "SELECT count(*) FROM mail_providers WHERE workspace = $1";
constexpr std::string_view kSentOn =
    "SELECT sent FROM mail_provider_days WHERE provider = $1 AND day = $2";
constexpr std::string_view kAddSent =
    "INSERT INTO mail_provider_days (provider, day, sent) VALUES ($1, $2, $3) "
    "ON CONFLICT (provider, day) DO UPDATE SET sent = sent + excluded.sent";

constexpr int64_t kMaxWeight = 1'000;
constexpr int64_t kMaxPriority = 100;
constexpr int64_t kMaxWarmUpDays = 365;

struct StoredDomain {
  std::string domain;
  int64_t per_minute = 0;
  int64_t connections = 0;
};
BOOST_DESCRIBE_STRUCT(StoredDomain, (), (domain, per_minute, connections))

struct StoredWarmUp {
  Timestamp started_at;
  int64_t first_day = 0;
  int64_t growth_percent = 0;
  int64_t days = 0;
  int64_t ceiling = 0;
};
BOOST_DESCRIBE_STRUCT(StoredWarmUp, (), (started_at, first_day, growth_percent, days, ceiling))

struct Stored {
  std::string name;
  bool enabled = true;
  std::string host;
  int64_t port = 0;
  std::string security;
  std::string auth;
  std::string username;
  std::string ca_file;
  std::string helo_name;
  int64_t priority = 0;
  int64_t weight = 1;
  int64_t connections = 1;
  int64_t per_minute = 0;
  std::vector<StoredDomain> domains;
  std::optional<StoredWarmUp> warm_up;
};
BOOST_DESCRIBE_STRUCT(Stored, (),
                      (name, enabled, host, port, security, auth, username, ca_file, helo_name,
                       priority, weight, connections, per_minute, domains, warm_up))

std::string context_of(WorkspaceId workspace, uint64_t id) {
  return "mail provider " + to_public(workspace) + " " + std::to_string(id);
}

std::string definition_of(const MailProvider& p) {
  Stored stored;
  stored.name = p.name;
  stored.enabled = p.enabled;
  stored.host = p.smtp.host;
  stored.port = p.smtp.port;
  stored.security = smtp_security_name(p.smtp.security);
  stored.auth = p.smtp.auth == SmtpAuth::kXoauth2 ? "xoauth2" : "password";
  stored.username = p.smtp.username;
  stored.ca_file = p.smtp.ca_file;
  stored.helo_name = p.smtp.helo_name;
  stored.priority = p.priority;
  stored.weight = p.weight;
  stored.connections = p.connections;
  stored.per_minute = p.per_minute;
  for (const auto& d : p.domains) stored.domains.push_back({d.domain, d.per_minute, d.connections});
  if (p.warm_up) {
    stored.warm_up = StoredWarmUp{p.warm_up->started_at, p.warm_up->first_day,
                                  p.warm_up->growth_percent, p.warm_up->days, p.warm_up->ceiling};
  }
  return to_json(stored);
}

MailProvider provider_of(WorkspaceId workspace, Statement& row) {
  const auto stored = parse_json<Stored>(row.text(1));
  MailProvider p;
  p.id = row.id(0);
  p.workspace = workspace;
  p.name = stored.name;
  p.enabled = stored.enabled;
  p.smtp.host = stored.host;
  p.smtp.port = static_cast<uint16_t>(stored.port);
  p.smtp.security = parse_smtp_security(stored.security);
  p.smtp.auth = stored.auth == "xoauth2" ? SmtpAuth::kXoauth2 : SmtpAuth::kPassword;
  p.smtp.username = stored.username;
  p.smtp.ca_file = stored.ca_file;
  p.smtp.helo_name = stored.helo_name;
  p.password_set = !row.is_null(2);
  p.priority = stored.priority;
  p.weight = stored.weight;
  p.connections = stored.connections;
  p.per_minute = stored.per_minute;
  for (const auto& d : stored.domains) p.domains.push_back({d.domain, d.per_minute, d.connections});
  if (stored.warm_up) {
    p.warm_up =
        WarmUp{stored.warm_up->started_at, stored.warm_up->first_day,
               stored.warm_up->growth_percent, stored.warm_up->days, stored.warm_up->ceiling};
  }
  return p;
}

void check_range(const char* field, int64_t value, int64_t least, int64_t most) {
  if (value < least || value > most) {
    throw Error::invalid(field,
                         "must be from " + std::to_string(least) + " to " + std::to_string(most));
  }
}

void check(MailProvider& p, const std::optional<std::string>& password) {
  if (trim(p.name).empty() || p.name.size() > limits::kMaxNameBytes || !is_valid_utf8(p.name)) {
    throw Error::invalid("name", "must be 1 to 200 bytes of text");
  }
  SmtpConfig checked = p.smtp;
  checked.password = password.value_or("");
  const SmtpClient client(checked);  // throws by field
  check_range("priority", p.priority, 0, kMaxPriority);
  check_range("weight", p.weight, 1, kMaxWeight);
  check_range("connections", p.connections, 1, limits::kMaxProviderConnections);
  check_range("per_minute", p.per_minute, 0, limits::kMaxMessagesPerMinute);
  if (p.domains.size() > limits::kMaxDomainThrottles) {
    throw Error::invalid("domains", "are too many");
  }
  for (DomainThrottle& d : p.domains) {
    d.domain = to_lower_ascii(trim(d.domain));
    if (!is_valid_address("x@" + d.domain)) throw Error::invalid("domains.domain", "is no domain");
    check_range("domains.per_minute", d.per_minute, 0, limits::kMaxMessagesPerMinute);
    check_range("domains.connections", d.connections, 0, limits::kMaxProviderConnections);
  }
  if (!p.warm_up) return;
  check_range("warm_up.first_day", p.warm_up->first_day, 1, limits::kMaxWarmUpAllowance);
  check_range("warm_up.growth_percent", p.warm_up->growth_percent, 0, limits::kMaxWarmUpGrowth);
  check_range("warm_up.days", p.warm_up->days, 1, kMaxWarmUpDays);
  check_range("warm_up.ceiling", p.warm_up->ceiling, 0, limits::kMaxWarmUpAllowance);
}

MailProvider find(Connection& c, WorkspaceId workspace, uint64_t id) {
  const auto found = c.find(
      kFind, [&](Statement& row) { return provider_of(workspace, row); }, workspace, id);
  if (!found) throw Error::not_found("Provider");
  return *found;
}

}  // namespace

std::string_view smtp_security_name(SmtpSecurity security) {
  switch (security) {
    case SmtpSecurity::kNone:
      return "none";
    case SmtpSecurity::kOpportunistic:
      return "opportunistic";
    case SmtpSecurity::kStartTls:
      return "starttls";
    case SmtpSecurity::kTls:
      return "tls";
  }
  return "";
}

ProviderService::ProviderService(StateStore& control, EmailProviderService& main,
                                 const Clock& clock, const SecretKey& root, AuditService& audit)
    : control_(control),
      main_(main),
      clock_(clock),
      key_(root.derive("mail providers")),
      audit_(audit) {
  control_.migrate("mail_providers", kMigrations);
  main_.on_changed([this] { changed(); });
}

MailProvider ProviderService::create(MailProvider provider,
                                     const std::optional<std::string>& password,
                                     const Actor& actor) {
  check(provider, password);
  const WorkspaceId workspace = provider.workspace;
  if (provider.warm_up) provider.warm_up->started_at = clock_.now();
  const MailProvider made = control_.write_value([&](Connection& c) {
    const auto number = [](Statement& s) { return s.integer(0); };
    if (c.find(kCount, number, workspace).value_or(0) >=
        static_cast<int64_t>(limits::kMaxProviders)) {
      throw Error(ErrorCode::kConflict, "This workspace has as many providers as it may.");
    }
    const auto id =
        static_cast<uint64_t>(c.find(kAdd, number, workspace, definition_of(provider)).value_or(0));
    if (password && !password->empty()) {
      c.run(kSetSecret, workspace, id,
            base64_encode(seal_secret(key_, *password, context_of(workspace, id))));
    }
    audit_.record(c, workspace, actor, "provider.create", provider.name);
    return find(c, workspace, id);
  });
  changed();
  return made;
}

MailProvider ProviderService::update(MailProvider provider,
                                     const std::optional<std::string>& password,
                                     const Actor& actor) {
  check(provider, password);
  const WorkspaceId workspace = provider.workspace;
  const MailProvider made = control_.write_value([&](Connection& c) {
    const MailProvider before = find(c, workspace, provider.id);
    // A plan goes on from the day it began.
    if (provider.warm_up) {
      provider.warm_up->started_at = before.warm_up ? before.warm_up->started_at : clock_.now();
    }
    c.run(kUpdate, workspace, provider.id, definition_of(provider));
    if (password) {
      std::optional<std::string> sealed;
      if (!password->empty()) {
        sealed = base64_encode(seal_secret(key_, *password, context_of(workspace, provider.id)));
      }
      c.run(kSetSecret, workspace, provider.id, sealed);
    }
    audit_.record(c, workspace, actor, "provider.update", provider.name);
    return find(c, workspace, provider.id);
  });
  changed();
  return made;
}

void ProviderService::remove(WorkspaceId workspace, uint64_t id, const Actor& actor) {
  control_.write([&](Connection& c) {
    const MailProvider gone = find(c, workspace, id);
    c.run(kRemove, workspace, id);
    c.run(kRemoveDays, id);
    audit_.record(c, workspace, actor, "provider.remove", gone.name);
  });
  changed();
}

MailProvider ProviderService::get(WorkspaceId workspace, uint64_t id) const {
  return control_.read_value([&](Connection& c) { return find(c, workspace, id); });
}

std::vector<MailProvider> ProviderService::list(WorkspaceId workspace) const {
  return control_.read_value([&](Connection& c) {
    std::vector<MailProvider> providers;
    c.each(
        kList, [&](Statement& row) { providers.push_back(provider_of(workspace, row)); },
        workspace);
    return providers;
  });
}

std::shared_ptr<const ProviderService::Active> ProviderService::load(WorkspaceId workspace) const {
  auto active = std::make_shared<Active>();
  control_.read([&](Connection& c) {
    c.each(
        kList,
        [&](Statement& row) {
          MailProvider p = provider_of(workspace, row);
          if (!p.enabled) return;
          if (p.password_set) {
            const auto box = base64_decode(row.text(2));
            if (!box) throw Error(ErrorCode::kCorrupted, "A stored secret cannot be read.");
            p.smtp.password = open_secret(key_, *box, context_of(workspace, p.id));
          }
          active->providers.push_back(std::move(p));
        },
        workspace);
  });
  const EmailProviderSettings main = main_.get(workspace);
  if (main.type != "sandbox" || active->providers.empty()) {
    MailProvider p;
    p.workspace = workspace;
    p.name = "email";
    p.sandbox = main.type == "sandbox";
    p.connections = limits::kMaxProviderConnections;
    if (!p.sandbox) p.smtp = main_.smtp_config(workspace, main);
    active->providers.push_back(std::move(p));
  }
  std::stable_sort(active->providers.begin(), active->providers.end(),
                   [](const auto& a, const auto& b) { return a.priority < b.priority; });
  return active;
}

std::shared_ptr<const ProviderService::Active> ProviderService::active(
    WorkspaceId workspace) const {
  uint64_t version = 0;
  {
    const std::lock_guard lock(mutex_);
    if (const auto it = cache_.find(workspace); it != cache_.end()) return it->second;
    version = version_;
  }
  auto loaded = std::make_shared<Active>(*load(workspace));
  loaded->version = version;
  const std::lock_guard lock(mutex_);
  // What was read before a change must not outlive it.
  if (version == version_) cache_[workspace] = loaded;
  return loaded;
}

void ProviderService::changed() {
  const std::lock_guard lock(mutex_);
  cache_.clear();
  ++version_;
}

int64_t ProviderService::sent_on(uint64_t provider, int64_t day) const {
  return control_.read_value([&](Connection& c) {
    return c
        .find(
            kSentOn, [](Statement& s) { return s.integer(0); }, provider, day)
        .value_or(0);
  });
}

void ProviderService::add_sent(uint64_t provider, int64_t day, int64_t count) {
  control_.write([&](Connection& c) { c.run(kAddSent, provider, day, count); });
}

}  // namespace rapport
