// Whose X-Forwarded-For and X-Forwarded-Proto are believed, and what they then say.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace rapport {

class TrustedProxies {
 public:
  /// Addresses or CIDR blocks, IPv4 or IPv6; throws kInvalidArgument naming a malformed one.
  explicit TrustedProxies(const std::vector<std::string>& blocks);
  ~TrustedProxies();

  bool empty() const;
  bool trusts(std::string_view ip) const;
  /// The nearest address of the chain that is not a trusted proxy; `peer` when that is one itself.
  std::string client_ip(const std::string& peer, std::string_view forwarded_for) const;

 private:
  struct Block;
  std::vector<Block> blocks_;
};

}  // namespace rapport
