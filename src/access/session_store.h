// The SQL of sessions. Functions run inside the caller's transaction; a workspace comes first
// wherever the caller knows it, which the finder of a cookie does not.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/session.h"
#include "storage/state_store.h"

namespace rapport::session_store {

void insert(Connection& c, const Session& session, std::string_view token_hash);
/// With its user; also one that has ended and is not deleted yet.
std::optional<SignedIn> find(Connection& c, std::string_view token_hash);
/// Newest first.
std::vector<Session> list(Connection& c, WorkspaceId workspace, UserId user, size_t limit);
/// False when there is none.
bool remove(Connection& c, WorkspaceId workspace, UserId user, SessionId id);
void remove_by_token(Connection& c, std::string_view token_hash);
/// All of a user's but `keep` (0: none is kept).
void remove_all(Connection& c, WorkspaceId workspace, UserId user, SessionId keep);
/// All of a user's but the newest `count`.
void keep_newest(Connection& c, WorkspaceId workspace, UserId user, size_t count);
void set_last_seen(Connection& c, WorkspaceId workspace, UserId user, SessionId id, Timestamp at);
void remove_ended(Connection& c, Timestamp expired_before, Timestamp idle_before);

}  // namespace rapport::session_store
