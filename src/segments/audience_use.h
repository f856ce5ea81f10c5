// What uses a segment or a list, so that a reader sees it and a removal is refused.
//
// Modules above tell what they use by registering a function in app/; segments themselves are
// found here. Plain data.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"

namespace rapport {

struct AudienceUse {
  std::string kind;  // "segment", "campaign", …
  std::string id;
  std::string name;
};

/// Uses of the segment or list with this public id, of one kind of user.
using AudienceUses =
    std::function<std::vector<AudienceUse>(WorkspaceId workspace, std::string_view public_id)>;

}  // namespace rapport
