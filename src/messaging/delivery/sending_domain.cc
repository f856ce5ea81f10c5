#include "messaging/delivery/sending_domain.h"

#include <array>

#include "base/error.h"
#include "base/limits/delivery.h"
#include "base/text.h"
#include "crypto/secret_box.h"
#include "crypto/token.h"
#include "mail/address.h"

namespace rapport {
namespace {

constexpr std::string_view kSchema = R"sql(
CREATE TABLE sending_domains (
  workspace INTEGER NOT NULL,
  domain TEXT NOT NULL,
  return_domain TEXT NOT NULL,
  signing INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (workspace, domain)
) WITHOUT ROWID;
CREATE TABLE dkim_keys (
  workspace INTEGER NOT NULL,
  domain TEXT NOT NULL,
  selector TEXT NOT NULL,
  algorithm TEXT NOT NULL,
  record TEXT NOT NULL,
  secret TEXT NOT NULL,
  PRIMARY KEY (workspace, domain, selector)
) WITHOUT ROWID;
)sql";
constexpr std::array kMigrations{Migration{1, kSchema}};

constexpr std::string_view kAdd =
    "INSERT INTO sending_domains (workspace, domain, return_domain, signing, created_at) "
    "VALUES ($1, $2, $3, 1, $4)";
constexpr std::string_view kUpdate =
    "UPDATE sending_domains SET signing = $3, return_domain = $4 "
    "WHERE workspace = $1 AND domain = $2";
constexpr std::string_view kRemove =
    "DELETE FROM sending_domains WHERE workspace = $1 AND domain = $2";
constexpr std::string_view kRemoveKeys =
    "DELETE FROM dkim_keys WHERE workspace = $1 AND domain = $2";
constexpr std::string_view kFind =
    "SELECT domain, return_domain, signing, created_at FROM sending_domains "
    "WHERE workspace = $1 AND domain = $2";
constexpr std::string_view kList =
    "SELECT domain, return_domain, signing, created_at FROM sending_domains "
    "WHERE workspace = $1 ORDER BY domain";
constexpr std::string_view kCount = "SELECT count(*) FROM sending_domains WHERE workspace = $1";
constexpr std::string_view kAddKey =
    "INSERT INTO dkim_keys (workspace, domain, selector, algorithm, record, secret) "
    "VALUES ($1, $2, $3, $4, $5, $6)";
constexpr std::string_view kListKeys =
    "SELECT selector, algorithm, record, secret FROM dkim_keys "
    "WHERE workspace = $1 AND domain = $2 ORDER BY algorithm DESC, selector";

constexpr size_t kSelectorDigits = 6;

std::string checked_domain(std::string_view text, const char* field) {
  std::string domain = to_lower_ascii(trim(text));
  if (const auto problem = address_problem("postmaster@" + domain)) {
    throw Error::invalid(field, *problem);
  }
  return domain;
}

std::string context_of(WorkspaceId workspace, std::string_view domain, std::string_view selector) {
  return "dkim key " + to_public(workspace) + " " + std::string(domain) + " " +
         std::string(selector);
}

SendingDomain read_domain(Statement& s) {
  SendingDomain domain;
  domain.domain = s.text(0);
  domain.return_domain = s.text(1);
  domain.signing = s.integer(2) != 0;
  domain.created_at = s.time(3);
  return domain;
}

void read_keys(Connection& c, WorkspaceId workspace, SendingDomain& domain) {
  c.each(
      kListKeys,
      [&](Statement& s) {
        const auto algorithm = parse_dkim_algorithm(s.text(1));
        if (!algorithm) return;
        domain.keys.push_back({std::string(s.text(0)), *algorithm, std::string(s.text(2))});
      },
      workspace, domain.domain);
}

SendingDomain find_domain(Connection& c, WorkspaceId workspace, std::string_view name) {
  auto domain = c.find(kFind, read_domain, workspace, to_lower_ascii(name));
  if (!domain) throw Error::not_found("Sending domain");
  read_keys(c, workspace, *domain);
  return *domain;
}

/// Outside the transaction: an RSA key takes a tenth of a second and more.
std::vector<DkimKey> make_keys(const std::vector<DkimAlgorithm>& algorithms) {
  std::vector<DkimKey> keys;
  for (const DkimAlgorithm algorithm : algorithms) keys.push_back(DkimKey::generate(algorithm));
  return keys;
}

}  // namespace

SendingDomainService::SendingDomainService(StateStore& control, const Clock& clock,
                                           const SecretKey& root, AuditService& audit)
    : control_(control), clock_(clock), key_(root.derive("dkim keys")), audit_(audit) {
  control_.migrate("sending_domains", kMigrations);
}

void SendingDomainService::add_keys(Connection& c, WorkspaceId workspace, std::string_view domain,
                                    const std::vector<DkimKey>& keys) {
  for (const DkimKey& key : keys) {
    const DkimAlgorithm algorithm = key.algorithm();
    // A name of its own for each key, so that a renewed one never meets its predecessor's record.
    const std::string selector =
        (algorithm == DkimAlgorithm::kRsaSha256 ? "rapport-" : "rapport-ed-") +
        to_lower_ascii(make_token("").substr(0, kSelectorDigits));
    c.run(kAddKey, workspace, domain, selector, dkim_algorithm_name(algorithm), key.record(),
          base64_encode(seal_secret(key_, key.pem(), context_of(workspace, domain, selector))));
  }
}

SendingDomain SendingDomainService::create(WorkspaceId workspace, std::string_view name,
                                           std::string_view return_name,
                                           std::vector<DkimAlgorithm> algorithms,
                                           const Actor& actor) {
  const std::string domain = checked_domain(name, "domain");
  const std::string back = return_name.empty() ? "" : checked_domain(return_name, "return_domain");
  if (algorithms.empty()) algorithms = {DkimAlgorithm::kRsaSha256};
  const std::vector<DkimKey> keys = make_keys(algorithms);
  const SendingDomain made = control_.write_value([&](Connection& c) {
    const auto count = c.find(
        kCount, [](Statement& s) { return s.integer(0); }, workspace);
    if (count.value_or(0) >= static_cast<int64_t>(limits::kMaxSendingDomains)) {
      throw Error(ErrorCode::kConflict, "This workspace has as many sending domains as it may.");
    }
    if (c.find(kFind, read_domain, workspace, domain)) {
      throw Error(ErrorCode::kConflict, "This domain is there already.");
    }
    c.run(kAdd, workspace, domain, back, clock_.now());
    add_keys(c, workspace, domain, keys);
    audit_.record(c, workspace, actor, "sending_domain.create", domain);
    return find_domain(c, workspace, domain);
  });
  forget();
  return made;
}

SendingDomain SendingDomainService::update(WorkspaceId workspace, std::string_view name,
                                           bool signing, std::string_view return_name,
                                           const Actor& actor) {
  const std::string domain = to_lower_ascii(name);
  const std::string back = return_name.empty() ? "" : checked_domain(return_name, "return_domain");
  const SendingDomain changed = control_.write_value([&](Connection& c) {
    c.run(kUpdate, workspace, domain, signing, back);
    audit_.record(c, workspace, actor, "sending_domain.update", domain);
    return find_domain(c, workspace, domain);
  });
  forget();
  return changed;
}

void SendingDomainService::remove(WorkspaceId workspace, std::string_view name,
                                  const Actor& actor) {
  const std::string domain = to_lower_ascii(name);
  control_.write([&](Connection& c) {
    c.run(kRemove, workspace, domain);
    if (c.changes() == 0) throw Error::not_found("Sending domain");
    c.run(kRemoveKeys, workspace, domain);
    audit_.record(c, workspace, actor, "sending_domain.remove", domain);
  });
  forget();
}

SendingDomain SendingDomainService::renew_keys(WorkspaceId workspace, std::string_view name,
                                               const Actor& actor) {
  std::vector<DkimAlgorithm> algorithms;
  for (const DkimRecord& key : get(workspace, name).keys) algorithms.push_back(key.algorithm);
  const std::vector<DkimKey> keys = make_keys(algorithms);
  const SendingDomain renewed = control_.write_value([&](Connection& c) {
    const SendingDomain before = find_domain(c, workspace, name);
    c.run(kRemoveKeys, workspace, before.domain);
    add_keys(c, workspace, before.domain, keys);
    audit_.record(c, workspace, actor, "sending_domain.renew_keys", before.domain);
    return find_domain(c, workspace, before.domain);
  });
  forget();
  return renewed;
}

SendingDomain SendingDomainService::get(WorkspaceId workspace, std::string_view domain) const {
  return control_.read_value([&](Connection& c) { return find_domain(c, workspace, domain); });
}

std::vector<SendingDomain> SendingDomainService::list(WorkspaceId workspace) const {
  return control_.read_value([&](Connection& c) {
    std::vector<SendingDomain> domains;
    c.each(
        kList, [&](Statement& s) { domains.push_back(read_domain(s)); }, workspace);
    for (SendingDomain& domain : domains) read_keys(c, workspace, domain);
    return domains;
  });
}

void SendingDomainService::forget() {
  const std::lock_guard lock(mutex_);
  cache_.clear();
  ++version_;
}

std::shared_ptr<const MailIdentity> SendingDomainService::load(WorkspaceId workspace,
                                                               std::string_view name) const {
  return control_.read_value([&](Connection& c) -> std::shared_ptr<const MailIdentity> {
    auto identity = std::make_shared<MailIdentity>();
    std::optional<SendingDomain> domain;
    for (std::string_view at = name; !domain; at.remove_prefix(at.find('.') + 1)) {
      domain = c.find(kFind, read_domain, workspace, at);
      if (at.find('.') == std::string_view::npos) break;
    }
    if (!domain) return identity;
    identity->return_domain = domain->return_domain;
    if (!domain->signing) return identity;
    c.each(
        kListKeys,
        [&](Statement& s) {
          const std::string selector(s.text(0));
          const auto box = base64_decode(s.text(3));
          if (!box) throw Error(ErrorCode::kCorrupted, "A stored key cannot be read.");
          const std::string context = context_of(workspace, domain->domain, selector);
          DkimOptions options;
          options.domain = domain->domain;
          options.selector = selector;
          identity->signers.emplace_back(DkimKey::parse(open_secret(key_, *box, context)),
                                         std::move(options));
        },
        workspace, domain->domain);
    return identity;
  });
}

std::shared_ptr<const MailIdentity> SendingDomainService::identity(
    WorkspaceId workspace, std::string_view sender_domain) const {
  const Key key{workspace, to_lower_ascii(sender_domain)};
  uint64_t version = 0;
  {
    const std::lock_guard lock(mutex_);
    if (const auto it = cache_.find(key); it != cache_.end()) return it->second;
    version = version_;
  }
  auto identity = load(workspace, key.second);
  const std::lock_guard lock(mutex_);
  // What was read before a change must not outlive it.
  if (version != version_) return identity;
  if (cache_.size() >= limits::kCachedSendingDomains) cache_.clear();
  cache_[key] = identity;
  return identity;
}

}  // namespace rapport
