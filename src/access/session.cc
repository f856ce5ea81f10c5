#include "access/session.h"

#include "base/limits/access.h"
#include "base/text.h"
#include "crypto/hash.h"

namespace rapport {
namespace {

// Lax, not Strict: a link in a mail to a console page must find its reader signed in. State never
// changes on GET, and everything else needs the CSRF token.
std::string cookie(std::string_view value, std::chrono::seconds max_age, bool secure) {
  std::string text(session_cookie_name(secure));
  text += '=';
  text += value;
  text += "; Path=/; HttpOnly; SameSite=Lax; Max-Age=" + std::to_string(max_age.count());
  if (secure) text += "; Secure";
  return text;
}

}  // namespace

std::string csrf_token(std::string_view session_token) {
  return base64url_encode(hmac_sha256(session_token, "rapport csrf token"));
}

std::string_view session_cookie_name(bool secure) {
  return secure ? "__Host-rapport_session" : "rapport_session";
}

std::string session_cookie(std::string_view token, bool secure) {
  return cookie(token, limits::kSessionLifetime, secure);
}

std::string expired_session_cookie(bool secure) {
  return cookie("", std::chrono::seconds(0), secure);
}

}  // namespace rapport
