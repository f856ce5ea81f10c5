#include "app/operations_routes.h"

#include "http/json_schema.h"

namespace rapport {
namespace {

struct MessageFigures {
  int64_t sent = 0;
  int64_t opened = 0;
  int64_t clicked = 0;
  int64_t unsubscribed = 0;
};
BOOST_DESCRIBE_STRUCT(MessageFigures, (), (sent, opened, clicked, unsubscribed))

struct OverviewBody {
  int64_t customers = 0;
  int64_t events = 0;
  int64_t segments = 0;
  int64_t campaigns = 0;
  MessageFigures messages;
  uint64_t log_end = 0;
  uint64_t applied = 0;
};
BOOST_DESCRIBE_STRUCT(OverviewBody, (),
                      (customers, events, segments, campaigns, messages, log_end, applied))

struct StatusBody {
  std::string status;
};
BOOST_DESCRIBE_STRUCT(StatusBody, (), (status))

Route plain_route(std::string pattern, Permission permission, std::string operation,
                  std::string summary, std::string schema, Handler handler) {
  Route route;
  route.method = "GET";
  route.pattern = std::move(pattern);
  route.permission = permission;
  route.operation_id = std::move(operation);
  route.summary = std::move(summary);
  route.tag = "operations";
  route.response_schema = std::move(schema);
  route.handler = std::move(handler);
  return route;
}

}  // namespace

std::string overview_json(const OverviewFigures& f) {
  return to_json(OverviewBody{f.customers,
                              f.events,
                              f.segments,
                              f.campaigns,
                              {f.sent, f.opened, f.clicked, f.unsubscribed},
                              f.log_end,
                              f.applied});
}

RouteGroup make_operations_routes(OperationsSources sources) {
  const auto shared = std::make_shared<OperationsSources>(std::move(sources));
  RouteGroup group;
  group.schemas = {named_schema<OverviewBody>("Overview"), named_schema<StatusBody>("Status")};
  group.routes = {
      plain_route("/healthz", Permission::kPublic, "getHealth", "The program runs", "Status",
                  [](const Request&) { return Response::json(R"({"status":"ok"})"); }),
      plain_route("/readyz", Permission::kPublic, "getReadiness",
                  "200 when requests are served, 503 while starting or stopping", "Status",
                  [shared](const Request&) {
                    const std::string status = shared->readiness();
                    return Response::json(to_json(StatusBody{status}),
                                          status == "ready" ? 200 : 503);
                  }),
      plain_route("/metrics", Permission::kOperations, "getMetrics",
                  "Figures of the program for Prometheus", "",
                  [shared](const Request&) {
                    Response response;
                    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
                    response.body = shared->metrics.render();
                    return response;
                  }),
      plain_route("/api/openapi.json", Permission::kPublic, "getOpenApi",
                  "This description of the API", "",
                  [shared](const Request&) { return Response::json(*shared->openapi); }),
      plain_route("/api/v1/overview", Permission::kCustomersRead, "getOverview",
                  "The figures of the home page", "Overview",
                  [shared](const Request& request) {
                    return Response::json(
                        overview_json(shared->overview(request.caller.workspace)));
                  }),
  };
  return group;
}

}  // namespace rapport
