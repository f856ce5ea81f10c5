// Vocabulary over HTTP: /api/v1/vocabulary/{traits,events,properties,values}.
#pragma once

#include "customers/vocabulary.h"
#include "http/route.h"

namespace rapport {

/// `vocabulary` must outlive the routes.
RouteGroup make_vocabulary_routes(const Vocabulary& vocabulary);

}  // namespace rapport
