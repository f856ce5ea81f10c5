// Signed return paths (VERP): bounce+TOKEN@return.domain names the message that comes back.
//
// The token holds workspace, message and 80 bits of a keyed hash in base 32, so it survives mail
// servers that change letter case, and nobody can make up a bounce of somebody else's message. Pure
// and thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "crypto/secret_key.h"

namespace rapport {

struct ReturnedMessage {
  WorkspaceId workspace;
  MessageId message;
  bool operator==(const ReturnedMessage&) const = default;
};

class ReturnPathSigner {
 public:
  /// `root` is the installation's key.
  explicit ReturnPathSigner(const SecretKey& root) : key_(root.derive("return paths")) {}

  std::string address(WorkspaceId workspace, MessageId message, std::string_view domain) const;
  /// The token alone, for headers that a provider gives back.
  std::string token(WorkspaceId workspace, MessageId message) const;
  std::optional<ReturnedMessage> open_token(std::string_view token) const;
  /// Null when it is not a return path of this installation. The domain is not looked at.
  std::optional<ReturnedMessage> open(std::string_view address) const;

 private:
  SecretKey key_;
};

}  // namespace rapport
