// What the route files of deliverability share: building a group around one copy of the services.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "messaging/delivery/deliverability_routes.h"

namespace rapport {

using DeliverabilityHandler = Response (*)(const DeliverabilityServices&, const Request&);

class DeliverabilityRoutes {
 public:
  explicit DeliverabilityRoutes(DeliverabilityServices services)
      : services_(std::make_shared<DeliverabilityServices>(std::move(services))) {}

  Route& add(std::string method, std::string pattern, Permission permission, std::string operation,
             std::string summary, DeliverabilityHandler handler) {
    Route route;
    route.method = std::move(method);
    route.pattern = std::move(pattern);
    route.permission = permission;
    route.operation_id = std::move(operation);
    route.summary = std::move(summary);
    route.tag = "deliverability";
    route.handler = [services = services_, handler](const Request& request) {
      return handler(*services, request);
    };
    group_.routes.push_back(std::move(route));
    return group_.routes.back();
  }
  RouteGroup take(std::vector<NamedSchema> schemas) {
    group_.schemas = std::move(schemas);
    return std::move(group_);
  }

 private:
  std::shared_ptr<const DeliverabilityServices> services_;
  RouteGroup group_;
};

inline WorkspaceId workspace_of(const Request& request) {
  return WorkspaceId{request.caller.workspace};
}

}  // namespace rapport
