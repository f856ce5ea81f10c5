#include "messaging/delivery/hook_service.h"

#include <array>
#include <boost/json.hpp>

#include "base/error.h"
#include "base/limits/delivery.h"
#include "base/text.h"
#include "crypto/secret_box.h"
#include "crypto/token.h"
#include "messaging/delivery/hook_signature.h"

namespace rapport {
namespace {

constexpr std::string_view kSchema = R"sql(
CREATE TABLE mail_hooks (
  workspace INTEGER NOT NULL,
  provider TEXT NOT NULL,
  token TEXT NOT NULL UNIQUE,
  verify_key TEXT NOT NULL,
  secret TEXT,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (workspace, provider)
) WITHOUT ROWID;
)sql";
constexpr std::array kMigrations{Migration{1, kSchema}};

constexpr std::string_view kPut =
    "INSERT INTO mail_hooks (workspace, provider, token, verify_key, secret, created_at) "
    "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (workspace, provider) DO UPDATE SET "
    "verify_key = excluded.verify_key, secret = excluded.secret";
constexpr std::string_view kRemove =
    "DELETE FROM mail_hooks WHERE workspace = $1 AND provider = $2";
constexpr std::string_view kList =
    "SELECT provider, token, verify_key, secret, created_at FROM mail_hooks "
    "WHERE workspace = $1 ORDER BY provider";
constexpr std::string_view kFindSecret =
    "SELECT secret FROM mail_hooks WHERE workspace = $1 AND provider = $2";
constexpr std::string_view kFind =
    "SELECT workspace, verify_key, secret FROM mail_hooks WHERE token = $1 AND provider = $2";

constexpr std::string_view kTokenPrefix = "hk_";
constexpr size_t kMaxKeyBytes = 2'000;
constexpr size_t kCachedCertificates = 16;

std::string context_of(WorkspaceId workspace, std::string_view provider) {
  return "mail hook " + to_public(workspace) + " " + std::string(provider);
}

[[noreturn]] void refuse() {
  throw Error(ErrorCode::kUnauthenticated, "The callback is not signed by the provider.");
}

using Fields = std::vector<std::pair<std::string, std::string>>;

Fields fields_of(std::string_view body) {
  boost::system::error_code error;
  const auto value = boost::json::parse(body, error);
  if (error || !value.is_object()) throw Error::invalid("body", "is not a JSON object");
  Fields fields;
  for (const auto& [name, item] : value.get_object()) {
    if (item.is_string()) fields.emplace_back(name, item.get_string());
  }
  return fields;
}

std::string field(const Fields& fields, std::string_view name) {
  for (const auto& [key, value] : fields) {
    if (key == name) return value;
  }
  return {};
}

/// A signed time far from now is a callback that somebody kept.
void check_age(std::string_view seconds, Timestamp now) {
  const auto at = parse_int(seconds);
  if (!at || *at < 0 || *at > 100'000'000'000) refuse();
  const auto age = now - Timestamp(std::chrono::seconds(*at));
  if (age > limits::kMaxHookAge || age < -limits::kMaxHookAge) refuse();
}

void check_mailgun(std::string_view key, std::string_view body, Timestamp now) {
  boost::system::error_code error;
  const auto value = boost::json::parse(body, error);
  const auto* object =
      !error && value.is_object() ? value.get_object().if_contains("signature") : nullptr;
  if (!object || !object->is_object()) throw Error::invalid("signature", "is missing");
  const auto text = [object](std::string_view name) {
    const auto* item = object->get_object().if_contains(name);
    return item && item->is_string() ? std::string(item->get_string()) : std::string();
  };
  if (!verify_mailgun(key, text("timestamp"), text("token"), text("signature"))) refuse();
  check_age(text("timestamp"), now);
}

}  // namespace

struct HookService::Stored {
  WorkspaceId workspace;
  HookProvider provider;
  std::string key;
  std::string secret;
};

HookService::HookService(StateStore& control, FeedbackService& feedback,
                         const ReturnPathSigner& return_paths, Fetch fetch, const Clock& clock,
                         const SecretKey& root, AuditService& audit)
    : control_(control),
      feedback_(feedback),
      return_paths_(return_paths),
      fetch_(std::move(fetch)),
      clock_(clock),
      key_(root.derive("mail hooks")),
      audit_(audit) {
  control_.migrate("mail_hooks", kMigrations);
}

std::vector<Hook> HookService::list(WorkspaceId workspace) const {
  return control_.read_value([&](Connection& c) {
    std::vector<Hook> hooks;
    c.each(
        kList,
        [&](Statement& s) {
          const auto provider = parse_hook_provider(s.text(0));
          if (!provider) return;
          hooks.push_back({*provider, std::string(s.text(1)), std::string(s.text(2)), !s.is_null(3),
                           s.time(4)});
        },
        workspace);
    return hooks;
  });
}

Hook HookService::put(WorkspaceId workspace, HookProvider provider, std::string key,
                      const std::optional<std::string>& secret, const Actor& actor) {
  key = std::string(trim(key));
  if (key.size() > kMaxKeyBytes) throw Error::invalid("key", "is too long");
  if (provider == HookProvider::kSendgrid && !is_sendgrid_key(key)) {
    throw Error::invalid("key", "must be the verification key SendGrid shows");
  }
  if (provider == HookProvider::kSes && !key.starts_with("arn:aws")) {
    throw Error::invalid("key", "must be the ARN of the SNS topic");
  }
  const std::string name(hook_provider_name(provider));
  const bool needs_secret =
      provider == HookProvider::kMailgun || provider == HookProvider::kPostmark;
  if (secret && (secret->size() < 8 || secret->size() > kMaxKeyBytes)) {
    throw Error::invalid("secret", "must be 8 to 2000 bytes");
  }
  if (secret && provider == HookProvider::kPostmark && secret->find(':') == std::string::npos) {
    throw Error::invalid("secret", "must be user:password");
  }
  control_.write([&](Connection& c) {
    std::optional<std::string> sealed =
        c.find(
             kFindSecret,
             [](Statement& s) {
               return s.is_null(0) ? std::nullopt : std::optional(std::string(s.text(0)));
             },
             workspace, name)
            .value_or(std::nullopt);
    if (secret) sealed = base64_encode(seal_secret(key_, *secret, context_of(workspace, name)));
    if (needs_secret && !sealed) throw Error::invalid("secret", "is required");
    c.run(kPut, workspace, name, make_token(kTokenPrefix), key, sealed, clock_.now());
    audit_.record(c, workspace, actor, "provider_hook.put", name);
  });
  for (Hook& hook : list(workspace)) {
    if (hook.provider == provider) return std::move(hook);
  }
  throw Error::not_found("Hook");
}

void HookService::remove(WorkspaceId workspace, HookProvider provider, const Actor& actor) {
  control_.write([&](Connection& c) {
    c.run(kRemove, workspace, hook_provider_name(provider));
    if (c.changes() == 0) throw Error::not_found("Hook");
    audit_.record(c, workspace, actor, "provider_hook.remove", hook_provider_name(provider));
  });
}

std::optional<HookService::Stored> HookService::find(HookProvider provider,
                                                     std::string_view token) const {
  if (!is_token(kTokenPrefix, token)) return std::nullopt;
  return control_.read_value([&](Connection& c) {
    return c.find(
        kFind,
        [&](Statement& s) {
          Stored hook{WorkspaceId{s.id(0)}, provider, std::string(s.text(1)), {}};
          if (s.is_null(2)) return hook;
          const auto box = base64_decode(s.text(2));
          if (!box) throw Error(ErrorCode::kCorrupted, "A stored secret cannot be read.");
          hook.secret =
              open_secret(key_, *box, context_of(hook.workspace, hook_provider_name(provider)));
          return hook;
        },
        token, hook_provider_name(provider));
  });
}

size_t HookService::receive(std::string_view name, std::string_view token, const Request& request) {
  const auto provider = parse_hook_provider(name);
  const auto hook = provider ? find(*provider, token) : std::nullopt;
  if (!hook) throw Error::not_found("Hook");
  switch (hook->provider) {
    case HookProvider::kSes:
      return receive_ses(*hook, request);
    case HookProvider::kSendgrid: {
      const std::string_view at = request.header("x-twilio-email-event-webhook-timestamp");
      const std::string_view signature = request.header("x-twilio-email-event-webhook-signature");
      if (!verify_sendgrid(hook->key, at, request.body, signature)) refuse();
      check_age(at, clock_.now());
      break;
    }
    case HookProvider::kPostmark:
      if (!verify_basic(hook->secret, request.header("authorization"))) refuse();
      break;
    case HookProvider::kMailgun:
      check_mailgun(hook->secret, request.body, clock_.now());
      break;
  }
  return record(*hook, request.body);
}

std::string HookService::certificate(const std::string& url) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto it = certificates_.find(url); it != certificates_.end()) return it->second;
  }
  std::string pem = fetch_(url);
  const std::lock_guard lock(mutex_);
  if (certificates_.size() >= kCachedCertificates) certificates_.clear();
  certificates_[url] = pem;
  return pem;
}

// Asked for by Amazon when the address is added to a topic; only after the signature is verified,
// and only at Amazon's hosts.
size_t HookService::receive_ses(const Stored& hook, const Request& request) {
  const Fields fields = fields_of(request.body);
  const std::string url = field(fields, "SigningCertURL");
  const std::string type = field(fields, "Type");
  if (!is_sns_certificate_url(url) || field(fields, "TopicArn") != hook.key) refuse();
  if (!verify_sns(certificate(url), sns_signed_text(fields, type), field(fields, "Signature"),
                  field(fields, "SignatureVersion"))) {
    refuse();
  }
  if (type == "SubscriptionConfirmation") {
    if (!is_sns_url(field(fields, "SubscribeURL"))) refuse();
    fetch_(field(fields, "SubscribeURL"));
    return 0;
  }
  return type == "Notification" ? record(hook, field(fields, "Message")) : 0;
}

size_t HookService::record(const Stored& hook, std::string_view body) {
  size_t recorded = 0;
  for (const HookEvent& event : read_hook_events(hook.provider, body)) {
    std::optional<ReturnedMessage> message = return_paths_.open_token(event.token);
    if (message && message->workspace != hook.workspace) message.reset();
    if (!message) message = feedback_.find(hook.workspace, event.message_id, event.recipient);
    if (!message) continue;
    recorded += feedback_.record({*message, event.step, event.reason, event.bounce, {}}) ? 1 : 0;
  }
  return recorded;
}

}  // namespace rapport
