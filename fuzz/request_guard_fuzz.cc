// Feeds the request guard arbitrary bytes and holds it to what it promises of an accepted header.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "http/request_guard.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const size_t end = rapport::find_head_end(bytes);
  const std::string_view head = end > 0 ? bytes.substr(0, end) : bytes;
  rapport::RequestHead out;
  if (rapport::read_request_head(head, &out)) return 0;

  ASSERT(end > 0 && head.size() <= rapport::limits::kMaxHeaderBytes);
  ASSERT(out.raw_path == "*" || out.raw_path.starts_with('/'));
  ASSERT(!(out.chunked && (out.content_length || out.http_1_0)));
  ASSERT(out.fields.size() <= rapport::limits::kMaxHeaderFields);
  const auto path = rapport::percent_decode(out.raw_path, false);
  ASSERT(path && path->find('\0') == std::string::npos);
  ASSERT((*path + "/").find("/../") == std::string::npos);
  size_t hosts = 0;
  for (const auto& [name, value] : out.fields) {
    hosts += rapport::equals_ignore_case(name, "host");
    ASSERT(!name.empty() && value.find('\n') == std::string_view::npos);
    ASSERT(value.find('\r') == std::string_view::npos);
  }
  ASSERT(hosts == 1 || (hosts == 0 && out.http_1_0));
  return 0;
}
