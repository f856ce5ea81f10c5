// A browser session of a user, as stored and as found by its cookie. No I/O.
#pragma once

#include <string>
#include <string_view>

#include "access/user.h"
#include "base/ids.h"
#include "base/time.h"

namespace rapport {

struct SessionTag {
  static constexpr std::string_view kPrefix = "ses_";
};
using SessionId = Id<SessionTag>;

struct Session {
  SessionId id;
  WorkspaceId workspace;
  UserId user;
  Timestamp created_at;
  Timestamp last_seen_at;
  Timestamp expires_at;  // absolute; the idle limit ends it earlier
  std::string user_agent;
  std::string ip;
};

/// A session just opened; the token goes into the cookie and is kept nowhere else.
struct NewSession {
  Session session;
  std::string token;
};

/// A live session and its user as they are now.
struct SignedIn {
  Session session;
  User user;
};

/// What `X-CSRF-Token` must carry for a session: derived from its token, so nothing is stored.
std::string csrf_token(std::string_view session_token);

/// "__Host-rapport_session" on TLS, "rapport_session" on plain HTTP.
std::string_view session_cookie_name(bool secure);
/// The Set-Cookie value that stores a token: HttpOnly, SameSite=Lax, Path=/; Secure on TLS.
std::string session_cookie(std::string_view token, bool secure);
/// The Set-Cookie value that removes it.
std::string expired_session_cookie(bool secure);

}  // namespace rapport
