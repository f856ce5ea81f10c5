// The SQL of API keys. Functions run inside the caller's transaction; the workspace comes first,
// but for loading every live key at once.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/api_key.h"
#include "storage/state_store.h"

namespace rapport::api_key_store {

/// Also moves the version on; so do `revoke` and nothing else.
void insert(Connection& c, const ApiKey& key, std::string_view key_hash);
/// False when there is no such live key.
bool revoke(Connection& c, WorkspaceId workspace, KeyId id, Timestamp at);
/// Grows with every change of the live keys, by any process.
uint64_t version(Connection& c);
/// Every live key of every workspace with its hash.
void each_live(Connection& c, const std::function<void(ApiKey, std::string)>& visit);
std::optional<ApiKey> find(Connection& c, WorkspaceId workspace, KeyId id);
std::vector<ApiKey> list(Connection& c, WorkspaceId workspace, KeyId after, size_t limit);
int64_t count(Connection& c, WorkspaceId workspace);
void set_last_used(Connection& c, WorkspaceId workspace, KeyId id, Timestamp at);

}  // namespace rapport::api_key_store
