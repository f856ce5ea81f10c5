#include "app/console_routes.h"

#include <filesystem>
#include <memory>

#include "base/error.h"
#include "base/text.h"
#include "http/json_schema.h"
#include "runtime/zoneinfo.h"

namespace rapport {
namespace {

struct FiguresBody {
  int64_t active_customers = 0;
  int64_t new_customers = 0;
  int64_t events = 0;
  std::string revenue;
  int64_t sent = 0;
  int64_t opened = 0;
  int64_t clicked = 0;
};
BOOST_DESCRIBE_STRUCT(FiguresBody, (),
                      (active_customers, new_customers, events, revenue, sent, opened, clicked))

struct DayBody {
  std::string date;
  FiguresBody figures;
};
BOOST_DESCRIBE_STRUCT(DayBody, (), (date, figures))

struct ActivityBody {
  std::string currency;
  std::string time_zone;
  FiguresBody current;
  FiguresBody previous;
  std::vector<DayBody> days;
  std::vector<DayBody> previous_days;
};
BOOST_DESCRIBE_STRUCT(ActivityBody, (),
                      (currency, time_zone, current, previous, days, previous_days))

struct StoredBody {
  std::string name;
  int64_t bytes = 0;
};
BOOST_DESCRIBE_STRUCT(StoredBody, (), (name, bytes))

struct SystemBody {
  std::string version;
  std::string status;
  Timestamp started_at;
  uint64_t log_end = 0;
  uint64_t applied = 0;
  int64_t messages_in_flight = 0;
  int64_t resident_bytes = 0;
  std::string public_url;
  std::vector<StoredBody> storage;
};
BOOST_DESCRIBE_STRUCT(SystemBody, (),
                      (version, status, started_at, log_end, applied, messages_in_flight,
                       resident_bytes, public_url, storage))

constexpr int64_t kDefaultDays = 28;

FiguresBody present(const ActivityFigures& f) {
  return {f.active_customers, f.new_customers, f.events, f.revenue, f.sent, f.opened, f.clicked};
}

std::vector<DayBody> present(const std::vector<ActivityDay>& days) {
  std::vector<DayBody> out;
  for (const ActivityDay& day : days) out.push_back({day.date, present(day.figures)});
  return out;
}

Response activity(const ConsoleSources& sources, const Request& request) {
  int64_t days = kDefaultDays;
  if (const auto text = request.query_value("days"); text && !text->empty()) {
    const auto number = parse_int(*text);
    if (!number) throw Error::invalid("days", "must be a whole number");
    days = *number;
  }
  const Workspace workspace = sources.workspaces.get(WorkspaceId{request.caller.workspace});
  const Activity found = sources.activity.read(
      workspace.id, days, load_time_zone(workspace.time_zone), workspace.currency);
  return Response::json(to_json(ActivityBody{workspace.currency, workspace.time_zone,
                                             present(found.current), present(found.previous),
                                             present(found.days), present(found.previous_days)}));
}

Response show_system(const ConsoleSources& sources, const Request&) {
  const SystemFigures f = sources.system();
  SystemBody body{f.version,        f.status,     f.started_at,
                  f.log_end,        f.applied,    f.messages_in_flight,
                  f.resident_bytes, f.public_url, {}};
  for (const StoredPart& part : f.storage) body.storage.push_back({part.name, part.bytes});
  return Response::json(to_json(body));
}

Route get_route(std::string pattern, Permission permission, std::string operation,
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

int64_t stored_bytes(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code failed;
  if (fs::is_regular_file(path, failed)) {
    int64_t total = 0;
    for (const std::string& file : {path, path + "-wal"}) {
      const auto size = fs::file_size(file, failed);
      if (!failed) total += static_cast<int64_t>(size);
    }
    return total;
  }
  int64_t total = 0;
  // Files come and go while the stores work: what vanished counts nothing.
  for (fs::recursive_directory_iterator it(path, failed), end; !failed && it != end;
       it.increment(failed)) {
    std::error_code gone;
    const auto size = it->is_regular_file(gone) ? it->file_size(gone) : 0;
    if (!gone) total += static_cast<int64_t>(size);
  }
  return total;
}

RouteGroup make_console_routes(ConsoleSources given) {
  const auto sources = std::make_shared<const ConsoleSources>(std::move(given));
  RouteGroup group;
  group.schemas = {named_schema<ActivityBody>("Activity"), named_schema<SystemBody>("System")};
  Route by_day =
      get_route("/api/v1/overview/activity", Permission::kCustomersRead, "getActivity",
                "What happened day by day, beside the span before", "Activity",
                [sources](const Request& request) { return activity(*sources, request); });
  by_day.query = {{"days", "1 to 92 days up to today; 28 when absent", "integer"}};
  group.routes = {
      std::move(by_day),
      get_route("/api/v1/system", Permission::kOperations, "getSystem",
                "The installation: version, health, log and storage", "System",
                [sources](const Request& request) { return show_system(*sources, request); })};
  return group;
}

}  // namespace rapport
