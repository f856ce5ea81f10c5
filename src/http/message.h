// A request and a response as handlers see them: plain data, no Beast, no Asio.
//
// A Request is complete: header checked by the strict guard, body read and decompressed within its
// limit. Header names are lower case. A Response is turned into bytes by the server, which adds
// the security headers, Date, Content-Length and the request id.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"

namespace rapport {

/// Who calls, as access/ found it before the handler runs. Empty workspace: nobody.
struct Caller {
  uint64_t workspace = 0;
  uint64_t user = 0;     // a signed-in user, or 0
  uint64_t api_key = 0;  // an API key, or 0
  uint64_t session = 0;  // the browser session, or 0
  std::string label;     // e-mail or key name, for the audit trail
  std::string role;      // "owner" … "viewer"; for keys the scope: "ingest", "read", "admin"
};

struct Request {
  std::string method;  // "GET"
  std::string path;    // decoded, no query
  std::string route;   // pattern that matched: "/api/v1/customers/{id}"
  std::vector<std::pair<std::string, std::string>> parameters;  // of the path: {"id","cus_…"}
  std::vector<std::pair<std::string, std::string>> query;       // decoded, in order
  std::vector<std::pair<std::string, std::string>> headers;     // lower-case names
  std::string body;                                             // decompressed
  std::string remote_ip;                                        // after trusted-proxy rules
  std::string request_id;
  bool secure = false;  // TLS, here or at a trusted proxy
  Timestamp received_at;
  Caller caller;

  /// Empty when absent.
  std::string_view header(std::string_view lower_name) const;
  std::optional<std::string_view> query_value(std::string_view name) const;
  std::string_view parameter(std::string_view name) const;
  /// Value of one cookie, empty when absent.
  std::string_view cookie(std::string_view name) const;
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  /// A long answer made piece by piece instead of `body`: each call gives the next piece, an empty
  /// one ends it. Called on the blocking pool, one call at a time, while the client keeps reading.
  /// When it throws, the connection ends without the last chunk, so that what the client got is
  /// seen to be torn.
  std::function<std::string()> next_piece;
  std::vector<std::pair<std::string, std::string>> headers;

  static Response json(std::string body, int status = 200);
  static Response no_content();
};

/// Answers one request, once, from any thread.
using ResponseSender = std::function<void(Response)>;

}  // namespace rapport
