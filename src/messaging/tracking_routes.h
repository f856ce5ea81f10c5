// The public links in messages: open pixel, click redirect, unsubscribe page and one-click POST.
#pragma once

#include "http/route.h"
#include "messaging/tracking_service.h"

namespace rapport {

RouteGroup make_tracking_routes(TrackingService& service);

}  // namespace rapport
