// The one exception type of the program and its closed list of codes.
//
// An Error is thrown where a request, job or start-up cannot go on, and caught at four borders
// only: request dispatch, job loop, migration, main. `public_detail` is the only text that may
// leave the process; `internal_detail` goes to the log. Absence that is normal is std::optional, a
// bad event among good ones is a value, neither is an Error.
#pragma once

#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rapport {

enum class ErrorCode {
  kInvalidArgument,   // 400: malformed or out of range, names the field
  kUnauthenticated,   // 401
  kPermissionDenied,  // 403
  kNotFound,          // 404
  kMethodNotAllowed,  // 405
  kConflict,          // 409: exists already, or in a state that forbids it
  kPayloadTooLarge,   // 413
  kUnsupportedMedia,  // 415
  kUnprocessable,     // 422: well formed, yet breaks a rule
  kTooManyRequests,   // 429
  kInternal,          // 500
  kUnavailable,       // 503: overloaded or stopping, try again later
  kDeadlineExceeded,  // 504
  kCorrupted,         // 500: stored bytes are not what was written
};

/// HTTP status of a code.
int http_status(ErrorCode code);
/// Last segment of the RFC 9457 problem type, also the `code` member: "invalid_argument", ….
std::string_view code_name(ErrorCode code);
/// RFC 9457 `title` of a code.
std::string_view code_title(ErrorCode code);

/// One field that was refused. `field` is a dotted path from the body's root, or a parameter's
/// name.
struct FieldError {
  std::string field;
  std::string message;
};

class Error : public std::exception {
 public:
  Error(ErrorCode code, std::string public_detail, std::string internal_detail = {})
      : code_(code),
        public_detail_(std::move(public_detail)),
        internal_detail_(std::move(internal_detail)) {}

  /// kInvalidArgument that names its field.
  static Error invalid(std::string field, std::string message);
  static Error not_found(std::string_view what);

  Error& with_field(std::string field, std::string message) {
    fields_.push_back({std::move(field), std::move(message)});
    return *this;
  }
  Error& with_retry_after(std::chrono::seconds wait) {
    retry_after_ = wait;
    return *this;
  }

  ErrorCode code() const { return code_; }
  const std::string& public_detail() const { return public_detail_; }
  const std::string& internal_detail() const { return internal_detail_; }
  const std::vector<FieldError>& fields() const { return fields_; }
  std::optional<std::chrono::seconds> retry_after() const { return retry_after_; }
  /// For logs: internal detail when there is one, else the public one.
  const char* what() const noexcept override {
    return internal_detail_.empty() ? public_detail_.c_str() : internal_detail_.c_str();
  }

 private:
  ErrorCode code_;
  std::string public_detail_;
  std::string internal_detail_;
  std::vector<FieldError> fields_;
  std::optional<std::chrono::seconds> retry_after_;
};

namespace detail {
[[noreturn]] void assert_failed(const char* expression, const char* file, int line);
[[noreturn]] void ensure_failed(const char* expression, const char* file, int line);
}  // namespace detail

}  // namespace rapport

/// Process state is in doubt: log and abort. The stores are crash-safe. On in release.
#define ASSERT(expression)       \
  (static_cast<bool>(expression) \
       ? void(0)                 \
       : ::rapport::detail::assert_failed(#expression, __FILE__, __LINE__))
/// This request is in doubt: throws kInternal. On in release.
#define ENSURE(expression)       \
  (static_cast<bool>(expression) \
       ? void(0)                 \
       : ::rapport::detail::ensure_failed(#expression, __FILE__, __LINE__))
