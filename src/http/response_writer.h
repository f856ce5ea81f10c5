// A Response as bytes: status line, the handler's fields, and what every answer carries.
//
// Adds Date, Content-Length, Connection, X-Request-Id, the security headers and, unless the handler
// chose otherwise, Cache-Control: no-store. A field the handler sets replaces the default; one with
// a line break in it is left out. Pure.
#pragma once

#include <string>
#include <string_view>

#include "http/message.h"

namespace rapport {

struct ResponseFrame {
  std::string_view date;  // IMF-fixdate
  std::string_view request_id;
  bool keep_alive = true;
  bool secure = false;  // adds Strict-Transport-Security
  bool http_1_0 = false;
};

/// Appends the header and its empty line to `out`; the body is the caller's to send.
void append_response_head(const Response& response, const ResponseFrame& frame, std::string& out);

/// Appends one chunk, the last one when `piece` is empty; as it is for HTTP/1.0, which knows none.
void append_chunk(std::string_view piece, bool http_1_0, std::string& out);

/// Replaces the body by its gzip when the client takes it, the type compresses and it is worth it.
void compress_response(std::string_view accept_encoding, Response& response);

std::string_view reason_phrase(int status);

}  // namespace rapport
