#include "journeys/journey_routes.h"

#include <charconv>
#include <memory>

#include "base/error.h"
#include "base/limits/journeys.h"
#include "http/json_schema.h"

namespace rapport {
namespace {

constexpr std::string_view kExportFormat = "rapport-journey-1";

struct JourneyInput {
  RawJson document;
};
BOOST_DESCRIBE_STRUCT(JourneyInput, (), (document))

/// `revision`: refuse when the draft was saved since that one was read.
struct JourneyChange {
  RawJson document;
  std::optional<uint64_t> revision;
};
BOOST_DESCRIBE_STRUCT(JourneyChange, (), (document, revision))

struct FormatWords {
  static std::vector<std::string_view> words() { return {kExportFormat}; }
};
struct JourneyFile {
  OneOf<FormatWords> format;
  RawJson document;
};
BOOST_DESCRIBE_STRUCT(JourneyFile, (), (format, document))

struct EntryWords {
  static std::vector<std::string_view> words() { return {"event", "segment", "api"}; }
};
/// `version` is the last that was kept.
struct SummaryView {
  std::string id;
  std::string name;
  OneOf<EntryWords> entry;
  uint64_t steps = 0;
  uint64_t revision = 0;
  Nullable<uint64_t> version;
  Timestamp created_at;
  Timestamp updated_at;
};
BOOST_DESCRIBE_STRUCT(SummaryView, (),
                      (id, name, entry, steps, revision, version, created_at, updated_at))

struct JourneyView : SummaryView {
  RawJson document;
};
BOOST_DESCRIBE_STRUCT(JourneyView, (SummaryView), (document))

struct SeverityWords {
  static std::vector<std::string_view> words() { return {"error", "warning"}; }
};
struct FaultView {
  std::string step;
  std::string member;
  OneOf<SeverityWords> severity;
  std::string code;
  std::string message;
};
BOOST_DESCRIBE_STRUCT(FaultView, (), (step, member, severity, code, message))

/// Whether it could run, which warnings do not hinder, and of which revision that is said.
struct CheckView {
  bool ok = false;
  uint64_t revision = 0;
  std::vector<FaultView> faults;
};
BOOST_DESCRIBE_STRUCT(CheckView, (), (ok, revision, faults))

struct VersionView {
  uint64_t version = 0;
  Timestamp kept_at;
  std::string kept_by;
};
BOOST_DESCRIBE_STRUCT(VersionView, (), (version, kept_at, kept_by))

struct WholeVersionView : VersionView {
  RawJson document;
};
BOOST_DESCRIBE_STRUCT(WholeVersionView, (VersionView), (document))

WorkspaceId workspace_of(const Request& request) {
  ENSURE(request.caller.workspace != 0);
  return WorkspaceId{request.caller.workspace};
}

JourneyId journey_id(const Request& request) {
  const auto id = parse_id<JourneyTag>(request.parameter("id"));
  if (!id) throw Error::not_found("journey");
  return *id;
}

std::optional<uint32_t> whole_number(std::string_view text) {
  uint32_t number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

void put_summary(SummaryView& out, const JourneySummary& journey) {
  out.id = to_public(journey.id);
  out.name = journey.name;
  out.entry = std::string_view(journey.entry);
  out.steps = journey.steps;
  out.revision = journey.revision;
  if (journey.version > 0) out.version.emplace(journey.version);
  out.created_at = journey.created_at;
  out.updated_at = journey.updated_at;
}

JourneyView view(const Journey& journey) {
  JourneyView out;
  put_summary(out, journey);
  out.document.text = to_json(journey.document);
  return out;
}

WholeVersionView view(JourneyVersion version) {
  WholeVersionView out;
  out.version = version.number;
  out.kept_at = version.kept_at;
  out.kept_by = std::move(version.kept_by);
  out.document.text = std::move(version.document);
  return out;
}

Response create_journey(const JourneyRouteServices& s, const Request& request) {
  const auto body = parse_json<JourneyInput>(request.body);
  const Journey journey =
      s.journeys.create(workspace_of(request), parse_journey(body.document.text), s.actor(request));
  return Response::json(to_json(view(journey)), 201);
}

Response list_journeys(const JourneyRouteServices& s, const Request& request) {
  const PageRequest page = parse_page(request);
  JourneyId before{INT64_MAX};
  if (!page.cursor.empty()) {
    const auto id = parse_id<JourneyTag>(page.cursor);
    if (!id) throw Error::invalid("cursor", "is not one that this list gave");
    before = *id;
  }
  Page<SummaryView> out;
  for (const JourneySummary& one : s.journeys.list(workspace_of(request), before, page.limit + 1)) {
    if (out.items.size() == page.limit) {
      out.next_cursor.emplace(out.items.back().id);
      break;
    }
    put_summary(out.items.emplace_back(), one);
  }
  return Response::json(to_json(out));
}

Response get_journey(const JourneyRouteServices& s, const Request& request) {
  return Response::json(to_json(view(s.journeys.get(workspace_of(request), journey_id(request)))));
}

Response update_journey(const JourneyRouteServices& s, const Request& request) {
  const JourneyId id = journey_id(request);
  const auto body = parse_json<JourneyChange>(request.body);
  return Response::json(
      to_json(view(s.journeys.update(workspace_of(request), id, parse_journey(body.document.text),
                                     body.revision, s.actor(request)))));
}

Response remove_journey(const JourneyRouteServices& s, const Request& request) {
  s.journeys.remove(workspace_of(request), journey_id(request), s.actor(request));
  return Response::no_content();
}

Response check_draft(const JourneyRouteServices& s, const Request& request) {
  const Journey journey = s.journeys.get(workspace_of(request), journey_id(request));
  CheckView out;
  const auto faults = s.journeys.check(journey);
  out.ok = !has_error(faults);
  out.revision = journey.revision;
  for (const JourneyFault& fault : faults) {
    FaultView& one = out.faults.emplace_back();
    one.step = fault.step;
    one.member = fault.member;
    one.severity = std::string_view(is_error(fault.code) ? "error" : "warning");
    one.code = name_of(fault.code);
    one.message = fault.message;
  }
  return Response::json(to_json(out));
}

Response keep_version(const JourneyRouteServices& s, const Request& request) {
  return Response::json(to_json(view(s.journeys.keep_version(
                            workspace_of(request), journey_id(request), s.actor(request)))),
                        201);
}

Response list_versions(const JourneyRouteServices& s, const Request& request) {
  const PageRequest page = parse_page(request);
  uint32_t before = UINT32_MAX;
  if (!page.cursor.empty()) {
    const auto number = whole_number(page.cursor);
    if (!number) throw Error::invalid("cursor", "is not one that this list gave");
    before = *number;
  }
  Page<VersionView> out;
  for (JourneyVersion& one : s.journeys.list_versions(workspace_of(request), journey_id(request),
                                                      before, page.limit + 1)) {
    if (out.items.size() == page.limit) {
      out.next_cursor.emplace(std::to_string(out.items.back().version));
      break;
    }
    out.items.push_back({one.number, one.kept_at, std::move(one.kept_by)});
  }
  return Response::json(to_json(out));
}

Response get_version(const JourneyRouteServices& s, const Request& request) {
  const auto number = whole_number(request.parameter("version"));
  if (!number) throw Error::not_found("journey version");
  return Response::json(
      to_json(view(s.journeys.get_version(workspace_of(request), journey_id(request), *number))));
}

Response export_journey(const JourneyRouteServices& s, const Request& request) {
  const Journey journey = s.journeys.get(workspace_of(request), journey_id(request));
  JourneyFile out;
  out.format = kExportFormat;
  out.document.text = to_json(journey.document);
  return Response::json(to_json(out));
}

Response import_journey(const JourneyRouteServices& s, const Request& request) {
  const auto body = parse_json<JourneyFile>(request.body);
  const Journey journey =
      s.journeys.create(workspace_of(request), parse_journey(body.document.text), s.actor(request));
  return Response::json(to_json(view(journey)), 201);
}

Response document_schema(const JourneyRouteServices&, const Request&) {
  std::string schema = journey_schema("#/$defs/Condition", "#/$defs/PropertyTest");
  schema.insert(1, R"("$schema":"https://json-schema.org/draft/2020-12/schema",)"
                   R"("title":"The document of a journey","$defs":{"Condition":)" +
                       condition_schema("#/$defs/Condition", "#/$defs/PropertyTest") +
                       R"(,"PropertyTest":)" + property_test_schema() + "},");
  Response response = Response::json(std::move(schema));
  response.content_type = "application/schema+json";
  return response;
}

/// Says what a `document` member is, where the struct only knows that it is JSON.
NamedSchema with_document(NamedSchema schema) {
  constexpr std::string_view kAny = R"("document":{})";
  const size_t at = schema.json.find(kAny);
  ENSURE(at != std::string::npos);
  schema.json.replace(at, kAny.size(),
                      R"("document":{"$ref":"#/components/schemas/JourneyDocument"})");
  return schema;
}

using Handler = Response (*)(const JourneyRouteServices&, const Request&);

struct Operation {
  std::string_view method;
  std::string_view path;  // below /api/v1/journeys
  Permission permission;
  std::string_view id;
  std::string_view summary;
  Handler handler;
  std::string_view request;
  std::string_view response;
  int status = 200;
};

constexpr auto kRead = Permission::kCampaignsRead;
constexpr auto kWrite = Permission::kCampaignsWrite;

constexpr Operation kOperations[]{
    {"POST", "", kWrite, "createJourney", "Draw a journey", create_journey, "JourneyInput",
     "Journey", 201},
    {"GET", "", kRead, "listJourneys", "Journeys, newest first", list_journeys, "", "JourneyPage"},
    {"GET", "/schema", kRead, "getJourneySchema", "JSON Schema of a journey's document",
     document_schema, "", "JsonSchema"},
    {"POST", "/import", kWrite, "importJourney", "A new journey of an exported one", import_journey,
     "JourneyFile", "Journey", 201},
    {"GET", "/{id}", kRead, "getJourney", "One journey with its draft", get_journey, "", "Journey"},
    {"PUT", "/{id}", kWrite, "updateJourney", "Replace the draft", update_journey, "JourneyChange",
     "Journey"},
    {"DELETE", "/{id}", kWrite, "removeJourney", "Remove a journey and its versions",
     remove_journey, "", "", 204},
    {"GET", "/{id}/check", kRead, "checkJourney", "What hinders the draft from running",
     check_draft, "", "JourneyCheck"},
    {"GET", "/{id}/export", kRead, "exportJourney", "The draft as a file to import elsewhere",
     export_journey, "", "JourneyFile"},
    {"POST", "/{id}/versions", kWrite, "keepJourneyVersion",
     "Keep the draft as a version that never changes", keep_version, "", "JourneyVersion", 201},
    {"GET", "/{id}/versions", kRead, "listJourneyVersions", "Versions kept, newest first",
     list_versions, "", "JourneyVersionPage"},
    {"GET", "/{id}/versions/{version}", kRead, "getJourneyVersion", "One version as it was kept",
     get_version, "", "JourneyVersion"},
};

}  // namespace

RouteGroup make_journey_routes(JourneyRouteServices services) {
  const auto shared = std::make_shared<const JourneyRouteServices>(std::move(services));
  RouteGroup group;
  for (const Operation& operation : kOperations) {
    Route route;
    route.method = operation.method;
    route.pattern = "/api/v1/journeys" + std::string(operation.path);
    route.permission = operation.permission;
    route.operation_id = operation.id;
    route.summary = operation.summary;
    route.tag = "journeys";
    route.request_schema = operation.request;
    route.response_schema = operation.response;
    route.success_status = operation.status;
    if (operation.response.ends_with("Page")) route.query = page_parameters();
    route.handler = [shared, handler = operation.handler](const Request& request) {
      return handler(*shared, request);
    };
    group.routes.push_back(std::move(route));
  }
  group.schemas = {{"JourneyDocument", journey_schema("#/components/schemas/Condition",
                                                      "#/components/schemas/PropertyTest")},
                   with_document(named_schema<JourneyInput>("JourneyInput")),
                   with_document(named_schema<JourneyChange>("JourneyChange")),
                   with_document(named_schema<JourneyFile>("JourneyFile")),
                   with_document(named_schema<JourneyView>("Journey")),
                   named_schema<Page<SummaryView>>("JourneyPage"),
                   named_schema<CheckView>("JourneyCheck"),
                   named_schema<Page<VersionView>>("JourneyVersionPage"),
                   with_document(named_schema<WholeVersionView>("JourneyVersion"))};
  return group;
}

}  // namespace rapport
