// The egress guard: every HTTP request that leaves for an address somebody else chose.
//
// The address a name resolves to is judged at the moment of connecting, after IPv4 addresses in
// IPv6 clothing (mapped, NAT64, 6to4) are unmapped: private, loopback, link-local, multicast and
// reserved ones are refused, on every redirect too, unless the configuration allows private
// networks. Only http and https, no proxy, no netrc; at most three redirects,
// limits::kMaxEgressReplyBytes and limits::kEgressDeadline. Thread-safe: each call has a connection
// of its own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/client.h"

namespace rapport {

/// Whether a textual IP address is one of the public internet.
bool is_public_address(std::string_view address);

struct EgressOptions {
  bool allow_private = false;
  std::vector<std::string> allowed;   // addresses that may be asked although they are not public
  std::string certificate_authority;  // PEM file that replaces the system's, for tests
};

class Egress {
 public:
  explicit Egress(EgressOptions options = {}) : options_(std::move(options)) {}

  /// Any status is a reply. Throws kInvalidArgument on `url` for an address that is none or is
  /// refused, kUnavailable and kDeadlineExceeded when there is no reply, kPayloadTooLarge.
  HttpReply fetch(std::string_view method, const std::string& url, std::string_view body = {},
                  const HttpHeaders& headers = {}) const;

 private:
  EgressOptions options_;
};

}  // namespace rapport
