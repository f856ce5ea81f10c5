// The HTTP operations of topics and consent.
#pragma once

#include <functional>
#include <string>

#include "access/actor.h"
#include "access/api_key_service.h"
#include "http/route.h"
#include "messaging/permission/consent_service.h"
#include "messaging/permission/topic_service.h"

namespace rapport {

struct PermissionServices {
  TopicService& topics;
  ConsentService& consents;
  const CustomerReader& customers;
  ApiKeyService& keys;
  std::function<Actor(const Request&)> actor;
};

/// `services` is kept by the routes.
RouteGroup make_permission_routes(PermissionServices services);

}  // namespace rapport
