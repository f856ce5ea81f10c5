// The strict reading of one HTTP/1.x request header, before anything else looks at it.
//
// A pure function over the bytes up to and including the empty line: it accepts what RFC 9112 and
// this server agree on and refuses everything a proxy and a lax parser could read differently
// (folded lines, bare LF, doubled Host or Content-Length, any Transfer-Encoding but exactly
// `chunked`, both framings at once, absolute and authority targets, bad escapes, dot segments).
// The result's views point into the given bytes. Thread-safe, no allocation beyond the field list.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace rapport {

struct RequestHead {
  std::string_view method;
  std::string_view target;                                            // as sent
  std::string_view raw_path;                                          // of the target, escaped
  std::string_view raw_query;                                         // after '?', escaped
  std::vector<std::pair<std::string_view, std::string_view>> fields;  // as sent, values trimmed
  std::optional<uint64_t> content_length;
  bool chunked = false;
  bool keep_alive = true;
  bool http_1_0 = false;
  bool expect_continue = false;
  bool upgrade_websocket = false;

  /// Case-insensitive; empty when absent.
  std::string_view field(std::string_view name) const;
};

struct HeadRefusal {
  int status = 0;  // 0: accepted
  ErrorCode code = ErrorCode::kInvalidArgument;
  std::string_view detail;

  explicit operator bool() const { return status != 0; }
};

/// Bytes of a complete header at the front of `bytes`, its empty line included; 0 when more are
/// needed. `from` is where an earlier call stopped looking.
size_t find_head_end(std::string_view bytes, size_t from = 0);

/// Reads `head`, which ends with its empty line. `out` is complete only when nothing is refused.
HeadRefusal read_request_head(std::string_view head, RequestHead* out);

}  // namespace rapport
