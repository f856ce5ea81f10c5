#include "access/session_store.h"

#include "access/user_store.h"

namespace rapport::session_store {
namespace {

constexpr std::string_view kInsert =
    "INSERT INTO sessions (workspace, user_id, id, token_hash, created_at, last_seen_at, "
    "expires_at, user_agent, ip) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
constexpr std::string_view kFind =
    "SELECT s.workspace, s.user_id, s.id, s.created_at, s.last_seen_at, s.expires_at, "
    "s.user_agent, s.ip, u.workspace, u.id, u.email, u.role, u.created_at, u.last_sign_in_at "
    "FROM sessions s JOIN users u ON u.workspace = s.workspace AND u.id = s.user_id "
    "WHERE s.token_hash = $1";
constexpr std::string_view kList =
    "SELECT workspace, user_id, id, created_at, last_seen_at, expires_at, user_agent, ip "
    "FROM sessions WHERE workspace = $1 AND user_id = $2 ORDER BY id DESC LIMIT $3";
constexpr std::string_view kRemove =
    "DELETE FROM sessions WHERE workspace = $1 AND user_id = $2 AND id = $3";
constexpr std::string_view kRemoveByToken = "DELETE FROM sessions WHERE token_hash = $1";
constexpr std::string_view kRemoveAll =
    "DELETE FROM sessions WHERE workspace = $1 AND user_id = $2 AND id <> $3";
constexpr std::string_view kKeepNewest =
    "DELETE FROM sessions WHERE workspace = $1 AND user_id = $2 AND id NOT IN "
    "(SELECT id FROM sessions WHERE workspace = $1 AND user_id = $2 ORDER BY id DESC LIMIT $3)";
constexpr std::string_view kSetLastSeen =
    "UPDATE sessions SET last_seen_at = $4 "
    "WHERE workspace = $1 AND user_id = $2 AND id = $3 AND last_seen_at < $4";
constexpr std::string_view kRemoveEnded =
    "DELETE FROM sessions WHERE expires_at <= $1 OR last_seen_at <= $2";

Session read_session(Statement& s) {
  Session session;
  session.workspace = WorkspaceId{s.id(0)};
  session.user = UserId{s.id(1)};
  session.id = SessionId{s.id(2)};
  session.created_at = s.time(3);
  session.last_seen_at = s.time(4);
  session.expires_at = s.time(5);
  session.user_agent = s.text(6);
  session.ip = s.text(7);
  return session;
}

}  // namespace

void insert(Connection& c, const Session& session, std::string_view token_hash) {
  c.run(kInsert, session.workspace, session.user, session.id, token_hash, session.created_at,
        session.last_seen_at, session.expires_at, session.user_agent, session.ip);
}

std::optional<SignedIn> find(Connection& c, std::string_view token_hash) {
  return c.find(
      kFind,
      [](Statement& s) {
        return SignedIn{read_session(s), user_store::read_user(s, 8)};
      },
      token_hash);
}

std::vector<Session> list(Connection& c, WorkspaceId workspace, UserId user, size_t limit) {
  std::vector<Session> sessions;
  c.each(
      kList, [&](Statement& s) { sessions.push_back(read_session(s)); }, workspace, user, limit);
  return sessions;
}

bool remove(Connection& c, WorkspaceId workspace, UserId user, SessionId id) {
  c.run(kRemove, workspace, user, id);
  return c.changes() > 0;
}

void remove_by_token(Connection& c, std::string_view token_hash) {
  c.run(kRemoveByToken, token_hash);
}

void remove_all(Connection& c, WorkspaceId workspace, UserId user, SessionId keep) {
  c.run(kRemoveAll, workspace, user, keep);
}

void keep_newest(Connection& c, WorkspaceId workspace, UserId user, size_t count) {
  c.run(kKeepNewest, workspace, user, count);
}

void set_last_seen(Connection& c, WorkspaceId workspace, UserId user, SessionId id, Timestamp at) {
  c.run(kSetLastSeen, workspace, user, id, at);
}

void remove_ended(Connection& c, Timestamp expired_before, Timestamp idle_before) {
  c.run(kRemoveEnded, expired_before, idle_before);
}

}  // namespace rapport::session_store
