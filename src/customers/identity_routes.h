// The HTTP operations on a workspace's identity rules.
#pragma once

#include <functional>

#include "access/actor.h"
#include "customers/identity_service.h"
#include "http/route.h"

namespace rapport {

RouteGroup make_identity_routes(IdentityService& service,
                                std::function<Actor(const Request&)> actor);

}  // namespace rapport
