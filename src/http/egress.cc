#include "http/egress.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "base/error.h"
#include "base/limits.h"
#include "base/limits/delivery.h"
#include "base/text.h"

namespace rapport {
namespace {

constexpr long kMaxRedirects = 3;

// IANA's special-purpose registries, as of RFC 6890 and its updates.
constexpr std::array<std::pair<uint32_t, int>, 16> kSpecial4{{{0x00000000, 8},
                                                              {0x0A000000, 8},
                                                              {0x64400000, 10},
                                                              {0x7F000000, 8},
                                                              {0xA9FE0000, 16},
                                                              {0xAC100000, 12},
                                                              {0xC0000000, 24},
                                                              {0xC0000200, 24},
                                                              {0xC0586300, 24},
                                                              {0xC0A80000, 16},
                                                              {0xC6120000, 15},
                                                              {0xC6336400, 24},
                                                              {0xCB007100, 24},
                                                              {0xE0000000, 4},
                                                              {0xF0000000, 4},
                                                              {0xFFFFFFFF, 32}}};

bool is_public_4(uint32_t address) {
  for (const auto& [prefix, bits] : kSpecial4) {
    const uint32_t mask = bits == 0 ? 0 : ~uint32_t{0} << (32 - bits);
    if ((address & mask) == prefix) return false;
  }
  return true;
}

uint32_t number_at(const unsigned char* bytes) {
  return uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | bytes[3];
}

bool is_public_6(const unsigned char* b) {
  constexpr std::array<unsigned char, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  constexpr std::array<unsigned char, 12> kNat64{0, 0x64, 0xFF, 0x9B};
  constexpr std::array<unsigned char, 12> kNone{};
  // ::ffff:a.b.c.d, 64:ff9b::a.b.c.d, and the old ::a.b.c.d with ::1 and ::
  for (const auto* prefix : {&kMapped, &kNat64}) {
    if (std::memcmp(b, prefix->data(), prefix->size()) == 0) return is_public_4(number_at(b + 12));
  }
  if (std::memcmp(b, kNone.data(), kNone.size()) == 0) return false;
  if (b[0] == 0x20 && b[1] == 0x02) return is_public_4(number_at(b + 2));  // 6to4
  // Only 2000::/3 is given out; of it not Teredo and ORCHID (2001::/23) nor documentation.
  if ((b[0] & 0xE0) != 0x20) return false;
  if (b[0] == 0x20 && b[1] == 0x01 && b[2] < 0x02) return false;
  if (b[0] == 0x20 && b[1] == 0x01 && b[2] == 0x0D && b[3] == 0xB8) return false;
  return !(b[0] == 0x3F && b[1] == 0xFF && (b[2] & 0xF0) == 0);  // 3fff::/20
}

bool is_public(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    return is_public_4(ntohl(reinterpret_cast<const sockaddr_in*>(address)->sin_addr.s_addr));
  }
  if (address->sa_family == AF_INET6) {
    return is_public_6(reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr.s6_addr);
  }
  return false;
}

bool is_listed(const std::vector<std::string>& allowed, const sockaddr* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* bytes =
      address->sa_family == AF_INET
          ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in*>(address)->sin_addr)
          : static_cast<const void*>(&reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr);
  if (!inet_ntop(address->sa_family, bytes, text.data(), text.size())) return false;
  return std::find(allowed.begin(), allowed.end(), text.data()) != allowed.end();
}

struct Call {
  const EgressOptions& options;
  HttpReply reply;
  bool refused = false;
  bool too_large = false;
};

curl_socket_t open_socket(void* user, curlsocktype, struct curl_sockaddr* address) {
  Call& call = *static_cast<Call*>(user);
  if (!call.options.allow_private && !is_public(&address->addr) &&
      !is_listed(call.options.allowed, &address->addr)) {
    call.refused = true;
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

size_t on_body(char* data, size_t size, size_t count, void* user) {
  Call& call = *static_cast<Call*>(user);
  if (call.reply.body.size() + size * count > limits::kMaxEgressReplyBytes) {
    call.too_large = true;
    return 0;
  }
  call.reply.body.append(data, size * count);
  return size * count;
}

size_t on_header(char* data, size_t size, size_t count, void* user) {
  Call& call = *static_cast<Call*>(user);
  const std::string_view line = trim({data, size * count});
  if (line.starts_with("HTTP/")) {
    call.reply.headers.clear();
    call.reply.body.clear();
    return size * count;
  }
  const size_t colon = line.find(':');
  if (colon != std::string_view::npos && call.reply.headers.size() < limits::kMaxHeaderFields) {
    call.reply.headers.emplace_back(to_lower_ascii(line.substr(0, colon)),
                                    trim(line.substr(colon + 1)));
  }
  return size * count;
}

struct CurlDeleter {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

void set_options(CURL* curl, const std::string& url, Call& call) {
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, kMaxRedirects);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
                   static_cast<long>(std::chrono::milliseconds(limits::kEgressDeadline).count()));
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, &call);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &call);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &call);
  if (!call.options.certificate_authority.empty()) {
    curl_easy_setopt(curl, CURLOPT_CAINFO, call.options.certificate_authority.c_str());
  }
}

}  // namespace

bool is_public_address(std::string_view address) {
  const std::string text(address);
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  if (inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    return is_public(reinterpret_cast<const sockaddr*>(&v4));
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  return inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1 &&
         is_public(reinterpret_cast<const sockaddr*>(&v6));
}

HttpReply Egress::fetch(std::string_view method, const std::string& url, std::string_view body,
                        const HttpHeaders& headers) const {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  ENSURE(ready == CURLE_OK);
  const std::unique_ptr<CURL, CurlDeleter> curl(curl_easy_init());
  ENSURE(curl != nullptr);
  Call call{options_, {}, false, false};
  set_options(curl.get(), url, call);
  const std::string verb(method);
  if (verb == "POST" || verb == "PUT" || !body.empty()) {
    curl_easy_setopt(curl.get(), CURLOPT_POST, 1L);
    curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, body.data());
    curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  }
  curl_easy_setopt(curl.get(), CURLOPT_CUSTOMREQUEST, verb.c_str());
  curl_slist* raw = curl_slist_append(nullptr, "Expect:");
  for (const auto& [name, value] : headers) {
    raw = curl_slist_append(raw, (name + ": " + value).c_str());
  }
  const std::unique_ptr<curl_slist, ListDeleter> list(raw);
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, list.get());
  const CURLcode result = curl_easy_perform(curl.get());
  if (call.refused) throw Error::invalid("url", "leads to an address that may not be asked");
  if (call.too_large) throw Error(ErrorCode::kPayloadTooLarge, "The reply is too large.");
  if (result == CURLE_URL_MALFORMAT || result == CURLE_UNSUPPORTED_PROTOCOL) {
    throw Error::invalid("url", "is not an http or https address");
  }
  if (result == CURLE_OPERATION_TIMEDOUT) {
    throw Error(ErrorCode::kDeadlineExceeded, "The other side did not answer in time.");
  }
  if (result != CURLE_OK) {
    throw Error(ErrorCode::kUnavailable, "The other side could not be reached.",
                curl_easy_strerror(result));
  }
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  call.reply.status = static_cast<int>(status);
  return std::move(call.reply);
}

}  // namespace rapport
