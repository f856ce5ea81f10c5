#include "access/session_service.h"

#include <algorithm>

#include "access/access_schema.h"
#include "access/session_store.h"
#include "access/user_store.h"
#include "base/error.h"
#include "base/limits/access.h"
#include "base/text.h"
#include "crypto/token.h"

namespace rapport {

NewSession SessionService::create(const User& user, std::string_view user_agent,
                                  std::string_view ip, std::string_view previous_token) {
  const Timestamp now = clock_.now();
  NewSession made;
  made.token = make_token("");
  made.session.workspace = user.workspace;
  made.session.user = user.id;
  made.session.created_at = now;
  made.session.last_seen_at = now;
  made.session.expires_at = now + limits::kSessionLifetime;
  if (is_valid_utf8(user_agent)) {
    made.session.user_agent = utf8_prefix(user_agent, limits::kMaxUserAgentBytes);
  }
  made.session.ip = ip;
  control_.write([&](Connection& c) {
    made.session.id = SessionId{next_access_id(c, "session")};
    if (is_token("", previous_token)) session_store::remove_by_token(c, token_hash(previous_token));
    session_store::insert(c, made.session, token_hash(made.token));
    session_store::keep_newest(c, user.workspace, user.id, limits::kMaxSessionsPerUser);
    user_store::set_last_sign_in(c, user.workspace, user.id, now);
    audit_.record(c, user.workspace, {to_public(user.id), user.email, std::string(ip), false},
                  "session.create", to_public(made.session.id));
  });
  return made;
}

std::optional<SignedIn> SessionService::find(std::string_view token) {
  if (!is_token("", token)) return std::nullopt;
  const std::string hash = token_hash(token);
  auto found = control_.read_value([&](Connection& c) { return session_store::find(c, hash); });
  if (!found) return std::nullopt;
  const Timestamp now = clock_.now();
  Session& session = found->session;
  session.last_seen_at = last_used(session.id, session.last_seen_at);
  if (now >= session.expires_at || now >= session.last_seen_at + limits::kSessionIdle) {
    return std::nullopt;
  }
  const std::lock_guard lock(mutex_);
  used_[session.id] = {session.workspace, session.user, now};
  return found;
}

std::vector<Session> SessionService::list(WorkspaceId workspace, UserId user) const {
  auto sessions = control_.read_value([&](Connection& c) {
    return session_store::list(c, workspace, user, limits::kMaxSessionsPerUser);
  });
  const Timestamp now = clock_.now();
  for (Session& session : sessions) {
    session.last_seen_at = last_used(session.id, session.last_seen_at);
  }
  std::erase_if(sessions, [&](const Session& session) {
    return now >= session.expires_at || now >= session.last_seen_at + limits::kSessionIdle;
  });
  return sessions;
}

void SessionService::revoke(WorkspaceId workspace, UserId user, SessionId id) {
  const bool removed = control_.write_value(
      [&](Connection& c) { return session_store::remove(c, workspace, user, id); });
  if (!removed) throw Error::not_found("session");
}

void SessionService::flush() {
  std::unordered_map<SessionId, Use> used;
  {
    const std::lock_guard lock(mutex_);
    used = used_;
  }
  const Timestamp now = clock_.now();
  control_.write([&](Connection& c) {
    for (const auto& [id, use] : used) {
      session_store::set_last_seen(c, use.workspace, use.user, id, use.at);
    }
    session_store::remove_ended(c, now, now - limits::kSessionIdle);
  });
  // Only now: a failed write keeps what is to be written, and `find` never sees an older time.
  const std::lock_guard lock(mutex_);
  for (const auto& [id, use] : used) {
    const auto it = used_.find(id);
    if (it != used_.end() && it->second.at == use.at) used_.erase(it);
  }
}

Timestamp SessionService::last_used(SessionId id, Timestamp stored) const {
  const std::lock_guard lock(mutex_);
  const auto it = used_.find(id);
  return it == used_.end() ? stored : std::max(stored, it->second.at);
}

}  // namespace rapport
