#include "http/response_writer.h"

#include <fmt/format.h>

#include <array>
#include <iterator>

#include "base/limits.h"
#include "base/text.h"
#include "http/gzip.h"

namespace rapport {
namespace {

struct DefaultField {
  std::string_view name;
  std::string_view value;
};

// Scripts only from our own files; inline style is what e-mail previews need.
constexpr std::string_view kPagePolicy =
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob: https:; font-src 'self' data:; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
constexpr std::string_view kDataPolicy = "default-src 'none'; frame-ancestors 'none'";

constexpr std::array kDefaults{
    DefaultField{"X-Content-Type-Options", "nosniff"},
    DefaultField{"Referrer-Policy", "same-origin"},
    DefaultField{"X-Frame-Options", "DENY"},
    DefaultField{"Cross-Origin-Opener-Policy", "same-origin"},
    DefaultField{"Cache-Control", "no-store"},
};

bool has_field(const Response& response, std::string_view name) {
  for (const auto& field : response.headers) {
    if (equals_ignore_case(field.first, name)) return true;
  }
  return false;
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  out += value;
  out += "\r\n";
}

bool is_clean(std::string_view text) {
  for (const char c : text) {
    if (c == '\r' || c == '\n' || c == '\0') return false;
  }
  return true;
}

bool compresses(std::string_view type) {
  return type.starts_with("application/json") || type.starts_with("text/") ||
         type.starts_with("application/problem+json");
}

}  // namespace

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Status";
  }
}

void append_response_head(const Response& response, const ResponseFrame& frame, std::string& out) {
  fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\n", response.status,
                 reason_phrase(response.status));
  append_field(out, "Date", frame.date);
  if (!frame.request_id.empty()) append_field(out, "X-Request-Id", frame.request_id);
  const bool bodiless = response.status == 204 || response.status == 304;
  if (!response.content_type.empty() && !bodiless && is_clean(response.content_type)) {
    append_field(out, "Content-Type", response.content_type);
  }
  if (response.next_piece) {
    if (!frame.http_1_0) append_field(out, "Transfer-Encoding", "chunked");
  } else if (!bodiless) {
    fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", response.body.size());
  }
  if (!frame.keep_alive) {
    append_field(out, "Connection", "close");
  } else if (frame.http_1_0) {
    append_field(out, "Connection", "keep-alive");
  }
  for (const auto& [name, value] : response.headers) {
    if (is_clean(name) && is_clean(value)) append_field(out, name, value);
  }
  for (const DefaultField& field : kDefaults) {
    if (!has_field(response, field.name)) append_field(out, field.name, field.value);
  }
  if (!has_field(response, "Content-Security-Policy")) {
    const bool page = response.content_type.starts_with("text/html");
    append_field(out, "Content-Security-Policy", page ? kPagePolicy : kDataPolicy);
  }
  if (frame.secure) append_field(out, "Strict-Transport-Security", "max-age=31536000");
  out += "\r\n";
}

void append_chunk(std::string_view piece, bool http_1_0, std::string& out) {
  if (!http_1_0) fmt::format_to(std::back_inserter(out), "{:x}\r\n", piece.size());
  out += piece;
  if (!http_1_0) out += "\r\n";
}

void compress_response(std::string_view accept_encoding, Response& response) {
  if (response.body.size() < limits::kMinCompressedReply || !compresses(response.content_type)) {
    return;
  }
  if (has_field(response, "Content-Encoding")) return;
  if (!has_field(response, "Vary")) response.headers.emplace_back("Vary", "Accept-Encoding");
  if (!accepts_coding(accept_encoding, "gzip")) return;
  response.body = gzip_compress(response.body, 4);
  response.headers.emplace_back("Content-Encoding", "gzip");
}

}  // namespace rapport
