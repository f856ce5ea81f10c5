// The HTTP operations on customers, their events, and rejected events.
#pragma once

#include "customers/customer_reader.h"
#include "http/route.h"

namespace rapport {

RouteGroup make_customer_routes(const CustomerReader& reader);

/// The short form that lists of other modules show: {"id","traits","email"?}.
std::string customer_summary_json(const Customer& customer);

}  // namespace rapport
