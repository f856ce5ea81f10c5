#include "access/api_key_store.h"

#include "access/access_schema.h"
#include "base/error.h"

namespace rapport::api_key_store {
namespace {

constexpr std::string_view kVersionSeries = "api_key_version";

constexpr std::string_view kInsert =
    "INSERT INTO api_keys (workspace, id, name, scope, prefix, key_hash, acts_as_owner, "
    "created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
constexpr std::string_view kRevoke =
    "UPDATE api_keys SET revoked_at = $3 "
    "WHERE workspace = $1 AND id = $2 AND revoked_at IS NULL";
constexpr std::string_view kVersion = "SELECT value FROM access_counters WHERE name = $1";
constexpr std::string_view kEachLive =
    "SELECT workspace, id, name, scope, prefix, acts_as_owner, created_at, last_used_at, key_hash "
    "FROM api_keys WHERE revoked_at IS NULL";
constexpr std::string_view kFind =
    "SELECT workspace, id, name, scope, prefix, acts_as_owner, created_at, last_used_at "
    "FROM api_keys WHERE workspace = $1 AND id = $2 AND revoked_at IS NULL";
constexpr std::string_view kList =
    "SELECT workspace, id, name, scope, prefix, acts_as_owner, created_at, last_used_at "
    "FROM api_keys WHERE workspace = $1 AND id > $2 AND revoked_at IS NULL ORDER BY id LIMIT $3";
constexpr std::string_view kCount =
    "SELECT COUNT(*) FROM api_keys WHERE workspace = $1 AND revoked_at IS NULL";
constexpr std::string_view kSetLastUsed =
    "UPDATE api_keys SET last_used_at = $3 WHERE workspace = $1 AND id = $2";

ApiKey read_key(Statement& s) {
  const auto scope = parse_scope(s.text(3));
  if (!scope) throw Error(ErrorCode::kCorrupted, "A stored API key has an unknown scope.");
  ApiKey key;
  key.workspace = WorkspaceId{s.id(0)};
  key.id = KeyId{s.id(1)};
  key.name = s.text(2);
  key.scope = *scope;
  key.prefix = s.text(4);
  key.acts_as_owner = s.integer(5) != 0;
  key.created_at = s.time(6);
  key.last_used_at = s.optional_time(7);
  return key;
}

}  // namespace

void insert(Connection& c, const ApiKey& key, std::string_view key_hash) {
  c.run(kInsert, key.workspace, key.id, key.name, scope_name(key.scope), key.prefix, key_hash,
        key.acts_as_owner, key.created_at);
  next_access_id(c, kVersionSeries);
}

bool revoke(Connection& c, WorkspaceId workspace, KeyId id, Timestamp at) {
  c.run(kRevoke, workspace, id, at);
  if (c.changes() == 0) return false;
  next_access_id(c, kVersionSeries);
  return true;
}

uint64_t version(Connection& c) {
  return c
      .find(
          kVersion, [](Statement& s) { return s.id(0); }, kVersionSeries)
      .value_or(0);
}

void each_live(Connection& c, const std::function<void(ApiKey, std::string)>& visit) {
  c.each(kEachLive, [&](Statement& s) { visit(read_key(s), std::string(s.text(8))); });
}

std::optional<ApiKey> find(Connection& c, WorkspaceId workspace, KeyId id) {
  return c.find(kFind, read_key, workspace, id);
}

std::vector<ApiKey> list(Connection& c, WorkspaceId workspace, KeyId after, size_t limit) {
  std::vector<ApiKey> keys;
  c.each(
      kList, [&](Statement& s) { keys.push_back(read_key(s)); }, workspace, after, limit);
  return keys;
}

int64_t count(Connection& c, WorkspaceId workspace) {
  return c
      .find(
          kCount, [](Statement& s) { return s.integer(0); }, workspace)
      .value_or(0);
}

void set_last_used(Connection& c, WorkspaceId workspace, KeyId id, Timestamp at) {
  c.run(kSetLastUsed, workspace, id, at);
}

}  // namespace rapport::api_key_store
