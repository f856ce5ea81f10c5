// The OpenAPI 3.1 document of a route table. Pure: the same routes give the same text.
#pragma once

#include <string>
#include <string_view>

#include "http/router.h"

namespace rapport {

/// Every route with an operation_id, the schemas of all groups, `Problem`, the security schemes
/// `bearerKey` and `sessionCookie`, and `x-permission` on each operation. Pretty-printed JSON.
std::string openapi_document(const Router& router, std::string_view version);

}  // namespace rapport
