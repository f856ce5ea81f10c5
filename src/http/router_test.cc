#include "http/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "http/json_schema.h"
#include "http/openapi.h"
#include "http/test_server.h"

namespace rapport {
namespace {

using testing::HasSubstr;
using testing_http::make_route;

Response nothing(const Request&) {
  return Response::no_content();
}

Router make_router() {
  RouteGroup group;
  for (const auto& [method, pattern] : std::vector<std::pair<std::string, std::string>>{
           {"GET", "/"},
           {"GET", "/a"},
           {"POST", "/a"},
           {"OPTIONS", "/a"},
           {"GET", "/a/{id}"},
           {"PUT", "/a/{id}"},
           {"GET", "/a/by/{kind}/{value}"},
           {"GET", "/a/{id}/events"},
           {"GET", "/a/new"},
           {"GET", "/files/{path*}"},
           {"POST", "/files/fixed"},
       }) {
    group.routes.push_back(make_route(method, pattern, nothing));
  }
  Router router;
  router.add(std::move(group));
  return router;
}

TEST(Router, Finds) {
  struct Case {
    std::string method;
    std::string path;
    std::string pattern;  // or the methods allowed
    std::string parameters;
  };
  const Case cases[] = {
      {"GET", "/", "/", ""},
      {"GET", "/a", "/a", ""},
      {"GET", "/a/", "/a", ""},
      {"HEAD", "/a", "/a", ""},
      {"OPTIONS", "/a", "/a", ""},
      {"GET", "/a/7", "/a/{id}", "id=7;"},
      {"PUT", "/a/new", "/a/{id}", "id=new;"},
      {"GET", "/a/new", "/a/new", ""},
      {"GET", "/a/by", "/a/{id}", "id=by;"},
      {"GET", "/a/by/events", "/a/{id}/events", "id=by;"},
      {"GET", "/a/by/email/x%40y%2Fz", "/a/by/{kind}/{value}", "kind=email;value=x@y/z;"},
      {"GET", "/%61/7", "/a/{id}", "id=7;"},
      {"GET", "/files/x/y", "/files/{path*}", "path=x/y;"},
      {"GET", "/files/fixed", "/files/{path*}", "path=fixed;"},
      {"POST", "/files/fixed", "/files/fixed", ""},
      {"DELETE", "/a/7", "GET, PUT, HEAD, OPTIONS", "405"},
      {"DELETE", "/a", "GET, POST, OPTIONS, HEAD", "405"},
      {"GET", "/files", "", "404"},
      {"GET", "/a//events", "", "404"},
      {"GET", "/a/7/other", "", "404"},
      {"GET", "/A", "", "404"},
      {"GET", "/a%2F7", "", "404"},
  };
  const Router router = make_router();
  for (const Case& c : cases) {
    const RouteMatch match = router.find(c.method, c.path);
    if (c.parameters == "404" || c.parameters == "405") {
      EXPECT_EQ(match.route, nullptr) << c.path;
      EXPECT_EQ(match.allow, c.pattern) << c.path;
      continue;
    }
    ASSERT_NE(match.route, nullptr) << c.method << " " << c.path;
    EXPECT_EQ(match.route->pattern, c.pattern) << c.path;
    std::string parameters;
    for (const auto& [name, value] : match.parameters) parameters += name + "=" + value + ";";
    EXPECT_EQ(parameters, c.parameters) << c.path;
  }
}

TEST(RouterDeathTest, RefusesWrongTables) {
  const auto add = [](std::vector<Route> routes) {
    RouteGroup group;
    group.routes = std::move(routes);
    Router().add(std::move(group));
  };
  EXPECT_DEATH(add({make_route("GET", "/a", nothing), make_route("GET", "/a", nothing)}), "ASSERT");
  EXPECT_DEATH(add({make_route("GET", "a", nothing)}), "ASSERT");
  EXPECT_DEATH(add({make_route("GET", "/a", nullptr)}), "ASSERT");
  EXPECT_DEATH(add({make_route("GET", "/{a*}/b", nothing)}), "ASSERT");
}

TEST(OpenApi, DescribesTheTable) {
  RouteGroup group;
  Route route = make_route("POST", "/api/v1/things/{id}/parts/{rest*}", nothing);
  route.permission = Permission::kCampaignsWrite;
  route.operation_id = "createPart";
  route.summary = "Create a part";
  route.tag = "things";
  route.query = {{"deep", "How deep", "integer", true}};
  route.request_schema = "NewPart";
  route.response_schema = "Part";
  route.success_status = 201;
  group.routes = {route, make_route("GET", "/hidden", nothing)};
  group.schemas = {{"NewPart", R"({"type":"object"})"}, {"Part", R"({"type":"string"})"}};
  Router router;
  router.add(std::move(group));
  const std::string text = openapi_document(router, "1.2.3");
  const auto document = json_detail::parse_document(text);
  std::string flat = document->to_json();
  for (const std::string part :
       {R"("openapi":"3.1.0")", R"("version":"1.2.3")",
        R"("/api/v1/things/{id}/parts/{rest}":{"post":{"operationId":"createPart")",
        R"("x-permission":"campaigns.write")", R"({"name":"rest","in":"path","required":true)",
        R"({"name":"deep","in":"query","required":true,"description":"How deep")",
        R"("201":{"description":"Success","content":{"application/json":{"schema":{"$ref":)",
        R"("default":{"$ref":"#/components/responses/Problem"})", R"("bearerKey")",
        R"("sessionCookie")", R"("Part":{"type":"string"})"}) {
    EXPECT_THAT(flat, HasSubstr(part));
  }
  EXPECT_THAT(flat, testing::Not(HasSubstr("hidden")));
  EXPECT_EQ(text, openapi_document(router, "1.2.3"));
}

}  // namespace
}  // namespace rapport
