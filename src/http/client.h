// A blocking HTTP client over libcurl, for the importer, the demo, the load tools and tests.
//
// One connection, kept alive between calls. No redirects are followed, replies are bounded by
// limits::kMaxReplyBytes. An instance belongs to one thread at a time.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rapport {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpReply {
  int status = 0;
  HttpHeaders headers;  // lower-case names
  std::string body;     // decompressed

  /// Empty when absent.
  std::string_view header(std::string_view lower_name) const;
  bool ok() const { return status >= 200 && status < 300; }
};

struct HttpClientOptions {
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds timeout{60'000};
  bool gzip = false;                  // compress request bodies over 1 KB
  HttpHeaders headers;                // sent with every request
  std::string certificate_authority;  // PEM file that replaces the system's, for tests
};

class HttpClient {
 public:
  /// `base_url` without a trailing slash: "http://127.0.0.1:8080".
  explicit HttpClient(std::string base_url, HttpClientOptions options = {});
  ~HttpClient();
  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;

  /// `path` with query, escaped. Any status is a reply; no reply at all throws kUnavailable or
  /// kDeadlineExceeded. A body without Content-Type among the headers is sent as application/json.
  HttpReply send(std::string_view method, std::string_view path, std::string_view body = {},
                 const HttpHeaders& headers = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rapport
