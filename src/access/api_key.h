// An API key as stored, without its secret, and as handed over once. No I/O.
#pragma once

#include <optional>
#include <string>

#include "access/role.h"
#include "base/ids.h"
#include "base/time.h"

namespace rapport {

struct ApiKey {
  KeyId id;
  WorkspaceId workspace;
  std::string name;
  Scope scope = Scope::kIngest;
  std::string prefix;          // first characters, to recognise it by
  bool acts_as_owner = false;  // made by an owner or the command line: may manage owners
  Timestamp created_at;
  std::optional<Timestamp> last_used_at;
};

struct CreatedApiKey {
  ApiKey key;
  std::string secret;  // "wk_…" or "rk_…"; shown this once
};

}  // namespace rapport
