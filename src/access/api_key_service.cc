#include "access/api_key_service.h"

#include <algorithm>
#include <mutex>

#include "access/access_schema.h"
#include "access/api_key_store.h"
#include "access/name.h"
#include "base/error.h"
#include "base/limits/access.h"
#include "crypto/token.h"

namespace rapport {
namespace {

constexpr std::string_view kIngestPrefix = "wk_";
constexpr std::string_view kApiPrefix = "rk_";
constexpr size_t kShownDigits = 5;
// Finer than anybody reads; keeps a busy key's cache line from being written on every request.
constexpr int64_t kUseStepUs = 1'000'000;

}  // namespace

struct ApiKeyService::Entry {
  ApiKey key;
  std::atomic<int64_t> used_at_us{0};
  std::atomic<int64_t> written_at_us{0};

  void touch(Timestamp now) {
    const int64_t us = to_micros(now);
    if (us - used_at_us.load(std::memory_order_relaxed) >= kUseStepUs) {
      used_at_us.store(us, std::memory_order_relaxed);
    }
  }
};

ApiKeyService::ApiKeyService(StateStore& control, const Clock& clock, AuditService& audit)
    : control_(control),
      clock_(clock),
      audit_(audit),
      checked_at_ns_(clock.steady().time_since_epoch().count()) {
  refresh();
}

ApiKeyService::~ApiKeyService() = default;

std::optional<ApiKey> ApiKeyService::find(std::string_view secret) {
  const auto entry = look_up(secret);
  if (!entry) return std::nullopt;
  return entry->key;
}

std::optional<WorkspaceId> ApiKeyService::find_ingest_workspace(std::string_view write_key) {
  const auto entry = look_up(write_key);
  if (!entry || !allows(entry->key.scope, Permission::kIngest)) return std::nullopt;
  return entry->key.workspace;
}

std::shared_ptr<ApiKeyService::Entry> ApiKeyService::look_up(std::string_view secret) {
  if (!is_token(kIngestPrefix, secret) && !is_token(kApiPrefix, secret)) return nullptr;
  refresh_when_due(limits::kKeyRefresh);
  const std::string hash = token_hash(secret);
  auto entry = find_loaded(hash);
  if (!entry) {
    // Perhaps made by another process a moment ago.
    refresh_when_due(limits::kKeyMissRefresh);
    entry = find_loaded(hash);
  }
  if (entry) entry->touch(clock_.now());
  return entry;
}

std::shared_ptr<ApiKeyService::Entry> ApiKeyService::find_loaded(const std::string& hash) const {
  const std::shared_lock lock(mutex_);
  const auto it = keys_.find(hash);
  return it == keys_.end() ? nullptr : it->second;
}

void ApiKeyService::refresh_when_due(std::chrono::milliseconds age) {
  const int64_t now = clock_.steady().time_since_epoch().count();
  int64_t checked = checked_at_ns_.load(std::memory_order_relaxed);
  if (now - checked < std::chrono::nanoseconds(age).count()) return;
  // One caller looks; the others go on with what is loaded.
  if (checked_at_ns_.compare_exchange_strong(checked, now)) refresh();
}

void ApiKeyService::refresh() {
  uint64_t known = 0;
  {
    const std::shared_lock lock(mutex_);
    known = version_;
  }
  uint64_t version = 0;
  Table fresh;
  control_.read([&](Connection& c) {
    version = api_key_store::version(c);
    if (version <= known) return;
    api_key_store::each_live(c, [&](ApiKey key, std::string hash) {
      auto entry = std::make_shared<Entry>();
      entry->key = std::move(key);
      fresh.emplace(std::move(hash), std::move(entry));
    });
  });
  if (version <= known) return;
  const std::unique_lock lock(mutex_);
  if (version <= version_) return;  // another thread was faster with newer ones
  for (auto& [hash, entry] : fresh) {
    const auto old = keys_.find(hash);
    if (old != keys_.end()) entry = old->second;  // keys do not change, their use is counted there
  }
  keys_.swap(fresh);
  version_ = version;
}

CreatedApiKey ApiKeyService::create(WorkspaceId workspace, std::string_view name, Scope scope,
                                    const Actor& actor) {
  auto made =
      control_.write_value([&](Connection& c) { return create(c, workspace, name, scope, actor); });
  refresh();
  return made;
}

CreatedApiKey ApiKeyService::create(Connection& connection, WorkspaceId workspace,
                                    std::string_view name, Scope scope, const Actor& actor) {
  CreatedApiKey made;
  made.key.name = check_name(name, "name");
  if (api_key_store::count(connection, workspace) >=
      static_cast<int64_t>(limits::kMaxKeysPerWorkspace)) {
    throw Error(ErrorCode::kUnprocessable, "The workspace has as many API keys as it may have.");
  }
  const std::string_view prefix = scope == Scope::kIngest ? kIngestPrefix : kApiPrefix;
  made.secret = make_token(prefix);
  made.key.workspace = workspace;
  made.key.scope = scope;
  made.key.prefix = made.secret.substr(0, prefix.size() + kShownDigits);
  made.key.acts_as_owner = actor.is_owner;
  made.key.created_at = clock_.now();
  made.key.id = KeyId{next_access_id(connection, "api_key")};
  api_key_store::insert(connection, made.key, token_hash(made.secret));
  audit_.record(connection, workspace, actor, "key.create", to_public(made.key.id),
                made.key.name + ", scope " + std::string(scope_name(scope)));
  return made;
}

std::optional<ApiKey> ApiKeyService::find_by_id(WorkspaceId workspace, KeyId id) const {
  return control_.read_value([&](Connection& c) { return api_key_store::find(c, workspace, id); });
}

std::vector<ApiKey> ApiKeyService::list(WorkspaceId workspace, std::optional<KeyId> after,
                                        size_t limit) const {
  auto keys = control_.read_value([&](Connection& c) {
    return api_key_store::list(c, workspace, after.value_or(KeyId{}), limit);
  });
  std::unordered_map<KeyId, int64_t> used;
  {
    const std::shared_lock lock(mutex_);
    for (const auto& [hash, entry] : keys_) {
      const int64_t us = entry->used_at_us.load(std::memory_order_relaxed);
      if (us != 0 && entry->key.workspace == workspace) used.emplace(entry->key.id, us);
    }
  }
  for (ApiKey& key : keys) {
    const auto it = used.find(key.id);
    if (it == used.end()) continue;
    key.last_used_at = std::max(from_micros(it->second), key.last_used_at.value_or(Timestamp{}));
  }
  return keys;
}

void ApiKeyService::revoke(WorkspaceId workspace, KeyId id, const Actor& actor) {
  control_.write([&](Connection& c) {
    if (!api_key_store::revoke(c, workspace, id, clock_.now())) throw Error::not_found("API key");
    audit_.record(c, workspace, actor, "key.revoke", to_public(id));
  });
  refresh();
}

void ApiKeyService::flush() {
  std::vector<std::pair<std::shared_ptr<Entry>, int64_t>> used;
  {
    const std::shared_lock lock(mutex_);
    for (const auto& [hash, entry] : keys_) {
      const int64_t us = entry->used_at_us.load(std::memory_order_relaxed);
      if (us != entry->written_at_us.load(std::memory_order_relaxed)) used.emplace_back(entry, us);
    }
  }
  if (used.empty()) return;
  control_.write([&](Connection& c) {
    for (const auto& [entry, us] : used) {
      api_key_store::set_last_used(c, entry->key.workspace, entry->key.id, from_micros(us));
    }
  });
  for (const auto& [entry, us] : used) {
    entry->written_at_us.store(us, std::memory_order_relaxed);
  }
}

}  // namespace rapport
