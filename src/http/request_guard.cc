#include "http/request_guard.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/limits.h"
#include "base/text.h"

namespace rapport {
namespace {

HeadRefusal bad(std::string_view detail) {
  return {400, ErrorCode::kInvalidArgument, detail};
}

/// `tchar` of RFC 9110.
bool is_token_char(char c) {
  static constexpr auto kTable = [] {
    std::array<bool, 256> table{};
    for (const char t : std::string_view("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                                         "ABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
      table[static_cast<unsigned char>(t)] = true;
    }
    return table;
  }();
  return kTable[static_cast<unsigned char>(c)];
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}

bool is_value_char(char c) {
  const auto b = static_cast<unsigned char>(c);
  return b == '\t' || (b >= 0x20 && b != 0x7F);
}

/// Blanks only: a CR or LF inside a value must be seen and refused.
std::string_view trim_blanks(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Dot segments in either spelling, also behind an escaped slash.
bool has_dot_segment(std::string_view decoded) {
  for (const std::string_view segment : split(decoded, '/')) {
    if (segment == "." || segment == "..") return true;
  }
  return false;
}

HeadRefusal check_path(std::string_view path) {
  bool dotted = false;
  for (size_t i = 0; i < path.size(); ++i) dotted = dotted || path[i] == '.' || path[i] == '%';
  if (!dotted) return {};
  const auto decoded = percent_decode(path, false);
  if (!decoded) return bad("The path has a bad percent escape");
  for (const char c : *decoded) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      return bad("The path has a control character");
    }
  }
  if (!is_valid_utf8(*decoded)) return bad("The path is not UTF-8");
  if (has_dot_segment(*decoded)) return bad("The path has a dot segment");
  return {};
}

HeadRefusal read_target(std::string_view target, RequestHead* out) {
  if (target.size() > limits::kMaxTargetBytes) {
    return {414, ErrorCode::kInvalidArgument, "The request target is too long"};
  }
  for (const char c : target) {
    const auto b = static_cast<unsigned char>(c);
    if (b <= 0x20 || b >= 0x7F || c == '#') return bad("The request target has a bad character");
  }
  if (target == "*" && out->method == "OPTIONS") {
    out->raw_path = target;
    return {};
  }
  if (!target.starts_with('/')) return bad("The request target must be an absolute path");
  const size_t mark = target.find('?');
  out->raw_path = target.substr(0, mark);
  if (mark != std::string_view::npos) out->raw_query = target.substr(mark + 1);
  // A path that starts with two slashes is an authority to some readers.
  if (out->raw_path.starts_with("//")) return bad("The path starts with two slashes");
  if (out->raw_path.find('\\') != std::string_view::npos) {
    return bad("The path has a backslash");
  }
  return check_path(out->raw_path);
}

HeadRefusal read_request_line(std::string_view line, RequestHead* out) {
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return bad("The request line is malformed");
  out->method = line.substr(0, first);
  out->target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (!is_token(out->method) || out->method.size() > 20) return bad("The method is malformed");
  if (version == "HTTP/1.0") {
    out->http_1_0 = true;
    out->keep_alive = false;
  } else if (version != "HTTP/1.1") {
    const bool other = version.size() == 8 && version.starts_with("HTTP/");
    if (other) return {505, ErrorCode::kInvalidArgument, "Only HTTP/1.1 is spoken here"};
    return bad("The HTTP version is malformed");
  }
  if (out->method == "CONNECT" || out->method == "TRACE") {
    return {501, ErrorCode::kMethodNotAllowed, "The method is not implemented"};
  }
  return read_target(out->target, out);
}

/// host[:port] of RFC 3986 without user information, or [IPv6][:port].
bool is_valid_host(std::string_view host) {
  std::string_view port;
  if (host.starts_with('[')) {
    const size_t end = host.find(']');
    if (end == std::string_view::npos || end < 3) return false;
    for (const char c : host.substr(1, end - 1)) {
      if (std::string_view("0123456789abcdefABCDEF:.").find(c) == std::string_view::npos) {
        return false;
      }
    }
    const std::string_view after = host.substr(end + 1);
    if (!after.empty() && after.front() != ':') return false;
    if (!after.empty()) port = after.substr(1);
  } else {
    const size_t colon = host.find(':');
    const std::string_view name = host.substr(0, colon);
    if (name.empty() || name.size() > 255) return false;
    for (const char c : name) {
      const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                         (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
      if (!plain) return false;
    }
    if (colon != std::string_view::npos) port = host.substr(colon + 1);
  }
  if (port.size() > 5) return false;
  return std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// What must hold across fields; gathered while they are read.
struct Framing {
  int hosts = 0;
  int lengths = 0;
  int encodings = 0;
  bool connection_close = false;
  bool connection_keep_alive = false;
  bool connection_upgrade = false;
  bool upgrade_websocket = false;
};

void read_connection(std::string_view value, Framing* framing) {
  for (const std::string_view part : split(value, ',')) {
    const std::string_view option = trim(part);
    if (equals_ignore_case(option, "close")) framing->connection_close = true;
    if (equals_ignore_case(option, "keep-alive")) framing->connection_keep_alive = true;
    if (equals_ignore_case(option, "upgrade")) framing->connection_upgrade = true;
  }
}

HeadRefusal read_field(std::string_view name, std::string_view value, Framing* framing,
                       RequestHead* out) {
  switch (name.size()) {  // most fields are none of these
    case 4:
      if (!equals_ignore_case(name, "host")) return {};
      if (++framing->hosts > 1) return bad("There is more than one Host field");
      if (!is_valid_host(value)) return bad("The Host field is malformed");
      return {};
    case 6:
      if (!equals_ignore_case(name, "expect")) return {};
      if (!equals_ignore_case(value, "100-continue")) {
        return {417, ErrorCode::kInvalidArgument, "Only 100-continue can be expected"};
      }
      out->expect_continue = true;
      return {};
    case 7:
      if (equals_ignore_case(name, "upgrade") && equals_ignore_case(value, "websocket")) {
        framing->upgrade_websocket = true;
      }
      return {};
    case 10:
      if (equals_ignore_case(name, "connection")) read_connection(value, framing);
      return {};
    case 14: {
      if (!equals_ignore_case(name, "content-length")) return {};
      if (++framing->lengths > 1) return bad("There is more than one Content-Length field");
      uint64_t length = 0;
      const char* end = value.data() + value.size();
      const auto parsed = std::from_chars(value.data(), end, length);
      if (value.empty() || value.size() > 18 || parsed.ec != std::errc() || parsed.ptr != end) {
        return bad("Content-Length is not a decimal number");
      }
      out->content_length = length;
      return {};
    }
    case 17:
      if (!equals_ignore_case(name, "transfer-encoding")) return {};
      if (++framing->encodings > 1) return bad("There is more than one Transfer-Encoding field");
      if (!equals_ignore_case(value, "chunked")) {
        return {501, ErrorCode::kInvalidArgument, "The only Transfer-Encoding is chunked"};
      }
      out->chunked = true;
      return {};
    default:
      return {};
  }
}

HeadRefusal check_framing(const Framing& framing, RequestHead* out) {
  if (framing.hosts == 0 && !out->http_1_0) return bad("The Host field is missing");
  if (out->chunked && out->content_length) {
    return bad("Transfer-Encoding and Content-Length exclude each other");
  }
  if (out->chunked && out->http_1_0) return bad("HTTP/1.0 has no Transfer-Encoding");
  if (out->http_1_0) {
    out->keep_alive = framing.connection_keep_alive && !framing.connection_close;
    out->expect_continue = false;
  } else {
    out->keep_alive = !framing.connection_close;
  }
  out->upgrade_websocket = framing.upgrade_websocket && framing.connection_upgrade &&
                           out->method == "GET" && !out->http_1_0 && !out->chunked &&
                           out->content_length.value_or(0) == 0;
  return {};
}

}  // namespace

std::string_view RequestHead::field(std::string_view name) const {
  for (const auto& [key, value] : fields) {
    if (equals_ignore_case(key, name)) return value;
  }
  return {};
}

size_t find_head_end(std::string_view bytes, size_t from) {
  const size_t start = from > 3 ? from - 3 : 0;
  const size_t at = bytes.find("\r\n\r\n", start);
  return at == std::string_view::npos ? 0 : at + 4;
}

HeadRefusal read_request_head(std::string_view head, RequestHead* out) {
  auto fields = std::move(out->fields);  // keeps its memory from request to request
  fields.clear();
  *out = RequestHead();
  out->fields = std::move(fields);
  if (head.size() > limits::kMaxHeaderBytes) {
    return {431, ErrorCode::kPayloadTooLarge, "The header is too large"};
  }
  if (!head.ends_with("\r\n\r\n")) return bad("The header has no end");
  size_t line_end = head.find("\r\n");
  if (const auto refusal = read_request_line(head.substr(0, line_end), out)) return refusal;
  Framing framing;
  size_t at = line_end + 2;
  while (at < head.size()) {
    line_end = head.find("\r\n", at);
    const std::string_view line = head.substr(at, line_end - at);
    at = line_end + 2;
    if (line.empty()) break;
    if (line.front() == ' ' || line.front() == '\t') return bad("A header line is folded");
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) return bad("A header line has no colon");
    const std::string_view name = line.substr(0, colon);
    if (!is_token(name)) return bad("A header name is malformed");
    const std::string_view value = trim_blanks(line.substr(colon + 1));
    if (!std::all_of(value.begin(), value.end(), is_value_char)) {
      return bad("A header value has a control character");
    }
    if (out->fields.size() >= limits::kMaxHeaderFields) {
      return {431, ErrorCode::kPayloadTooLarge, "There are too many header fields"};
    }
    out->fields.emplace_back(name, value);
    if (const auto refusal = read_field(name, value, &framing, out)) return refusal;
  }
  if (at != head.size()) return bad("The header ends early");
  return check_framing(framing, out);
}

}  // namespace rapport
