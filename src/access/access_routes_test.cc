#include "access/access_routes.h"

#include <boost/json.hpp>
#include <map>
#include <set>

#include "access/access_test_support.h"
#include "base/limits.h"

namespace rapport {
namespace {

namespace json = boost::json;

class AccessRoutesTest : public AccessTest {
 protected:
  AccessRoutesTest() : group(make_access_routes(*access)), shop(add_workspace("Shop")) {}

  struct Answer {
    int status = 0;
    json::value body;
    std::string cookie;  // of Set-Cookie, its first part
  };

  /// Through the authoriser, as the server does.
  Answer call(const std::string& method, const std::string& path, const std::string& body = {},
              std::vector<std::pair<std::string, std::string>> headers = {}) {
    Request request;
    request.method = method;
    request.remote_ip = "10.0.0.1";
    request.body = body;
    request.headers = std::move(headers);
    if (!body.empty()) request.headers.emplace_back("content-type", "application/json");
    const size_t mark = path.find("?cursor=");
    request.path = path.substr(0, mark);
    if (mark != std::string::npos) {
      request.query = {{"cursor", path.substr(mark + 8)}, {"limit", "2"}};
    }
    const Route& route = find(method, request);
    Answer answer;
    try {
      if (route.permission != Permission::kPublic) access->authoriser.authorise(route, request);
      const Response response = route.handler(request);
      answer.status = response.status;
      if (!response.body.empty()) answer.body = json::parse(response.body);
      for (const auto& [name, value] : response.headers) {
        if (name == "Set-Cookie") answer.cookie = value.substr(0, value.find(';'));
      }
    } catch (const Error& error) {
      answer.status = http_status(error.code());
    }
    return answer;
  }

  /// Sets the path's parameter; the patterns here have one at most.
  const Route& find(const std::string& method, Request& request) {
    for (const Route& route : group.routes) {
      if (route.method != method) continue;
      if (route.pattern == request.path) return route;
      const size_t brace = route.pattern.find("{id}");
      if (brace == std::string::npos || brace > request.path.size()) continue;
      if (route.pattern.substr(0, brace) != request.path.substr(0, brace)) continue;
      request.parameters = {{"id", request.path.substr(brace)}};
      return route;
    }
    ADD_FAILURE() << method << " " << request.path;
    return group.routes.front();
  }

  std::vector<std::pair<std::string, std::string>> key_headers(Scope scope, WorkspaceId workspace,
                                                               const Actor& by) {
    return {{"authorization", "Bearer " + access->keys.create(workspace, "Key", scope, by).secret}};
  }

  std::vector<std::pair<std::string, std::string>> session_headers(const User& user) {
    const auto opened = access->sessions.create(user, "", "");
    return {{"cookie", "rapport_session=" + opened.token},
            {"x-csrf-token", csrf_token(opened.token)}};
  }

  static std::string text(const json::value& object, std::string_view name) {
    return std::string(object.at(name).as_string());
  }

  RouteGroup group;
  WorkspaceId shop;
};

TEST_F(AccessRoutesTest, SchemasAndIdsAreThere) {
  std::set<std::string> schemas;
  for (const auto& schema : group.schemas) {
    EXPECT_TRUE(schemas.insert(schema.name).second) << schema.name;
    EXPECT_TRUE(json::parse(schema.json).is_object());
  }
  std::set<std::string> ids;
  for (const Route& route : group.routes) {
    EXPECT_TRUE(ids.insert(route.operation_id).second) << route.operation_id;
    for (const auto& name : {route.request_schema, route.response_schema}) {
      EXPECT_TRUE(name.empty() || schemas.contains(name)) << name;
    }
    EXPECT_EQ(route.response_schema.empty(), route.success_status == 204) << route.operation_id;
  }
}

TEST_F(AccessRoutesTest, SignInReadAndSignOut) {
  add_user(shop, "ann@example.com", Role::kMarketer, test_hash());
  const std::string body = R"({"email":"Ann@example.com","password":"correct horse battery"})";
  const auto in = call("POST", "/api/v1/session", body);
  ASSERT_EQ(in.status, 200);
  EXPECT_EQ(text(in.body.at("user"), "email"), "ann@example.com");
  EXPECT_EQ(text(in.body.at("user"), "role"), "marketer");
  EXPECT_EQ(text(in.body.at("workspace"), "name"), "Shop");
  EXPECT_FALSE(in.body.as_object().contains("workspaces"));
  const std::string csrf = text(in.body, "csrf_token");
  const auto again = call("GET", "/api/v1/session", {}, {{"cookie", in.cookie}});
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.body, in.body);
  EXPECT_EQ(call("DELETE", "/api/v1/session", {}, {{"cookie", in.cookie}}).status, 403);
  const auto out =
      call("DELETE", "/api/v1/session", {}, {{"cookie", in.cookie}, {"x-csrf-token", csrf}});
  EXPECT_EQ(out.status, 204);
  EXPECT_EQ(out.cookie, "rapport_session=");
  EXPECT_EQ(call("GET", "/api/v1/session", {}, {{"cookie", in.cookie}}).status, 401);
}

TEST_F(AccessRoutesTest, SignInRefusals) {
  add_user(shop, "ann@example.com", Role::kMarketer, test_hash());
  const struct {
    std::string body;
    int status;
  } cases[] = {
      {R"({"email":"ann@example.com","password":"wrong password"})", 401},
      {R"({"email":"bob@example.com","password":"correct horse battery"})", 401},
      {R"({"email":"ann@example.com"})", 400},
      {R"({"email":1,"password":"x"})", 400},
      {R"({"email":"ann@example.com","password":"x","workspace":"shop"})", 400},
      {R"([])", 400},
      {"{", 400},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(call("POST", "/api/v1/session", c.body).status, c.status) << c.body;
  }
  // What a form of another site could send.
  Request form;
  form.method = "POST";
  form.path = "/api/v1/session";
  form.body = R"({"email":"ann@example.com","password":"correct horse battery"})";
  for (const auto* type : {"", "text/plain", "application/x-www-form-urlencoded"}) {
    form.headers = {{"content-type", type}};
    EXPECT_EQ(error_of([&] { find("POST", form).handler(form); }), ErrorCode::kUnsupportedMedia);
  }
}

TEST_F(AccessRoutesTest, SeveralWorkspacesAreOffered) {
  const WorkspaceId other = add_workspace("Other");
  add_user(shop, "ann@example.com", Role::kOwner, test_hash());
  add_user(other, "ann@example.com", Role::kViewer, test_hash());
  const std::string start = R"({"email":"ann@example.com","password":"correct horse battery")";
  const auto any = call("POST", "/api/v1/session", start + "}");
  ASSERT_EQ(any.status, 200);
  EXPECT_EQ(text(any.body.at("workspace"), "name"), "Shop");
  ASSERT_EQ(any.body.at("workspaces").as_array().size(), 2u);
  EXPECT_EQ(text(any.body.at("workspaces").as_array()[1], "name"), "Other");
  const auto one =
      call("POST", "/api/v1/session", start + R"(,"workspace":")" + to_public(other) + "\"}");
  EXPECT_EQ(text(one.body.at("workspace"), "name"), "Other");
  EXPECT_EQ(text(one.body.at("user"), "role"), "viewer");
}

TEST_F(AccessRoutesTest, UsersAndKeysComeAndGo) {
  const auto headers = key_headers(Scope::kAdmin, shop, Actor::system());
  const auto made =
      call("POST", "/api/v1/users", R"({"email":"bob@example.com","role":"agent"})", headers);
  ASSERT_EQ(made.status, 201);
  EXPECT_EQ(text(made.body, "password").size(), 20u);
  const std::string path = "/api/v1/users/" + text(made.body, "id");
  EXPECT_EQ(text(call("PUT", path, R"({"role":"owner"})", headers).body, "role"), "owner");
  EXPECT_EQ(call("PUT", path, R"({"role":"king"})", headers).status, 400);
  EXPECT_EQ(call("DELETE", path, {}, headers).status, 409);  // the only owner
  EXPECT_EQ(call("DELETE", "/api/v1/users/usr_x", {}, headers).status, 404);

  const auto key = call("POST", "/api/v1/keys", R"({"name":"Site","scope":"ingest"})", headers);
  ASSERT_EQ(key.status, 201);
  EXPECT_EQ(access->keys.find_ingest_workspace(text(key.body, "key")), shop);
  const auto listed = call("GET", "/api/v1/keys", {}, headers);
  EXPECT_EQ(listed.body.at("items").as_array().size(), 2u);
  EXPECT_EQ(json::serialize(listed.body).find(text(key.body, "key")), std::string::npos);
  EXPECT_EQ(call("DELETE", "/api/v1/keys/" + text(key.body, "id"), {}, headers).status, 204);
  EXPECT_FALSE(access->keys.find(text(key.body, "key")));
}

TEST_F(AccessRoutesTest, OwnersAreMadeByOwnersAndTheirKeysOnly) {
  const User owner = add_user(shop, "owner@example.com", Role::kOwner);
  const User admin = add_user(shop, "admin@example.com", Role::kAdmin);
  const User agent = add_user(shop, "agent@example.com", Role::kAgent);
  const std::string path = "/api/v1/users/" + to_public(agent.id);
  const std::string up = R"({"role":"owner"})";
  EXPECT_EQ(call("PUT", path, up, session_headers(admin)).status, 403);
  const auto by_admin =
      call("POST", "/api/v1/keys", R"({"name":"K","scope":"admin"})", session_headers(admin));
  EXPECT_EQ(
      call("PUT", path, up, {{"authorization", "Bearer " + text(by_admin.body, "key")}}).status,
      403);
  EXPECT_EQ(call("PUT", path, up, session_headers(owner)).status, 200);
}

TEST_F(AccessRoutesTest, PagesFollowTheirCursor) {
  const auto headers = key_headers(Scope::kAdmin, shop, Actor::system());
  std::set<std::string> expected;
  for (int i = 0; i < 5; ++i) {
    expected.insert(
        to_public(add_user(shop, std::to_string(i) + "@example.com", Role::kViewer).id));
  }
  std::set<std::string> seen;
  std::string cursor;
  int pages = 0;
  do {
    const auto page = call("GET", "/api/v1/users?cursor=" + cursor, {}, headers);
    ASSERT_EQ(page.status, 200);
    for (const auto& item : page.body.at("items").as_array()) seen.insert(text(item, "id"));
    const auto& next = page.body.at("next_cursor");
    cursor = next.is_null() ? "" : std::string(next.as_string());
    ++pages;
  } while (!cursor.empty() && pages < 9);
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(seen, expected);
  EXPECT_EQ(call("GET", "/api/v1/users?cursor=nonsense", {}, headers).status, 400);
  EXPECT_EQ(call("GET", "/api/v1/audit?cursor=", {}, headers).body.at("items").as_array().size(),
            1u);
}

// Every operation here with every role, scope, nobody and another workspace's key: what the table
// forbids is 401 or 403 and changes nothing, what it allows is neither.
TEST_F(AccessRoutesTest, WalksEveryOperation) {
  const User victim = add_user(shop, "victim@example.com", Role::kOwner);
  const auto victim_session = access->sessions.create(victim, "", "");
  const auto victim_key = access->keys.create(shop, "Victim", Scope::kRead, Actor::system());
  const std::map<std::string, std::string> ids{{"users", to_public(victim.id)},
                                               {"keys", to_public(victim_key.key.id)},
                                               {"sessions", to_public(victim_session.session.id)}};
  const WorkspaceId other = add_workspace("Other");
  std::vector<std::pair<Role, User>> users;
  for (const Role role : all_roles()) {
    users.emplace_back(role, add_user(shop, std::string(role_name(role)) + "@example.com", role));
  }
  for (const Route& route : group.routes) {
    if (route.permission == Permission::kPublic) continue;
    SCOPED_TRACE(route.operation_id);
    std::string path = route.pattern;
    if (const size_t brace = path.find("{id}"); brace != std::string::npos) {
      const std::string noun = path.substr(8, brace - 9);
      path = path.substr(0, brace) + ids.at(noun);
    }
    // A body that no operation takes: allowed callers get 400 and nothing changes.
    const bool takes_body = !route.request_schema.empty();
    const std::string body = takes_body ? R"({"unknown":1})" : "";
    EXPECT_EQ(call(route.method, path, body).status, 401);
    const bool harmless = takes_body || route.method == "GET";
    for (const auto& [role, user] : users) {
      const bool allowed = allows(role, route.permission);
      if (allowed && !harmless) continue;
      const int status = call(route.method, path, body, session_headers(user)).status;
      EXPECT_EQ(status, !allowed ? 403 : takes_body ? 400 : 200) << role_name(role);
    }
    for (const Scope scope : all_scopes()) {
      const bool allowed = allows(scope, route.permission);
      if (allowed && !harmless) continue;
      const auto headers = key_headers(scope, shop, Actor::system());
      const int status = call(route.method, path, body, headers).status;
      EXPECT_EQ(status, !allowed ? 403 : takes_body ? 400 : 200) << scope_name(scope);
    }
    const bool by_id = path != route.pattern;
    const auto foreign =
        call(route.method, path, by_id && takes_body ? R"({"role":"viewer"})" : body,
             key_headers(Scope::kAdmin, other, Actor::system()));
    if (by_id) {
      EXPECT_EQ(foreign.status, 404);
    } else if (route.method == "GET") {
      EXPECT_EQ(json::serialize(foreign.body).find("@example.com"), std::string::npos);
      EXPECT_EQ(json::serialize(foreign.body).find("Shop"), std::string::npos);
    }
  }
  EXPECT_TRUE(access->sessions.find(victim_session.token));
  EXPECT_TRUE(access->keys.find(victim_key.secret));
  EXPECT_EQ(access->users.get(shop, victim.id).role, Role::kOwner);
}

}  // namespace
}  // namespace rapport
