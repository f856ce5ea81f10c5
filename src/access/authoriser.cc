#include "access/authoriser.h"

#include <optional>

#include "access/role.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/hash.h"

namespace rapport {
namespace {

Error unauthenticated(std::string detail) {
  return Error(ErrorCode::kUnauthenticated, std::move(detail));
}

Error denied(std::string_view who, const Route& route) {
  return Error(ErrorCode::kPermissionDenied, std::string(who) + " lacks the permission " +
                                                 std::string(permission_name(route.permission)) +
                                                 ".");
}

/// The key of "Bearer <key>" or "Basic base64(<key>:)"; null for anything else.
std::optional<std::string> key_of(std::string_view authorization) {
  const size_t space = authorization.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  const std::string_view scheme = authorization.substr(0, space);
  const std::string_view value = trim(authorization.substr(space + 1));
  if (equals_ignore_case(scheme, "Bearer")) return std::string(value);
  if (!equals_ignore_case(scheme, "Basic")) return std::nullopt;
  auto pair = base64_decode(value);
  if (!pair) return std::nullopt;
  const size_t colon = pair->find(':');
  if (colon != std::string::npos) {
    if (colon + 1 != pair->size()) return std::nullopt;  // a key has no password
    pair->resize(colon);
  }
  return pair;
}

// A proxy on this machine that is not configured as trusted makes every caller look local.
bool is_local(const Request& request) {
  const std::string_view ip = request.remote_ip;
  const bool loopback = ip == "::1" || ip.starts_with("127.") || ip.starts_with("::ffff:127.");
  return loopback && request.header("x-forwarded-for").empty() &&
         request.header("forwarded").empty() && request.header("x-real-ip").empty();
}

bool changes_nothing(std::string_view method) {
  return method == "GET" || method == "HEAD";
}

}  // namespace

void Authoriser::authorise(const Route& route, Request& request) {
  if (route.permission == Permission::kPublic || route.permission == Permission::kIngest) return;
  if (route.permission == Permission::kOperations && is_local(request)) return;
  const std::string_view authorization = request.header("authorization");
  if (authorization.empty()) return authorise_session(route, request);
  const auto secret = key_of(authorization);
  if (!secret) throw unauthenticated("The Authorization header is neither Bearer nor Basic.");
  authorise_key(*secret, route, request);
}

void Authoriser::authorise_key(std::string_view secret, const Route& route, Request& request) {
  const auto key = keys_.find(secret);
  if (!key) throw unauthenticated("The API key is unknown or revoked.");
  if (!allows(key->scope, route.permission)) throw denied("The API key", route);
  request.caller.workspace = key->workspace.value;
  request.caller.api_key = key->id.value;
  request.caller.label = key->name;
  request.caller.role = scope_name(key->scope);
}

void Authoriser::authorise_session(const Route& route, Request& request) {
  const std::string_view token = request.cookie(session_cookie_name(request.secure));
  if (token.empty()) throw unauthenticated("Sign in, or send an API key.");
  const auto found = sessions_.find(token);
  if (!found) throw unauthenticated("The session has ended; sign in again.");
  if (!changes_nothing(request.method) &&
      !constant_time_equal(request.header("x-csrf-token"), csrf_token(token))) {
    throw Error(ErrorCode::kPermissionDenied, "The X-CSRF-Token header is missing or wrong.");
  }
  if (!allows(found->user.role, route.permission)) throw denied("Your role", route);
  request.caller.workspace = found->user.workspace.value;
  request.caller.user = found->user.id.value;
  request.caller.session = found->session.id.value;
  request.caller.label = found->user.email;
  request.caller.role = role_name(found->user.role);
}

}  // namespace rapport
