// The HTTP operations of this module: session, password, users, API keys, workspace, audit trail.
//
// Handlers block (they use the control store and Argon2id), so they run on the blocking pool.
#pragma once

#include "access/access_services.h"
#include "http/route.h"

namespace rapport {

/// `services` must outlive the routes.
RouteGroup make_access_routes(AccessServices& services);

}  // namespace rapport
