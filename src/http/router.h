// Which route answers a method and a path.
//
// Patterns are segments: literal, {name} for one segment, {name*} as the last one for the rest. A
// literal wins over {name}, {name} over {name*}. Segments are compared after percent-decoding, so
// an escaped slash stays inside its parameter. One trailing slash is ignored. HEAD uses the GET
// route. Built once, then read by any thread; routes keep their address while the Router lives.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/route.h"

namespace rapport {

/// `route` is null when nothing answers; then `allow` lists the methods the path knows (405), or is
/// empty (404).
struct RouteMatch {
  const Route* route = nullptr;
  std::vector<std::pair<std::string, std::string>> parameters;
  std::string allow;
};

class Router {
 public:
  Router();
  ~Router();
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;

  /// Aborts on a malformed pattern, a route without handler, or the same method and path twice.
  void add(RouteGroup group);
  /// `raw_path` is as sent, still escaped, without query.
  RouteMatch find(std::string_view method, std::string_view raw_path) const;

  /// In the order they were added.
  const std::vector<std::unique_ptr<Route>>& routes() const { return routes_; }
  const std::vector<NamedSchema>& schemas() const { return schemas_; }

 private:
  struct Node;
  std::vector<std::unique_ptr<Route>> routes_;
  std::vector<NamedSchema> schemas_;
  std::unique_ptr<Node> root_;
};

}  // namespace rapport
