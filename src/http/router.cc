#include "http/router.h"

#include <fmt/format.h>

#include <map>
#include <optional>

#include "base/error.h"
#include "base/text.h"

namespace rapport {

struct Router::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literal;
  std::unique_ptr<Node> one;                                              // {name}
  std::unique_ptr<Node> rest;                                             // {name*}
  std::vector<std::pair<const Route*, std::vector<std::string>>> routes;  // with parameter names
};

namespace {

/// The segments of a path without its leading and one trailing slash; "/" has none.
std::vector<std::string_view> segments(std::string_view path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  if (path.ends_with('/')) path.remove_suffix(1);
  if (path.empty()) return {};
  return split(path, '/');
}

}  // namespace

Router::Router() : root_(std::make_unique<Node>()) {}
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

void Router::add(RouteGroup group) {
  for (NamedSchema& schema : group.schemas) schemas_.push_back(std::move(schema));
  for (Route& given : group.routes) {
    auto route = std::make_unique<Route>(std::move(given));
    ASSERT(route->pattern.starts_with('/') && !route->method.empty());
    ASSERT((route->handler == nullptr) != (route->async_handler == nullptr));
    Node* node = root_.get();
    std::vector<std::string> names;
    bool ended = false;
    for (const std::string_view segment : segments(route->pattern)) {
      ASSERT(!ended && !segment.empty());
      std::unique_ptr<Node>* next = nullptr;
      if (segment.front() == '{') {
        ASSERT(segment.size() > 2 && segment.back() == '}');
        std::string_view name = segment.substr(1, segment.size() - 2);
        ended = name.ends_with('*');
        if (ended) name.remove_suffix(1);
        names.emplace_back(name);
        next = ended ? &node->rest : &node->one;
      } else {
        next = &node->literal[std::string(segment)];
      }
      if (!*next) *next = std::make_unique<Node>();
      node = next->get();
    }
    for (const auto& other : node->routes) ASSERT(other.first->method != route->method);
    node->routes.emplace_back(route.get(), std::move(names));
    routes_.push_back(std::move(route));
  }
}

namespace {

/// One walk through the tree; backtracks from literal to {name} to {name*}.
template <class Node>
struct Walk {
  const std::vector<std::string>& path;
  std::string_view method;
  std::vector<std::string> values;
  RouteMatch match;
  std::vector<std::string> allowed;

  bool accept(const Node& node) {
    const std::pair<const Route*, std::vector<std::string>>* chosen = nullptr;
    for (const auto& entry : node.routes) {
      if (entry.first->method == method) chosen = &entry;
      if (!chosen && method == "HEAD" && entry.first->method == "GET") chosen = &entry;
      allowed.push_back(entry.first->method);
    }
    if (!chosen) return false;
    match.route = chosen->first;
    for (size_t i = 0; i < values.size(); ++i) {
      match.parameters.emplace_back(chosen->second[i], std::move(values[i]));
    }
    return true;
  }

  bool visit(const Node& node, size_t at) {
    if (at == path.size()) return !node.routes.empty() && accept(node);
    const auto literal = node.literal.find(path[at]);
    if (literal != node.literal.end() && visit(*literal->second, at + 1)) return true;
    if (node.one && !path[at].empty()) {
      values.push_back(path[at]);
      if (visit(*node.one, at + 1)) return true;
      values.pop_back();
    }
    if (node.rest) {
      std::string rest = path[at];
      for (size_t i = at + 1; i < path.size(); ++i) rest += "/" + path[i];
      values.push_back(std::move(rest));
      if (accept(*node.rest)) return true;
      values.pop_back();
    }
    return false;
  }
};

}  // namespace

RouteMatch Router::find(std::string_view method, std::string_view raw_path) const {
  std::vector<std::string> path;
  for (const std::string_view segment : segments(raw_path)) {
    auto decoded = percent_decode(segment, false);
    if (!decoded) return {};
    path.push_back(std::move(*decoded));
  }
  Walk<Node> walk{path, method, {}, {}, {}};
  if (walk.visit(*root_, 0)) return std::move(walk.match);
  std::string allow;
  bool get = false;
  bool options = false;
  for (const std::string& name : walk.allowed) {
    get = get || name == "GET";
    options = options || name == "OPTIONS";
    if (fmt::format(", {},", allow).find(fmt::format(", {},", name)) != std::string::npos) continue;
    allow += (allow.empty() ? "" : ", ") + name;
  }
  if (get) allow += ", HEAD";
  if (!allow.empty() && !options) allow += ", OPTIONS";
  return {nullptr, {}, std::move(allow)};
}

}  // namespace rapport
