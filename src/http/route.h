// The route table: what the program answers, who may ask, and what the OpenAPI document says of it.
//
// A module builds its routes in `<module>_routes.cc` and app/ adds them to one Router. A blocking
// handler runs on the blocking pool and may use stores; an async handler runs on the connection's
// io thread, must not block, and answers through the sender. Errors thrown by either become
// RFC 9457 problems.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/limits.h"
#include "base/permission.h"
#include "http/message.h"

namespace rapport {

using Handler = std::function<Response(const Request&)>;
using AsyncHandler = std::function<void(std::shared_ptr<Request>, ResponseSender)>;
using RefusalHandler = std::function<Response(const Request&, const Error&)>;

/// One query parameter as documented and checked before the handler runs.
struct QueryParameter {
  std::string name;
  std::string description;
  std::string type = "string";  // string, integer, boolean
  bool required = false;
};

struct Route {
  std::string method;   // "GET", "POST", "PUT", "DELETE"
  std::string pattern;  // "/api/v1/customers/{id}/events"; a last segment {name*} takes the rest
  Permission permission = Permission::kSignedIn;
  std::string operation_id;  // "listCustomerEvents"; empty: not in the OpenAPI document
  std::string summary;
  std::string tag;  // "customers"
  std::vector<QueryParameter> query;
  std::string request_schema;   // name of a schema, empty: no body
  std::string response_schema;  // name of a schema, empty: no JSON answer
  int success_status = 200;
  size_t max_body_bytes = limits::kMaxApiBodyBytes;
  Handler handler;  // exactly one of the two
  AsyncHandler async_handler;
  /// How an error outside the handler (body too large, not allowed, busy) is answered; absent: as a
  /// problem.
  RefusalHandler refusal_handler;
};

/// Named JSON Schemas (JSON text) that routes refer to; see http/json_schema.h for how they are
/// made.
struct NamedSchema {
  std::string name;
  std::string json;
};

struct RouteGroup {
  std::vector<Route> routes;
  std::vector<NamedSchema> schemas;
};

}  // namespace rapport
