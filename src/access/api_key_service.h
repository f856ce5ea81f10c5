// API keys: created, shown once, found by every request, revoked.
//
// Only hashes are stored. All live keys are held in memory, so a look-up, known key or not, costs a
// hash and a shared lock and no SQL; a counter in the store, read at most every
// limits::kKeyRefresh, tells when another process changed them. A change made here is visible at
// once, one made elsewhere within limits::kKeyRefresh. When keys were last used is kept in memory
// and written by `flush`. Thread-safe; `find` and `find_ingest_workspace` may be called on an io
// thread, the rest block.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "access/actor.h"
#include "access/api_key.h"
#include "access/audit_service.h"
#include "base/ids.h"
#include "base/limits/access.h"
#include "runtime/clock.h"
#include "storage/state_store.h"

namespace rapport {

class ApiKeyService {
 public:
  ApiKeyService(StateStore& control, const Clock& clock, AuditService& audit);
  ~ApiKeyService();

  /// Null when the key is unknown or revoked.
  std::optional<ApiKey> find(std::string_view secret);
  /// The workspace an ingest key writes to; null for every other text. For tens of thousands of
  /// calls a second.
  std::optional<WorkspaceId> find_ingest_workspace(std::string_view write_key);

  /// kUnprocessable beyond limits::kMaxKeysPerWorkspace.
  CreatedApiKey create(WorkspaceId workspace, std::string_view name, Scope scope,
                       const Actor& actor);
  /// Inside another transaction; call `refresh` after it is committed.
  CreatedApiKey create(Connection& connection, WorkspaceId workspace, std::string_view name,
                       Scope scope, const Actor& actor);
  std::optional<ApiKey> find_by_id(WorkspaceId workspace, KeyId id) const;
  /// Live keys by id, those after `after`, at most `limit`.
  std::vector<ApiKey> list(WorkspaceId workspace, std::optional<KeyId> after, size_t limit) const;
  /// kNotFound when there is no such live key.
  void revoke(WorkspaceId workspace, KeyId id, const Actor& actor);

  /// Reads the keys again if the store has newer ones.
  void refresh();
  /// Writes when keys were last used.
  void flush();

 private:
  struct Entry;
  using Table = std::unordered_map<std::string, std::shared_ptr<Entry>>;  // by token_hash

  void refresh_when_due(std::chrono::milliseconds age);
  std::shared_ptr<Entry> look_up(std::string_view secret);
  std::shared_ptr<Entry> find_loaded(const std::string& hash) const;

  StateStore& control_;
  const Clock& clock_;
  AuditService& audit_;
  std::atomic<int64_t> checked_at_ns_;  // steady
  mutable std::shared_mutex mutex_;
  uint64_t version_ = 0;  // under mutex_
  Table keys_;            // under mutex_
};

}  // namespace rapport
