#include "segments/segment_routes.h"
#include "segments/segment_functions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>

#include "access/access_schema.h"
#include "base/error.h"
#include "base/limits/segments.h"
#include "segments/segment_store.h"
#include "segments/segments_test_util.h"

namespace rapport {
namespace {

namespace bj = boost::json;

constexpr WorkspaceId kWorkspace{1};
const Timestamp kNow = *parse_timestamp("2026-03-01T12:00:00Z");

class PlainSummaries final : public CustomerSummaries {
 public:
  std::vector<std::string> summaries(WorkspaceId,
                                     std::span<const CustomerId> customers) const override {
    std::vector<std::string> out;
    for (const CustomerId id : customers) {
      out.push_back(R"({"id":")" + to_public(id) + R"(","traits":{}})");
    }
    return out;
  }
};

class SegmentRoutes : public ::testing::Test {
 protected:
  SegmentRoutes() {
    segments_test::History h{kWorkspace, {}, {}, {}, {}};
    for (uint64_t id = 1; id <= 12; ++id) {
      h.created[{id}] = kNow;
      const Timestamp at = kNow - std::chrono::hours(24) * int64_t(id);
      h.events.push_back({{id}, at, "Order Completed", "{}"});
    }
    h.append_to(*warehouse_, 0);
  }

  /// Runs the operation as a caller of `workspace`; errors come back as their status.
  std::pair<int, bj::value> call(std::string_view operation, std::string_view id,
                                 std::string_view body,
                                 std::vector<std::pair<std::string, std::string>> query = {},
                                 uint64_t workspace = kWorkspace.value) {
    const auto route = std::find_if(group_.routes.begin(), group_.routes.end(),
                                    [&](const Route& r) { return r.operation_id == operation; });
    EXPECT_NE(route, group_.routes.end()) << operation;
    Request request;
    request.parameters = {{"id", std::string(id)}};
    request.query = std::move(query);
    request.body = body;
    request.caller.workspace = workspace;
    request.caller.api_key = 1;
    try {
      const Response response = route->handler(request);
      return {response.status, response.body.empty() ? bj::value() : bj::parse(response.body)};
    } catch (const Error& error) {
      bj::object problem;
      if (!error.fields().empty()) problem["field"] = error.fields().front().field;
      return {http_status(error.code()), problem};
    }
  }

  std::string created(std::string_view name) {
    const auto [status, segment] = call("createSegment", "", body(name));
    EXPECT_EQ(status, 201);
    return std::string(segment.at("id").as_string());
  }

  static std::string body(std::string_view name) {
    return R"({"name":")" + std::string(name) +
           R"(","condition":{"event":"Order Completed","within":"6d"}})";
  }

  struct Migrated {
    explicit Migrated(StateStore& control) { migrate_access(control); }
  };

  ManualClock clock_{kNow};
  std::unique_ptr<Warehouse> warehouse_ =
      open_duckdb_warehouse("", {.functions = segment_functions()});
  std::unique_ptr<StateStore> control_ = open_sqlite_state_store(":memory:");
  Migrated migrated_{*control_};
  AuditService audit_{*control_, clock_};
  SegmentEvaluator evaluator_{*warehouse_, clock_};
  PlainSummaries summaries_;
  SegmentService service_{*control_, audit_, clock_, evaluator_, summaries_};
  RouteGroup group_ = make_segment_routes(service_);
};

TEST_F(SegmentRoutes, CreateReadReplaceRemove) {
  const std::string id = created("Recent buyers");
  auto [status, segment] = call("getSegment", id, "");
  EXPECT_EQ(status, 200);
  EXPECT_EQ(segment.at("name").as_string(), "Recent buyers");
  EXPECT_EQ(bj::serialize(segment.at("condition")), R"({"event":"Order Completed","within":"6d"})");
  EXPECT_EQ(segment.at("count").to_number<int>(), 5);  // the one six days ago is on the edge
  EXPECT_EQ(segment.at("created_at").as_string(), "2026-03-01T12:00:00.000Z");

  const auto past = call("getSegment", id, "", {{"as_of", "2026-02-28T12:00:00Z"}});
  EXPECT_EQ(past.second.at("count").to_number<int>(), 6);

  clock_.advance(std::chrono::hours(24));
  EXPECT_EQ(call("updateSegment", id, R"({"name":"All","condition":{"all":[]}})").first, 200);
  segment = call("getSegment", id, "").second;
  EXPECT_EQ(segment.at("name").as_string(), "All");
  EXPECT_EQ(segment.at("count").to_number<int>(), 12);
  EXPECT_EQ(segment.at("updated_at").as_string(), "2026-03-02T12:00:00.000Z");

  EXPECT_EQ(call("removeSegment", id, "").first, 204);
  EXPECT_EQ(call("getSegment", id, "").first, 404);
  EXPECT_EQ(call("removeSegment", id, "").first, 404);
  const auto audit = audit_.list(kWorkspace, std::nullopt, 10);
  ASSERT_EQ(audit.size(), 3u);
  EXPECT_EQ(audit.front().action, "segment.remove");
}

TEST_F(SegmentRoutes, PreviewsAndPagesMembers) {
  const auto [status, preview] = call("previewSegment", "", R"({"condition":{"all":[]}})");
  EXPECT_EQ(status, 200);
  EXPECT_EQ(preview.at("count").to_number<int>(), 12);
  EXPECT_EQ(preview.at("sample").as_array().size(), 10u);

  const std::string id = created("Five");
  std::vector<std::string> seen;
  std::string cursor;
  for (;;) {
    std::vector<std::pair<std::string, std::string>> query{{"limit", "2"}};
    if (!cursor.empty()) query.emplace_back("cursor", cursor);
    const auto page = call("listSegmentMembers", id, "", query).second;
    for (const auto& item : page.at("items").as_array()) {
      seen.emplace_back(item.at("id").as_string());
    }
    if (page.at("next_cursor").is_null()) break;
    cursor = page.at("next_cursor").as_string();
  }
  EXPECT_EQ(seen, (std::vector<std::string>{to_public(CustomerId{1}), to_public(CustomerId{2}),
                                            to_public(CustomerId{3}), to_public(CustomerId{4}),
                                            to_public(CustomerId{5})}));
}

TEST_F(SegmentRoutes, ListsByPages) {
  for (const char* name : {"a", "b", "c"}) created(name);
  const auto first = call("listSegments", "", "", {{"limit", "2"}}).second;
  ASSERT_EQ(first.at("items").as_array().size(), 2u);
  EXPECT_EQ(first.at("items").at(0).as_object().count("count"), 0u);
  const auto second =
      call("listSegments", "", "",
           {{"limit", "2"}, {"cursor", std::string(first.at("next_cursor").as_string())}})
          .second;
  ASSERT_EQ(second.at("items").as_array().size(), 1u);
  EXPECT_EQ(second.at("items").at(0).at("name").as_string(), "c");
  EXPECT_TRUE(second.at("next_cursor").is_null());
}

TEST_F(SegmentRoutes, RefusesWithTheField) {
  const std::string id = created("Taken");
  const std::string other = created("Other");
  struct Case {
    std::string_view operation;
    std::string id;
    std::string body;
    std::vector<std::pair<std::string, std::string>> query;
    int status;
    std::string_view field;
  };
  const Case cases[] = {
      {"createSegment", "", body("Taken"), {}, 409, "name"},
      {"createSegment", "", body(" Taken "), {}, 409, "name"},
      {"updateSegment", other, body("Taken"), {}, 409, "name"},
      {"updateSegment", id, body("Taken"), {}, 200, ""},
      {"createSegment", "", body("  "), {}, 400, "name"},
      {"createSegment", "", R"({"name":"x"})", {}, 400, "condition"},
      {"createSegment",
       "",
       R"({"name":"x","condition":{"all":[{"event":"A"},{"trait":"a","op":"?"}]}})",
       {},
       400,
       "condition.all[1].op"},
      {"previewSegment", "", R"({"condition":null})", {}, 400, "condition"},
      {"previewSegment", "", R"({"condition":{"all":[]}})", {{"as_of", "yesterday"}}, 400, "as_of"},
      {"listSegmentMembers", id, "", {{"cursor", "x"}}, 400, "cursor"},
      {"listSegmentMembers", "seg_0", "", {}, 404, ""},
      {"getSegment", to_public(SegmentId{99}), "", {}, 404, ""},
      {"updateSegment", to_public(SegmentId{99}), body("New"), {}, 404, ""},
  };
  for (const Case& c : cases) {
    const auto [status, answer] = call(c.operation, c.id, c.body, c.query);
    EXPECT_EQ(status, c.status) << c.operation << " " << c.body;
    if (c.field.empty()) continue;
    ASSERT_TRUE(answer.as_object().contains("field")) << c.operation << " " << c.body;
    EXPECT_EQ(answer.at("field").as_string(), c.field) << c.body;
  }
}

TEST_F(SegmentRoutes, TakesTheDeepestCondition) {
  std::string condition = R"({"event":"A","where":[{"property":"p","op":"not_in","value":[1,2]}]})";
  for (size_t i = 1; i < limits::kMaxConditionDepth; ++i)
    condition = R"({"all":[)" + condition + "]}";
  EXPECT_EQ(call("previewSegment", "", R"({"condition":)" + condition + "}").first, 200);
  EXPECT_EQ(call("previewSegment", "", R"({"condition":{"not":)" + condition + "}}").first, 400);
}

TEST_F(SegmentRoutes, KeepsWorkspacesApartAndUsedSegments) {
  const std::string id = created("Mine");
  for (const char* operation : {"getSegment", "listSegmentMembers", "removeSegment"}) {
    EXPECT_EQ(call(operation, id, "", {}, 2).first, 404) << operation;
  }
  EXPECT_EQ(call("updateSegment", id, body("Mine"), {}, 2).first, 404);
  EXPECT_EQ(call("createSegment", "", body("Mine"), {}, 2).first, 201);
  EXPECT_EQ(call("previewSegment", "", R"({"condition":{"all":[]}})", {}, 2)
                .second.at("count")
                .to_number<int>(),
            0);

  service_.add_uses([](WorkspaceId, std::string_view used) {
    return std::vector<AudienceUse>{{"journey", "jrn_1", "of " + std::string(used)}};
  });
  const bj::value uses = call("listSegmentUses", id, "").second;
  EXPECT_EQ(uses.at("items").at(0).at("name").as_string(), "of " + id);
  EXPECT_EQ(call("removeSegment", id, "").first, 409);
  EXPECT_EQ(call("getSegment", id, "").first, 200);
}

TEST_F(SegmentRoutes, DocumentsEverySchemaAsJson) {
  for (const NamedSchema& schema : group_.schemas)
    EXPECT_NO_THROW(bj::parse(schema.json)) << schema.name;
  const auto known = [&](const std::string& name) {
    return name.empty() || std::any_of(group_.schemas.begin(), group_.schemas.end(),
                                       [&](const NamedSchema& s) { return s.name == name; });
  };
  for (const Route& route : group_.routes) {
    EXPECT_TRUE(known(route.request_schema)) << route.request_schema;
    EXPECT_TRUE(known(route.response_schema)) << route.response_schema;
  }
}

}  // namespace
}  // namespace rapport
