#include "messaging/permission/restraint_routes.h"

#include <memory>

#include "base/error.h"
#include "base/limits.h"
#include "base/limits/permission.h"
#include "http/json_schema.h"

namespace rapport {
namespace {

/// `address` is null where only its hash is kept.
struct SuppressionBody {
  std::string channel;
  Nullable<std::string> address;
  Nullable<std::string> hash;
  std::string reason;
  std::string source;
  std::string detail;
  Timestamp at;
};
BOOST_DESCRIBE_STRUCT(SuppressionBody, (), (channel, address, hash, reason, source, detail, at))

struct SuppressionInput {
  std::optional<std::string> channel;
  std::string address;
  std::optional<std::string> reason;
  std::optional<std::string> detail;
};
BOOST_DESCRIBE_STRUCT(SuppressionInput, (), (channel, address, reason, detail))

struct SuppressionSelector {
  std::optional<std::string> channel;
  std::string address;
};
BOOST_DESCRIBE_STRUCT(SuppressionSelector, (), (channel, address))

struct RefusedSuppression {
  uint64_t line = 0;
  std::string field;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(RefusedSuppression, (), (line, field, reason))

struct SuppressionImportAnswer {
  uint64_t accepted = 0;
  uint64_t refused = 0;
  std::vector<RefusedSuppression> rows;
};
BOOST_DESCRIBE_STRUCT(SuppressionImportAnswer, (), (accepted, refused, rows))

WorkspaceId workspace_of(const Request& request) {
  return WorkspaceId{request.caller.workspace};
}

SuppressionBody present(const Suppression& s) {
  SuppressionBody body;
  body.channel = s.channel;
  (is_address_hash(s.address) ? body.hash : body.address) = s.address;
  body.reason = s.reason;
  body.source = s.source;
  body.detail = s.detail;
  body.at = s.at;
  return body;
}

Response list_suppressions(const RestraintServices& s, const Request& request) {
  const PageRequest page = parse_page(request);
  auto rows =
      s.suppressions.list(workspace_of(request), request.query_value("channel").value_or(""),
                          request.query_value("query").value_or(""), page.cursor, page.limit + 1);
  Page<SuppressionBody> body;
  if (rows.size() > page.limit) {
    rows.resize(page.limit);
    body.next_cursor = suppression_cursor(rows.back());
  }
  for (const Suppression& row : rows) body.items.push_back(present(row));
  return Response::json(to_json(body));
}

Response add_suppression(const RestraintServices& s, const Request& request) {
  auto input = parse_json<SuppressionInput>(request.body);
  Suppression suppression;
  suppression.channel = input.channel.value_or("email");
  suppression.address = std::move(input.address);
  suppression.reason = input.reason.value_or("manual");
  suppression.detail = input.detail.value_or("");
  suppression.source = request.caller.user != 0 ? "console" : "api";
  return Response::json(
      to_json(present(s.suppressions.add(workspace_of(request), suppression, s.actor(request)))),
      201);
}

Response remove_suppression(const RestraintServices& s, const Request& request) {
  const auto input = parse_json<SuppressionSelector>(request.body);
  s.suppressions.remove(workspace_of(request), input.channel.value_or("email"), input.address,
                        s.actor(request));
  return Response::no_content();
}

Response forget_suppression(const RestraintServices& s, const Request& request) {
  const auto input = parse_json<SuppressionSelector>(request.body);
  s.suppressions.forget(workspace_of(request), input.channel.value_or("email"), input.address,
                        s.actor(request));
  return Response::no_content();
}

Response import_suppressions(const RestraintServices& s, const Request& request) {
  const auto outcome =
      s.suppressions.import_csv(workspace_of(request), request.body, s.actor(request));
  SuppressionImportAnswer answer{outcome.accepted, outcome.refused.size(), {}};
  for (const auto& row : outcome.refused) {
    if (answer.rows.size() == limits::kMaxPage) break;
    answer.rows.push_back({row.line, row.field, row.reason});
  }
  return Response::json(to_json(answer));
}

Response get_settings(const RestraintServices& s, const Request& request) {
  return Response::json(to_json_text(*s.settings.get(workspace_of(request))));
}

Response put_settings(const RestraintServices& s, const Request& request) {
  const PermissionSettings settings = parse_permission_settings(request.body);
  s.settings.put(workspace_of(request), settings, s.actor(request));
  return Response::json(to_json_text(settings));
}

using RestraintHandler = Response (*)(const RestraintServices&, const Request&);

}  // namespace

RouteGroup make_restraint_routes(RestraintServices services) {
  const auto shared = std::make_shared<const RestraintServices>(std::move(services));
  RouteGroup group;
  const auto add = [&](std::string method, std::string pattern, Permission permission,
                       std::string operation, std::string summary,
                       RestraintHandler handler) -> Route& {
    Route route;
    route.method = std::move(method);
    route.pattern = std::move(pattern);
    route.permission = permission;
    route.operation_id = std::move(operation);
    route.summary = std::move(summary);
    route.tag = "permission";
    route.handler = [shared, handler](const Request& request) { return handler(*shared, request); };
    group.routes.push_back(std::move(route));
    return group.routes.back();
  };
  using P = Permission;
  Route* route = &add("GET", "/api/v1/suppressions", P::kCampaignsRead, "listSuppressions",
                      "Addresses that are not written to", list_suppressions);
  route->response_schema = "SuppressionPage";
  route->query =
      page_parameters({{"channel", "only of this channel"}, {"query", "beginning of an address"}});
  route = &add("POST", "/api/v1/suppressions", P::kConsentWrite, "addSuppression",
               "Suppress an address", add_suppression);
  route->request_schema = "SuppressionInput";
  route->response_schema = "Suppression";
  route->success_status = 201;
  route = &add("POST", "/api/v1/suppressions/remove", P::kCampaignsWrite, "removeSuppression",
               "Lift a suppression", remove_suppression);
  route->request_schema = "SuppressionSelector";
  route->success_status = 204;
  route = &add("POST", "/api/v1/suppressions/forget", P::kCampaignsWrite, "forgetSuppression",
               "Keep a keyed hash in place of a suppressed address", forget_suppression);
  route->request_schema = "SuppressionSelector";
  route->success_status = 204;
  route = &add("POST", "/api/v1/suppressions/import", P::kCampaignsWrite, "importSuppressions",
               "Suppress addresses from CSV", import_suppressions);
  route->response_schema = "SuppressionImportAnswer";
  route->max_body_bytes = limits::kMaxConsentImportBytes;
  route = &add("GET", "/api/v1/settings/permission", P::kSettingsRead, "getPermissionSettings",
               "Caps, quiet hours and how long messages are held", get_settings);
  route->response_schema = "PermissionSettings";
  route = &add("PUT", "/api/v1/settings/permission", P::kSettingsWrite, "putPermissionSettings",
               "Change them, for the next message on", put_settings);
  route->request_schema = "PermissionSettings";
  route->response_schema = "PermissionSettings";
  group.schemas = {named_schema<Page<SuppressionBody>>("SuppressionPage"),
                   named_schema<SuppressionBody>("Suppression"),
                   named_schema<SuppressionInput>("SuppressionInput"),
                   named_schema<SuppressionSelector>("SuppressionSelector"),
                   named_schema<SuppressionImportAnswer>("SuppressionImportAnswer"),
                   {"PermissionSettings", permission_settings_schema()}};
  return group;
}

}  // namespace rapport
