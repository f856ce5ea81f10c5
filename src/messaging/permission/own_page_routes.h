// The customer's own pages by signed links: preferences, data, confirmations. No login, no scripts;
// GET changes nothing, POST answers after the change is durable.
#pragma once

#include "http/route.h"
#include "messaging/permission/own_page_service.h"

namespace rapport {

RouteGroup make_own_page_routes(OwnPageService& service);

/// An HTML answer of an own page: never cached, never referred from, no scripts.
Response own_page_response(std::string html, int status = 200);
/// What the request tells of the visit.
PageVisit page_visit(const Request& request);

}  // namespace rapport
