// RouteBuilder: makes a group of routes whose handlers are plain functions of one copy of their
// services. Used while a program is put together; the routes made keep the services.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "http/route.h"

namespace rapport {

template <class Services>
class RouteBuilder {
 public:
  using Handler = Response (*)(const Services&, const Request&);

  /// `tag` groups the routes in the API document.
  RouteBuilder(Services services, std::string tag)
      : services_(std::make_shared<const Services>(std::move(services))), tag_(std::move(tag)) {}

  /// The route, to be completed; valid until the next call.
  Route& add(std::string method, std::string pattern, Permission permission, std::string operation,
             std::string summary, Handler handler) {
    Route& route = group_.routes.emplace_back();
    route.method = std::move(method);
    route.pattern = std::move(pattern);
    route.permission = permission;
    route.operation_id = std::move(operation);
    route.summary = std::move(summary);
    route.tag = tag_;
    route.handler = [services = services_, handler](const Request& request) {
      return handler(*services, request);
    };
    return route;
  }

  RouteGroup take(std::vector<NamedSchema> schemas) {
    group_.schemas = std::move(schemas);
    return std::move(group_);
  }

 private:
  std::shared_ptr<const Services> services_;
  std::string tag_;
  RouteGroup group_;
};

}  // namespace rapport
