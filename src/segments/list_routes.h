// The HTTP operations of lists. Blocking handlers.
#pragma once

#include "http/route.h"
#include "segments/list_service.h"

namespace rapport {

/// `service` must outlive the routes.
RouteGroup make_list_routes(ListService& service);

}  // namespace rapport
