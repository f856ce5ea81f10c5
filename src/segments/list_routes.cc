#include "segments/list_routes.h"

#include <boost/describe.hpp>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/limits/segment_engine.h"
#include "http/json_schema.h"
#include "segments/audience_use_view.h"

namespace rapport {
namespace {

struct ListBody {
  std::string name;
};
BOOST_DESCRIBE_STRUCT(ListBody, (), (name))

/// `size` is in the answer to a look-up of one list only.
struct ListView {
  std::string id;
  std::string name;
  Timestamp created_at;
  std::optional<uint64_t> size;
};
BOOST_DESCRIBE_STRUCT(ListView, (), (id, name, created_at, size))

/// `kind` is a kind of identifier ("email", "user_id", …) or "customer_id".
struct ListMembersBody {
  std::string kind;
  std::vector<std::string> values;
};
BOOST_DESCRIBE_STRUCT(ListMembersBody, (), (kind, values))

/// A CSV text with a header; the values of `column`, else of the first.
struct ListCsvBody {
  std::string kind;
  std::string csv;
  std::optional<std::string> column;
};
BOOST_DESCRIBE_STRUCT(ListCsvBody, (), (kind, csv, column))

/// One of the two.
struct ListSnapshotBody {
  std::optional<std::string> segment_id;
  std::optional<RawJson> condition;
};
BOOST_DESCRIBE_STRUCT(ListSnapshotBody, (), (segment_id, condition))

struct UnknownRowView {
  uint64_t line = 0;
  std::string value;
};
BOOST_DESCRIBE_STRUCT(UnknownRowView, (), (line, value))

struct ListOutcomeView {
  uint64_t changed = 0;
  uint64_t unknown = 0;
  std::vector<std::string> unknown_examples;
};
BOOST_DESCRIBE_STRUCT(ListOutcomeView, (), (changed, unknown, unknown_examples))

/// `rows` held a value; `not_found` are those of nobody by the line of the file, up to 10,000.
struct ListCsvOutcomeView {
  uint64_t rows = 0;
  uint64_t changed = 0;
  uint64_t unknown = 0;
  std::vector<UnknownRowView> not_found;
};
BOOST_DESCRIBE_STRUCT(ListCsvOutcomeView, (), (rows, changed, unknown, not_found))

struct ListMemberView {
  std::string id;
  std::map<std::string, RawJson> traits;
  std::optional<std::string> email;
};
BOOST_DESCRIBE_STRUCT(ListMemberView, (), (id, traits, email))

WorkspaceId workspace_of(const Request& request) {
  ENSURE(request.caller.workspace != 0);
  return WorkspaceId{request.caller.workspace};
}

ListId list_id(const Request& request) {
  const auto id = parse_id<ListTag>(request.parameter("id"));
  if (!id) throw Error::not_found("list");
  return *id;
}

Actor actor_of(const Request& request) {
  return Actor::of(request, false);
}

template <class Tag>
Id<Tag> cursor_of(const PageRequest& page) {
  if (page.cursor.empty()) return {};
  const auto id = parse_id<Tag>(page.cursor);
  if (!id) throw Error::invalid("cursor", "is not one that a list gave");
  return *id;
}

ListView view(const CustomerList& list, std::optional<uint64_t> size = std::nullopt) {
  return {to_public(list.id), list.name, list.created_at, size};
}

Response answer(const ListService::Outcome& outcome) {
  return Response::json(
      to_json(ListOutcomeView{outcome.changed, outcome.unknown, outcome.examples}));
}

Response create_list(ListService& service, const Request& request) {
  const auto body = parse_json<ListBody>(request.body);
  return Response::json(
      to_json(view(service.create(workspace_of(request), body.name, actor_of(request)))), 201);
}

Response list_lists(ListService& service, const Request& request) {
  const PageRequest page = parse_page(request);
  const auto found = service.list(workspace_of(request), cursor_of<ListTag>(page), page.limit + 1);
  Page<ListView> out;
  for (const CustomerList& list : found) {
    if (out.items.size() == page.limit) {
      out.next_cursor.emplace(out.items.back().id);
      break;
    }
    out.items.push_back(view(list));
  }
  return Response::json(to_json(out));
}

Response get_list(ListService& service, const Request& request) {
  const WorkspaceId workspace = workspace_of(request);
  const CustomerList list = service.get(workspace, list_id(request));
  return Response::json(to_json(view(list, service.size(workspace, list.id))));
}

Response update_list(ListService& service, const Request& request) {
  const ListId id = list_id(request);
  const auto body = parse_json<ListBody>(request.body);
  return Response::json(
      to_json(view(service.rename(workspace_of(request), id, body.name, actor_of(request)))));
}

Response remove_list(ListService& service, const Request& request) {
  service.remove(workspace_of(request), list_id(request), actor_of(request));
  return Response::no_content();
}

Response change_members(ListService& service, const Request& request, bool add) {
  const ListId id = list_id(request);
  const auto body = parse_json<ListMembersBody>(request.body);
  return answer(
      service.change(workspace_of(request), id, body.kind, body.values, add, actor_of(request)));
}

Response add_members(ListService& service, const Request& request) {
  return change_members(service, request, true);
}
Response remove_members(ListService& service, const Request& request) {
  return change_members(service, request, false);
}

Response add_csv(ListService& service, const Request& request) {
  const ListId id = list_id(request);
  const auto body = parse_json<ListCsvBody>(request.body);
  const auto outcome = service.add_csv(workspace_of(request), id, body.kind,
                                       body.column.value_or(""), body.csv, actor_of(request));
  ListCsvOutcomeView out{outcome.rows, outcome.changed, outcome.unknown, {}};
  for (const auto& row : outcome.not_found) out.not_found.push_back({row.line, row.value});
  return Response::json(to_json(out));
}

Response add_snapshot(ListService& service, const Request& request) {
  const ListId id = list_id(request);
  const auto body = parse_json<ListSnapshotBody>(request.body);
  if (body.segment_id.has_value() == body.condition.has_value()) {
    throw Error::invalid("segment_id", "or `condition`: exactly one of the two");
  }
  if (body.condition) {
    return answer(service.add_condition(workspace_of(request), id,
                                        parse_condition(body.condition->text), actor_of(request)));
  }
  const auto segment = parse_id<SegmentTag>(*body.segment_id);
  if (!segment) throw Error::invalid("segment_id", "is not the id of a segment");
  return answer(service.add_segment(workspace_of(request), id, *segment, actor_of(request)));
}

Response list_uses(ListService& service, const Request& request) {
  return answer_uses(service.uses(workspace_of(request), list_id(request)));
}

Response members(ListService& service, const Request& request) {
  const PageRequest page = parse_page(request);
  auto found = service.members(workspace_of(request), list_id(request),
                               cursor_of<CustomerTag>(page), page.limit);
  Page<RawJson> out;
  for (std::string& item : found.items) out.items.push_back({std::move(item)});
  if (found.next) out.next_cursor.emplace(to_public(*found.next));
  return Response::json(to_json(out));
}

}  // namespace

RouteGroup make_list_routes(ListService& service) {
  const auto route = [&](std::string method, std::string path, Permission permission,
                         std::string operation, std::string summary, std::string request_schema,
                         std::string response_schema,
                         Response (*handler)(ListService&, const Request&)) {
    Route r;
    r.method = std::move(method);
    r.pattern = "/api/v1/lists" + path;
    r.permission = permission;
    r.operation_id = std::move(operation);
    r.summary = std::move(summary);
    r.tag = "lists";
    r.request_schema = std::move(request_schema);
    r.response_schema = std::move(response_schema);
    r.handler = [&service, handler](const Request& request) { return handler(service, request); };
    return r;
  };
  constexpr auto kRead = Permission::kSegmentsRead;
  constexpr auto kWrite = Permission::kSegmentsWrite;
  Route create = route("POST", "", kWrite, "createList", "Create an empty list", "ListBody", "List",
                       create_list);
  create.success_status = 201;
  Route all = route("GET", "", kRead, "listLists", "List lists", "", "ListPage", list_lists);
  all.query = page_parameters();
  Route one =
      route("GET", "/{id}", kRead, "getList", "One list with its size", "", "List", get_list);
  Route update =
      route("PUT", "/{id}", kWrite, "updateList", "Rename a list", "ListBody", "List", update_list);
  Route remove =
      route("DELETE", "/{id}", kWrite, "removeList", "Remove a list", "", "", remove_list);
  remove.success_status = 204;
  Route page = route("GET", "/{id}/members", kRead, "listListMembers", "Customers on a list, by id",
                     "", "ListMemberPage", members);
  page.query = page_parameters();
  Route add =
      route("POST", "/{id}/members", kWrite, "addListMembers", "Add customers by id or identifier",
            "ListMembersBody", "ListOutcome", add_members);
  Route take = route("POST", "/{id}/members/remove", kWrite, "removeListMembers",
                     "Remove customers by id or identifier", "ListMembersBody", "ListOutcome",
                     remove_members);
  Route csv = route("POST", "/{id}/csv", kWrite, "addListMembersFromCsv",
                    "Add the customers of a CSV text by any identifier", "ListCsvBody",
                    "ListCsvOutcome", add_csv);
  csv.max_body_bytes = limits::kMaxListCsvBytes;
  Route snapshot = route("POST", "/{id}/snapshot", kWrite, "addListMembersFromSegment",
                         "Add whoever is in a segment, or meets a condition, now",
                         "ListSnapshotBody", "ListOutcome", add_snapshot);
  Route uses = route("GET", "/{id}/uses", kRead, "listListUses", "What uses a list", "",
                     "AudienceUses", list_uses);
  return {
      {create, all, one, update, remove, page, add, take, csv, snapshot, uses},
      {named_schema<ListBody>("ListBody"), named_schema<ListView>("List"),
       named_schema<Page<ListView>>("ListPage"), named_schema<ListMembersBody>("ListMembersBody"),
       named_schema<ListCsvBody>("ListCsvBody"), named_schema<ListSnapshotBody>("ListSnapshotBody"),
       named_schema<ListOutcomeView>("ListOutcome"),
       named_schema<ListCsvOutcomeView>("ListCsvOutcome"),
       named_schema<Page<ListMemberView>>("ListMemberPage")}};
}

}  // namespace rapport
