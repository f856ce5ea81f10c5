#include "access/authoriser.h"

#include "access/access_test_support.h"
#include "base/limits.h"
#include "base/text.h"
#include "crypto/token.h"

namespace rapport {
namespace {

constexpr int kPermissions = static_cast<int>(Permission::kOperations) + 1;

class AuthoriserTest : public AccessTest {
 protected:
  AuthoriserTest() : shop(add_workspace("Shop")) {}

  /// 0: passed, else the HTTP status.
  int ask(Permission permission, Request& request) {
    Route route;
    route.permission = permission;
    const auto error = error_of([&] { access->authoriser.authorise(route, request); });
    return error ? http_status(*error) : 0;
  }

  int ask_with(Permission permission, std::string_view authorization) {
    Request request;
    request.method = "GET";
    request.remote_ip = "192.0.2.1";
    request.headers.emplace_back("authorization", authorization);
    return ask(permission, request);
  }

  std::string key(Scope scope) {
    return access->keys.create(shop, "Key", scope, Actor::system()).secret;
  }

  WorkspaceId shop;
};

TEST_F(AuthoriserTest, EveryRoleAndScopeByTheTable) {
  for (int i = 0; i < kPermissions; ++i) {
    const auto permission = static_cast<Permission>(i);
    if (permission == Permission::kPublic || permission == Permission::kIngest) continue;
    SCOPED_TRACE(permission_name(permission));
    Request nobody;
    nobody.method = "GET";
    nobody.remote_ip = "192.0.2.1";
    EXPECT_EQ(ask(permission, nobody), 401);
    for (const Role role : all_roles()) {
      const std::string email = std::string(role_name(role)) + std::to_string(i) + "@example.com";
      const User user = add_user(shop, email, role);
      Request request = nobody;
      const auto opened = access->sessions.create(user, "", "");
      request.headers.emplace_back("cookie", "rapport_session=" + opened.token);
      EXPECT_EQ(ask(permission, request), allows(role, permission) ? 0 : 403);
    }
    for (const Scope scope : all_scopes()) {
      EXPECT_EQ(ask_with(permission, "Bearer " + key(scope)), allows(scope, permission) ? 0 : 403);
    }
  }
}

TEST_F(AuthoriserTest, PublicAndIngestPassAnybody) {
  for (const auto permission : {Permission::kPublic, Permission::kIngest}) {
    EXPECT_EQ(ask_with(permission, ""), 0);
    EXPECT_EQ(ask_with(permission, "Bearer nonsense"), 0);
  }
}

TEST_F(AuthoriserTest, FormsOfTheAuthorizationHeader) {
  const std::string good = key(Scope::kRead);
  const struct {
    std::string header;
    int status;
  } cases[] = {
      {"Bearer " + good, 0},
      {"bearer  " + good + " ", 0},
      {"Basic " + base64_encode(good + ":"), 0},
      {"Basic " + base64_encode(good), 0},
      {"Basic " + base64_encode(good + ":password"), 401},
      {"Basic " + base64_encode(":" + good), 401},
      {"Basic !!!", 401},
      {"Basic", 401},
      {"Bearer", 401},
      {"Bearer ", 401},
      {"Bearer " + make_token("rk_"), 401},
      {"Bearer " + good.substr(0, good.size() - 1), 401},
      {"Digest " + good, 401},
      {good, 401},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(ask_with(Permission::kCustomersRead, c.header), c.status) << c.header;
  }
}

TEST_F(AuthoriserTest, ABadKeyIsNotSavedByACookie) {
  const auto opened =
      access->sessions.create(add_user(shop, "a@example.com", Role::kOwner), "", "");
  Request request;
  request.method = "GET";
  request.headers = {{"authorization", "Bearer " + make_token("rk_")},
                     {"cookie", "rapport_session=" + opened.token}};
  EXPECT_EQ(ask(Permission::kCustomersRead, request), 401);
  EXPECT_EQ(request.caller.workspace, 0u);
}

TEST_F(AuthoriserTest, TheCallerIsSet) {
  const User user = add_user(shop, "a@example.com", Role::kAnalyst);
  const auto opened = access->sessions.create(user, "", "");
  Request by_cookie;
  by_cookie.method = "GET";
  by_cookie.headers = {{"cookie", "x=1; rapport_session=" + opened.token}};
  EXPECT_EQ(ask(Permission::kCustomersRead, by_cookie), 0);
  EXPECT_EQ(by_cookie.caller.workspace, shop.value);
  EXPECT_EQ(by_cookie.caller.user, user.id.value);
  EXPECT_EQ(by_cookie.caller.session, opened.session.id.value);
  EXPECT_EQ(by_cookie.caller.api_key, 0u);
  EXPECT_EQ(by_cookie.caller.label, "a@example.com");
  EXPECT_EQ(by_cookie.caller.role, "analyst");

  const auto made = access->keys.create(shop, "Reports", Scope::kRead, Actor::system());
  Request by_key;
  by_key.method = "POST";  // keys need no CSRF token
  by_key.headers = {{"authorization", "Bearer " + made.secret}};
  EXPECT_EQ(ask(Permission::kCustomersRead, by_key), 0);
  EXPECT_EQ(by_key.caller.workspace, shop.value);
  EXPECT_EQ(by_key.caller.user, 0u);
  EXPECT_EQ(by_key.caller.api_key, made.key.id.value);
  EXPECT_EQ(by_key.caller.label, "Reports");
  EXPECT_EQ(by_key.caller.role, "read");
}

TEST_F(AuthoriserTest, CookiesNeedTheirNameAndTheCsrfToken) {
  const auto opened =
      access->sessions.create(add_user(shop, "a@example.com", Role::kOwner), "", "");
  const auto other = access->sessions.create(add_user(shop, "b@example.com", Role::kOwner), "", "");
  const std::string csrf = csrf_token(opened.token);
  const struct {
    std::string method;
    std::string cookie;
    std::string csrf;
    bool secure;
    int status;
  } cases[] = {
      {"GET", "rapport_session", "", false, 0},
      {"HEAD", "rapport_session", "", false, 0},
      {"GET", "__Host-rapport_session", "", true, 0},
      {"GET", "rapport_session", "", true, 401},
      {"GET", "__Host-rapport_session", "", false, 401},
      {"POST", "rapport_session", csrf, false, 0},
      {"PUT", "__Host-rapport_session", csrf, true, 0},
      {"DELETE", "rapport_session", csrf, false, 0},
      {"POST", "rapport_session", "", false, 403},
      {"PUT", "rapport_session", "wrong", false, 403},
      {"DELETE", "rapport_session", csrf_token(other.token), false, 403},
      {"PATCH", "rapport_session", "", false, 403},
  };
  for (const auto& c : cases) {
    Request request;
    request.method = c.method;
    request.secure = c.secure;
    request.headers.emplace_back("cookie", c.cookie + "=" + opened.token);
    if (!c.csrf.empty()) request.headers.emplace_back("x-csrf-token", c.csrf);
    EXPECT_EQ(ask(Permission::kSegmentsWrite, request), c.status) << c.method << " " << c.cookie;
  }
}

TEST_F(AuthoriserTest, ChangesTakeEffectOnTheNextRequest) {
  const User user = add_user(shop, "a@example.com", Role::kMarketer);
  const auto opened = access->sessions.create(user, "", "");
  const auto status = [&] {
    Request request;
    request.method = "GET";
    request.headers.emplace_back("cookie", "rapport_session=" + opened.token);
    return ask(Permission::kSegmentsWrite, request);
  };
  EXPECT_EQ(status(), 0);
  access->users.change_role(shop, user.id, Role::kViewer, Actor::system());
  EXPECT_EQ(status(), 403);
  access->users.remove(shop, user.id, Actor::system());
  EXPECT_EQ(status(), 401);

  const auto made = access->keys.create(shop, "Key", Scope::kRead, Actor::system());
  EXPECT_EQ(ask_with(Permission::kCustomersRead, "Bearer " + made.secret), 0);
  access->keys.revoke(shop, made.key.id, Actor::system());
  EXPECT_EQ(ask_with(Permission::kCustomersRead, "Bearer " + made.secret), 401);
}

TEST_F(AuthoriserTest, OperationsFromThisMachineNeedNoKey) {
  const struct {
    std::string ip;
    std::string proxy_header;
    int status;
  } cases[] = {
      {"127.0.0.1", "", 0},
      {"127.9.9.9", "", 0},
      {"::1", "", 0},
      {"::ffff:127.0.0.1", "", 0},
      {"192.0.2.1", "", 401},
      {"", "", 401},
      {"127.0.0.1", "x-forwarded-for", 401},
      {"::1", "forwarded", 401},
      {"127.0.0.1", "x-real-ip", 401},
  };
  for (const auto& c : cases) {
    Request request;
    request.method = "GET";
    request.remote_ip = c.ip;
    if (!c.proxy_header.empty()) request.headers.emplace_back(c.proxy_header, "198.51.100.1");
    EXPECT_EQ(ask(Permission::kOperations, request), c.status) << c.ip << c.proxy_header;
    if (c.status == 0) {
      EXPECT_EQ(ask(Permission::kCustomersRead, request), 401);
    }
  }
}

}  // namespace
}  // namespace rapport
