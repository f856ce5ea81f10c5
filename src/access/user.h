// A user of one workspace, and the rules of e-mail addresses and passwords. No I/O.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "access/role.h"
#include "base/ids.h"
#include "base/limits/access.h"
#include "base/time.h"

namespace rapport {

struct User {
  UserId id;
  WorkspaceId workspace;
  std::string email;  // lower case
  Role role = Role::kViewer;
  Timestamp created_at;
  std::optional<Timestamp> last_sign_in_at;
};

/// Trimmed and in lower case. Throws kInvalidArgument naming `field` when it is not an address:
/// local part, one @, domain; no spaces or control characters; at most 254 bytes.
std::string check_email(std::string_view text, std::string_view field = "email");
/// Throws kInvalidArgument naming `field` when the length is outside limits::kMinPasswordBytes …
/// kMaxPasswordBytes, the text is not UTF-8, or it is the e-mail address or its local part.
void check_password(std::string_view password, std::string_view email,
                    std::string_view field = "password");
/// 20 random base-62 digits: 119 bits.
std::string generate_password();

}  // namespace rapport
