// The tracking API's paths, its settings endpoint and its preflights.
#pragma once

#include <string>

#include "customers/collect_service.h"
#include "http/route.h"

namespace rapport {

/// `public_url` ("https://host[:port]") is what browsers are told to send to; empty: the Host
/// header.
RouteGroup make_collect_routes(CollectService& service, std::string public_url);

}  // namespace rapport
