// Routes of journeys: the draft, its check, its versions, export and import.
#pragma once

#include <functional>

#include "access/actor.h"
#include "http/route.h"
#include "journeys/journey_service.h"

namespace rapport {

struct JourneyRouteServices {
  JourneyService& journeys;
  std::function<Actor(const Request&)> actor;
};

RouteGroup make_journey_routes(JourneyRouteServices services);

}  // namespace rapport
