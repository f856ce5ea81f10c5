#include "segments/segment_routes.h"

#include <boost/describe.hpp>
#include <string>
#include <vector>

#include "base/error.h"
#include "http/json_schema.h"
#include "segments/audience_use_view.h"
#include "segments/condition_sentence.h"

namespace rapport {
namespace {

struct SegmentBody {
  std::string name;
  RawJson condition;
};
BOOST_DESCRIBE_STRUCT(SegmentBody, (), (name, condition))

struct PreviewBody {
  RawJson condition;
  std::optional<bool> accept_cost;
};
BOOST_DESCRIBE_STRUCT(PreviewBody, (), (condition, accept_cost))

/// An estimate, made before the question is asked.
struct CostView {
  uint64_t rows = 0;
  int64_t estimated_ms = 0;
};
BOOST_DESCRIBE_STRUCT(CostView, (), (rows, estimated_ms))

/// `count` is in the answer to a look-up of one segment only. `status` is live, or computing while
/// a membership is being made; `fraction` says how far.
struct SegmentView {
  std::string id;
  std::string name;
  RawJson condition;
  std::string sentence;  // the condition to be read, in the language asked for
  Timestamp created_at;
  Timestamp updated_at;
  std::optional<uint64_t> count;
  std::optional<std::string> status;
  std::optional<double> fraction;
};
BOOST_DESCRIBE_STRUCT(SegmentView, (),
                      (id, name, condition, sentence, created_at, updated_at, count, status,
                       fraction))

struct MemberView {
  std::string id;
  std::map<std::string, RawJson> traits;
  std::optional<std::string> email;
};
BOOST_DESCRIBE_STRUCT(MemberView, (), (id, traits, email))

/// The documented shape; the answer is written from the summaries as they come.
struct PreviewView {
  uint64_t count = 0;
  std::vector<MemberView> sample;
  std::string sentence;
  CostView cost;
};
BOOST_DESCRIBE_STRUCT(PreviewView, (), (count, sample, sentence, cost))

struct PreviewAnswer {
  uint64_t count = 0;
  std::vector<RawJson> sample;
  std::string sentence;
  CostView cost;
};
BOOST_DESCRIBE_STRUCT(PreviewAnswer, (), (count, sample, sentence, cost))

WorkspaceId workspace_of(const Request& request) {
  ENSURE(request.caller.workspace != 0);
  return WorkspaceId{request.caller.workspace};
}

Actor actor_of(const Request& request) {
  return Actor::of(request, false);
}

SegmentId segment_id(const Request& request) {
  const auto id = parse_id<SegmentTag>(request.parameter("id"));
  if (!id) throw Error::not_found("segment");
  return *id;
}

std::optional<Timestamp> as_of(const Request& request) {
  const auto text = request.query_value("as_of");
  if (!text) return std::nullopt;
  const auto time = parse_timestamp(*text);
  if (!time) throw Error::invalid("as_of", "must be an RFC 3339 time");
  return time;
}

template <class Tag>
Id<Tag> cursor_of(const PageRequest& page) {
  if (page.cursor.empty()) return {};
  const auto id = parse_id<Tag>(page.cursor);
  if (!id) throw Error::invalid("cursor", "is not one that a list gave");
  return *id;
}

std::string sentence(const SegmentService& service, const Request& request,
                     const Condition& condition) {
  const auto asked = request.query_value("language").value_or("");
  const WorkspaceId workspace = workspace_of(request);
  return sentence_of(condition, choose_language(asked, request.header("accept-language")),
                     [&](SegmentId id) {
                       const auto named = service.named(workspace, id);
                       return named ? named->name : to_public(id);
                     });
}

SegmentView view(const SegmentService& service, const Request& request, const Segment& segment,
                 std::optional<uint64_t> count = std::nullopt) {
  SegmentView out{to_public(segment.id),
                  segment.name,
                  RawJson{to_json(segment.condition)},
                  sentence(service, request, segment.condition),
                  segment.created_at,
                  segment.updated_at,
                  count,
                  std::nullopt,
                  std::nullopt};
  if (const auto progress = service.progress(segment.workspace, segment.id)) {
    out.status = progress->computing ? "computing" : "live";
    if (progress->computing) out.fraction = progress->fraction;
  }
  return out;
}

std::vector<RawJson> raw(std::vector<std::string> items) {
  std::vector<RawJson> out;
  out.reserve(items.size());
  for (std::string& item : items) out.push_back({std::move(item)});
  return out;
}

Response create_segment(SegmentService& service, const Request& request) {
  const auto body = parse_json<SegmentBody>(request.body);
  const Segment segment = service.create(workspace_of(request), body.name,
                                         parse_condition(body.condition.text), actor_of(request));
  return Response::json(to_json(view(service, request, segment)), 201);
}

Response preview_segment(SegmentService& service, const Request& request) {
  const auto body = parse_json<PreviewBody>(request.body);
  const Condition condition = parse_condition(body.condition.text);
  auto preview = service.preview(workspace_of(request), condition, as_of(request),
                                 body.accept_cost.value_or(false));
  return Response::json(to_json(PreviewAnswer{
      preview.count, raw(std::move(preview.sample)), sentence(service, request, condition),
      CostView{preview.cost.rows, preview.cost.time.count()}}));
}

Response segment_schema(SegmentService&, const Request&) {
  std::string schema = condition_schema("#", "#/$defs/PropertyTest");
  schema.insert(1, R"("$schema":"https://json-schema.org/draft/2020-12/schema",)"
                   R"("title":"The condition of a segment","$defs":{"PropertyTest":)" +
                       property_test_schema() + "},");
  Response response = Response::json(std::move(schema));
  response.content_type = "application/schema+json";
  return response;
}

Response list_segments(SegmentService& service, const Request& request) {
  const PageRequest page = parse_page(request);
  const auto found =
      service.list(workspace_of(request), cursor_of<SegmentTag>(page), page.limit + 1);
  Page<SegmentView> out;
  for (const Segment& segment : found) {
    if (out.items.size() == page.limit) {
      out.next_cursor.emplace(out.items.back().id);
      break;
    }
    out.items.push_back(view(service, request, segment));
  }
  return Response::json(to_json(out));
}

Response get_segment(SegmentService& service, const Request& request) {
  const WorkspaceId workspace = workspace_of(request);
  const auto moment = as_of(request);
  const Segment segment = service.get(workspace, segment_id(request));
  return Response::json(to_json(view(service, request, segment, service.count(segment, moment))));
}

Response update_segment(SegmentService& service, const Request& request) {
  const SegmentId id = segment_id(request);
  const auto body = parse_json<SegmentBody>(request.body);
  const Segment segment = service.update(workspace_of(request), id, body.name,
                                         parse_condition(body.condition.text), actor_of(request));
  return Response::json(to_json(view(service, request, segment)));
}

Response remove_segment(SegmentService& service, const Request& request) {
  service.remove(workspace_of(request), segment_id(request), actor_of(request));
  return Response::no_content();
}

Response list_members(SegmentService& service, const Request& request) {
  const PageRequest page = parse_page(request);
  auto found = service.members(workspace_of(request), segment_id(request),
                               cursor_of<CustomerTag>(page), page.limit, as_of(request));
  Page<RawJson> out;
  out.items = raw(std::move(found.items));
  if (found.next) out.next_cursor.emplace(to_public(*found.next));
  return Response::json(to_json(out));
}

Response segment_uses(SegmentService& service, const Request& request) {
  return answer_uses(service.uses(workspace_of(request), segment_id(request)));
}

/// Says what a `condition` member is, where the struct only knows that it is JSON.
NamedSchema with_condition(NamedSchema schema) {
  constexpr std::string_view kAny = R"("condition":{})";
  const size_t at = schema.json.find(kAny);
  ENSURE(at != std::string::npos);
  schema.json.replace(at, kAny.size(), R"("condition":{"$ref":"#/components/schemas/Condition"})");
  return schema;
}

std::vector<NamedSchema> schemas() {
  NamedSchema page = named_schema<Page<SegmentView>>("SegmentPage");
  return {{"JsonSchema", R"({"type":"object","description":"A JSON Schema, draft 2020-12."})"},
          {"Condition",
           condition_schema("#/components/schemas/Condition", "#/components/schemas/PropertyTest")},
          {"PropertyTest", property_test_schema()},
          with_condition(named_schema<SegmentBody>("SegmentBody")),
          with_condition(named_schema<PreviewBody>("SegmentPreviewBody")),
          with_condition(named_schema<SegmentView>("Segment")),
          with_condition(std::move(page)),
          named_schema<PreviewView>("SegmentPreview"),
          named_schema<Page<MemberView>>("SegmentMemberPage"),
          named_schema<AudienceUsesView>("AudienceUses")};
}

}  // namespace

RouteGroup make_segment_routes(SegmentService& service) {
  const QueryParameter moment{"as_of", "Evaluate as at this RFC 3339 time instead of now."};
  const auto route = [&](std::string method, std::string path, Permission permission,
                         std::string operation, std::string summary,
                         Response (*handler)(SegmentService&, const Request&)) {
    Route r;
    r.method = std::move(method);
    r.pattern = "/api/v1/segments" + path;
    r.permission = permission;
    r.operation_id = std::move(operation);
    r.summary = std::move(summary);
    r.tag = "segments";
    r.handler = [&service, handler](const Request& request) { return handler(service, request); };
    return r;
  };
  const QueryParameter language{"language",
                                "Language of `sentence`: en, zh-Hans, zh-Hant or vi; else that of "
                                "Accept-Language."};
  constexpr auto kRead = Permission::kSegmentsRead;
  constexpr auto kWrite = Permission::kSegmentsWrite;

  Route create = route("POST", "", kWrite, "createSegment", "Create a segment", create_segment);
  create.request_schema = "SegmentBody";
  create.response_schema = "Segment";
  create.success_status = 201;
  create.query = {language};
  Route preview = route("POST", "/preview", kRead, "previewSegment",
                        "Count and sample the customers that meet a condition", preview_segment);
  preview.request_schema = "SegmentPreviewBody";
  preview.response_schema = "SegmentPreview";
  preview.query = {moment, language};
  Route schema = route("GET", "/schema", kRead, "getConditionSchema", "JSON Schema of a condition",
                       segment_schema);
  schema.response_schema = "JsonSchema";
  Route list = route("GET", "", kRead, "listSegments", "List segments", list_segments);
  list.response_schema = "SegmentPage";
  list.query = page_parameters({language});
  Route get = route("GET", "/{id}", kRead, "getSegment", "One segment with its size", get_segment);
  get.response_schema = "Segment";
  get.query = {moment, language};
  Route update =
      route("PUT", "/{id}", kWrite, "updateSegment", "Replace a segment", update_segment);
  update.request_schema = "SegmentBody";
  update.response_schema = "Segment";
  update.query = {language};
  Route remove =
      route("DELETE", "/{id}", kWrite, "removeSegment", "Remove a segment", remove_segment);
  remove.success_status = 204;
  Route members = route("GET", "/{id}/members", kRead, "listSegmentMembers",
                        "Customers that meet a segment, by id", list_members);
  members.response_schema = "SegmentMemberPage";
  members.query = page_parameters({moment});
  Route uses =
      route("GET", "/{id}/uses", kRead, "listSegmentUses", "What uses a segment", segment_uses);
  uses.response_schema = "AudienceUses";
  return {{create, preview, schema, list, get, update, remove, members, uses}, schemas()};
}

}  // namespace rapport
