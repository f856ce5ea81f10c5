// The HTTP operations of suppressions, and of a workspace's caps and quiet hours.
#pragma once

#include <functional>

#include "access/actor.h"
#include "http/route.h"
#include "messaging/permission/permission_settings.h"
#include "messaging/permission/suppression_service.h"

namespace rapport {

struct RestraintServices {
  SuppressionService& suppressions;
  PermissionSettingsService& settings;
  std::function<Actor(const Request&)> actor;
};

/// `services` is kept by the routes.
RouteGroup make_restraint_routes(RestraintServices services);

}  // namespace rapport
