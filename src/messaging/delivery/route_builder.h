// What the route files of deliverability share.
#pragma once

#include "http/route_builder.h"
#include "messaging/delivery/deliverability_routes.h"

namespace rapport {

using DeliverabilityRoutes = RouteBuilder<DeliverabilityServices>;
inline constexpr char kDeliverabilityTag[] = "deliverability";

inline WorkspaceId workspace_of(const Request& request) {
  return WorkspaceId{request.caller.workspace};
}

}  // namespace rapport
