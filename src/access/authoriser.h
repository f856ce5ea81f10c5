// Authoriser: finds who calls and decides by the one table whether they may.
//
// Order: an Authorization header (Bearer key, or Basic with the key as user name) decides alone;
// else the session cookie, which needs `X-CSRF-Token` on everything but GET and HEAD. No or a bad
// credential is 401, a good one without the permission 403. Public and ingest routes pass: collect
// finds its write keys itself. Operations routes pass for a caller on this machine that no proxy
// stands before. Only reads; thread-safe.
#pragma once

#include "access/api_key_service.h"
#include "access/session_service.h"
#include "http/message.h"
#include "http/route.h"

namespace rapport {

class Authoriser {
 public:
  Authoriser(ApiKeyService& keys, SessionService& sessions) : keys_(keys), sessions_(sessions) {}

  /// Sets `request.caller`; throws kUnauthenticated or kPermissionDenied.
  void authorise(const Route& route, Request& request);

 private:
  void authorise_key(std::string_view secret, const Route& route, Request& request);
  void authorise_session(const Route& route, Request& request);

  ApiKeyService& keys_;
  SessionService& sessions_;
};

}  // namespace rapport
