#include "http/client.h"

#include <curl/curl.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "http/gzip.h"

namespace rapport {
namespace {

/// libcurl wants one initialisation a process, before other threads use it.
void initialise_curl() {
  static const CURLcode result = curl_global_init(CURL_GLOBAL_DEFAULT);
  ENSURE(result == CURLE_OK);
}

size_t on_body(char* data, size_t size, size_t count, void* reply) {
  std::string& body = static_cast<HttpReply*>(reply)->body;
  if (body.size() + size * count > limits::kMaxReplyBytes) return 0;
  body.append(data, size * count);
  return size * count;
}

size_t on_header(char* data, size_t size, size_t count, void* target) {
  auto* reply = static_cast<HttpReply*>(target);
  const std::string_view line = trim({data, size * count});
  if (line.starts_with("HTTP/")) {
    reply->headers.clear();  // those before belong to "100 Continue"
    return size * count;
  }
  const size_t colon = line.find(':');
  if (colon != std::string_view::npos && reply->headers.size() < limits::kMaxHeaderFields) {
    reply->headers.emplace_back(to_lower_ascii(line.substr(0, colon)),
                                trim(line.substr(colon + 1)));
  }
  return size * count;
}

struct HeaderList {
  ~HeaderList() { curl_slist_free_all(list); }
  void add(const std::string& line) { list = curl_slist_append(list, line.c_str()); }
  curl_slist* list = nullptr;
};

}  // namespace

std::string_view HttpReply::header(std::string_view lower_name) const {
  for (const auto& [name, value] : headers) {
    if (name == lower_name) return value;
  }
  return {};
}

struct HttpClient::Impl {
  std::string base_url;
  HttpClientOptions options;
  CURL* curl = nullptr;
  ~Impl() { curl_easy_cleanup(curl); }

  void prepare(const std::string& url, std::string_view method, std::string_view body);
};

void HttpClient::Impl::prepare(const std::string& url, std::string_view method,
                               std::string_view body) {
  curl_easy_reset(curl);  // keeps the connection
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TCP_NODELAY, 1L);
  curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "gzip");
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(options.connect_timeout.count()));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(options.timeout.count()));
  if (!options.certificate_authority.empty()) {
    curl_easy_setopt(curl, CURLOPT_CAINFO, options.certificate_authority.c_str());
  }
  const std::string verb(method);
  if (method == "HEAD") {
    curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
  } else if (!body.empty() || method == "POST" || method == "PUT") {
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.data());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  }
  if (method != "HEAD") curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, verb.c_str());
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &on_body);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &on_header);
}

HttpClient::HttpClient(std::string base_url, HttpClientOptions options)
    : impl_(std::make_unique<Impl>()) {
  initialise_curl();
  while (base_url.ends_with('/')) base_url.pop_back();
  impl_->base_url = std::move(base_url);
  impl_->options = std::move(options);
  impl_->curl = curl_easy_init();
  ENSURE(impl_->curl != nullptr);
}

HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;

HttpReply HttpClient::send(std::string_view method, std::string_view path, std::string_view body,
                           const HttpHeaders& headers) {
  Impl& impl = *impl_;
  HeaderList list;
  bool typed = false;
  for (const HttpHeaders* group :
       std::initializer_list<const HttpHeaders*>{&impl.options.headers, &headers}) {
    for (const auto& [name, value] : *group) {
      typed = typed || equals_ignore_case(name, "content-type");
      list.add(name + ": " + value);
    }
  }
  // Without this libcurl waits a second for "100 Continue" before a large body.
  list.add("Expect:");
  if (!typed) list.add(body.empty() ? "Content-Type:" : "Content-Type: application/json");
  std::string packed;
  if (impl.options.gzip && body.size() >= limits::kMinCompressedReply) {
    packed = gzip_compress(body);
    body = packed;
    list.add("Content-Encoding: gzip");
  }
  HttpReply reply;
  const std::string url = impl.base_url + std::string(path);
  impl.prepare(url, method, body.empty() ? std::string_view("") : body);
  curl_easy_setopt(impl.curl, CURLOPT_HTTPHEADER, list.list);
  curl_easy_setopt(impl.curl, CURLOPT_WRITEDATA, &reply);
  curl_easy_setopt(impl.curl, CURLOPT_HEADERDATA, &reply);
  const CURLcode result = curl_easy_perform(impl.curl);
  if (result != CURLE_OK) {
    const bool late = result == CURLE_OPERATION_TIMEDOUT;
    throw Error(late ? ErrorCode::kDeadlineExceeded : ErrorCode::kUnavailable,
                impl.base_url + ": " + curl_easy_strerror(result));
  }
  long status = 0;
  curl_easy_getinfo(impl.curl, CURLINFO_RESPONSE_CODE, &status);
  reply.status = static_cast<int>(status);
  return reply;
}

}  // namespace rapport
