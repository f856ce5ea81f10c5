#include "base/error.h"

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <cstdlib>

namespace rapport {
namespace {

struct CodeRow {
  ErrorCode code;
  int status;
  std::string_view name;
  std::string_view title;
};

// One table from code to status and problem type, in the order of the enum.
constexpr std::array kCodes{
    CodeRow{ErrorCode::kInvalidArgument, 400, "invalid_argument", "The request is not valid"},
    CodeRow{ErrorCode::kUnauthenticated, 401, "unauthenticated", "Sign in or send a key"},
    CodeRow{ErrorCode::kPermissionDenied, 403, "permission_denied", "Not allowed"},
    CodeRow{ErrorCode::kNotFound, 404, "not_found", "Not found"},
    CodeRow{ErrorCode::kMethodNotAllowed, 405, "method_not_allowed", "Method not allowed"},
    CodeRow{ErrorCode::kConflict, 409, "conflict", "Conflict"},
    CodeRow{ErrorCode::kPayloadTooLarge, 413, "payload_too_large", "Too large"},
    CodeRow{ErrorCode::kUnsupportedMedia, 415, "unsupported_media", "Media type not supported"},
    CodeRow{ErrorCode::kUnprocessable, 422, "unprocessable", "The request breaks a rule"},
    CodeRow{ErrorCode::kTooManyRequests, 429, "too_many_requests", "Too many requests"},
    CodeRow{ErrorCode::kInternal, 500, "internal", "Something went wrong here"},
    CodeRow{ErrorCode::kUnavailable, 503, "unavailable", "Not available right now"},
    CodeRow{ErrorCode::kDeadlineExceeded, 504, "deadline_exceeded", "It took too long"},
    CodeRow{ErrorCode::kCorrupted, 500, "corrupted", "Stored data is damaged"},
};

const CodeRow& row(ErrorCode code) {
  return kCodes.at(static_cast<size_t>(code));
}

}  // namespace

int http_status(ErrorCode code) {
  return row(code).status;
}
std::string_view code_name(ErrorCode code) {
  return row(code).name;
}
std::string_view code_title(ErrorCode code) {
  return row(code).title;
}

Error Error::invalid(std::string field, std::string message) {
  Error error(ErrorCode::kInvalidArgument, fmt::format("{}: {}", field, message));
  error.with_field(std::move(field), std::move(message));
  return error;
}

Error Error::not_found(std::string_view what) {
  return Error(ErrorCode::kNotFound, fmt::format("{} not found", what));
}

namespace detail {

void assert_failed(const char* expression, const char* file, int line) {
  fmt::print(stderr, "{}:{}: ASSERT({}) failed\n", file, line, expression);
  std::abort();
}

void ensure_failed(const char* expression, const char* file, int line) {
  throw Error(ErrorCode::kInternal, "The server met an unexpected state",
              fmt::format("{}:{}: ENSURE({}) failed", file, line, expression));
}

}  // namespace detail
}  // namespace rapport
