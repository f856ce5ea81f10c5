#include "customers/identity_routes.h"

#include "http/json_schema.h"

namespace rapport {
namespace {

struct KindBody {
  std::string kind;
  uint64_t limit = 5;
};
BOOST_DESCRIBE_STRUCT(KindBody, (), (kind, limit))

struct BlockedBody {
  std::string value;
  std::optional<std::string> kind;
};
BOOST_DESCRIBE_STRUCT(BlockedBody, (), (value, kind))

/// `kinds` in the order of priority, strongest first.
struct IdentityRulesBody {
  std::vector<KindBody> kinds;
  uint64_t default_limit = 5;
  std::vector<BlockedBody> blocked;
};
BOOST_DESCRIBE_STRUCT(IdentityRulesBody, (), (kinds, default_limit, blocked))

Response present(const IdentityRules& rules) {
  IdentityRulesBody body;
  body.default_limit = rules.default_limit();
  for (const auto& kind : rules.kinds()) body.kinds.push_back({kind.kind, kind.limit});
  for (const auto& value : rules.blocked()) {
    BlockedBody blocked{value.value, {}};
    if (!value.kind.empty()) blocked.kind = value.kind;
    body.blocked.push_back(std::move(blocked));
  }
  return Response::json(to_json(body));
}

IdentityRules parse_rules(const Request& request) {
  const auto body = parse_json<IdentityRulesBody>(request.body);
  std::vector<IdentityRules::Kind> kinds;
  for (const KindBody& kind : body.kinds) kinds.push_back({kind.kind, kind.limit});
  std::vector<IdentityRules::Blocked> blocked;
  for (const BlockedBody& value : body.blocked) {
    blocked.push_back({value.value, value.kind.value_or("")});
  }
  return {std::move(kinds), body.default_limit, std::move(blocked)};
}

}  // namespace

RouteGroup make_identity_routes(IdentityService& service,
                                std::function<Actor(const Request&)> actor) {
  RouteGroup group;
  group.schemas = {named_schema<IdentityRulesBody>("IdentityRules")};
  Route get;
  get.method = "GET";
  get.pattern = "/api/v1/identity/rules";
  get.permission = Permission::kSettingsRead;
  get.operation_id = "getIdentityRules";
  get.summary = "Limits, priorities and blocked values of identifiers";
  get.tag = "customers";
  get.response_schema = "IdentityRules";
  get.handler = [&service](const Request& request) {
    return present(service.get(WorkspaceId{request.caller.workspace}));
  };
  Route put = get;
  put.method = "PUT";
  put.permission = Permission::kSettingsWrite;
  put.operation_id = "putIdentityRules";
  put.summary = "Change them for the events that follow";
  put.request_schema = "IdentityRules";
  put.handler = [&service, actor](const Request& request) {
    const IdentityRules rules = parse_rules(request);
    service.put(WorkspaceId{request.caller.workspace}, rules, actor(request));
    return present(rules);
  };
  group.routes = {std::move(get), std::move(put)};
  return group;
}

}  // namespace rapport
