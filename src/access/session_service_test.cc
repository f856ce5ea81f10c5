#include "access/session_service.h"

#include "access/access_test_support.h"
#include "base/limits/access.h"

namespace rapport {
namespace {

using std::chrono::hours;

class SessionServiceTest : public AccessTest {
 protected:
  SessionServiceTest()
      : shop(add_workspace("Shop")), ann(add_user(shop, "ann@example.com", Role::kMarketer)) {}

  NewSession open() { return access->sessions.create(ann, "Browser 1.0", "10.0.0.1"); }

  WorkspaceId shop;
  User ann;
};

TEST_F(SessionServiceTest, FoundByItsTokenOnly) {
  const auto opened = open();
  const auto found = access->sessions.find(opened.token);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->user.id, ann.id);
  EXPECT_EQ(found->user.workspace, shop);
  EXPECT_EQ(found->session.user_agent, "Browser 1.0");
  std::string other = opened.token;
  other[0] = other[0] == 'a' ? 'b' : 'a';
  for (const std::string& bad : {std::string(), other, opened.token + "a", std::string(32, 'x')}) {
    EXPECT_FALSE(access->sessions.find(bad)) << bad;
  }
}

TEST_F(SessionServiceTest, TheTokenIsNotStored) {
  const auto opened = open();
  control->read([&](Connection& c) {
    c.each("SELECT token_hash FROM sessions", [&](Statement& s) {
      EXPECT_EQ(s.text(0).find(opened.token), std::string_view::npos);
      EXPECT_EQ(s.text(0).size(), 64u);
    });
  });
}

TEST_F(SessionServiceTest, EndsWhenIdleAndAtTheLatestDay) {
  const auto idle = open();
  clock.advance(limits::kSessionIdle - Micros(1));
  EXPECT_TRUE(access->sessions.find(idle.token));
  clock.advance(limits::kSessionIdle);
  EXPECT_FALSE(access->sessions.find(idle.token));

  const auto busy = open();
  hours passed{0};
  while (passed < limits::kSessionLifetime - hours(24)) {
    clock.advance(hours(24));
    passed += hours(24);
    EXPECT_TRUE(access->sessions.find(busy.token)) << passed.count();
    access->maintain();
  }
  clock.advance(hours(24));
  EXPECT_FALSE(access->sessions.find(busy.token));
  access->maintain();
  EXPECT_EQ(count("sessions"), 0);
}

TEST_F(SessionServiceTest, UseIsWrittenByFlush) {
  const auto opened = open();
  clock.advance(hours(1));
  ASSERT_TRUE(access->sessions.find(opened.token));
  const Timestamp used = clock.now();
  EXPECT_EQ(access->sessions.list(shop, ann.id).front().last_seen_at, used);
  access->maintain();
  AccessServices restarted(*control, clock, root_key());
  EXPECT_EQ(restarted.sessions.list(shop, ann.id).front().last_seen_at, used);
}

TEST_F(SessionServiceTest, SigningInAgainEndsTheSessionBefore) {
  const auto first = open();
  const auto second = access->sessions.create(ann, "", "", first.token);
  EXPECT_FALSE(access->sessions.find(first.token));
  EXPECT_TRUE(access->sessions.find(second.token));
  EXPECT_NE(first.token, second.token);
}

TEST_F(SessionServiceTest, RevokedByItsUserOnly) {
  const auto opened = open();
  const User bob = add_user(shop, "bob@example.com", Role::kOwner);
  const auto revoke_as = [&](WorkspaceId workspace, UserId user) {
    return error_of([&] { access->sessions.revoke(workspace, user, opened.session.id); });
  };
  EXPECT_EQ(revoke_as(shop, bob.id), ErrorCode::kNotFound);
  EXPECT_EQ(revoke_as(add_workspace("Other"), ann.id), ErrorCode::kNotFound);
  EXPECT_TRUE(access->sessions.find(opened.token));
  EXPECT_EQ(revoke_as(shop, ann.id), std::nullopt);
  EXPECT_FALSE(access->sessions.find(opened.token));
  EXPECT_EQ(revoke_as(shop, ann.id), ErrorCode::kNotFound);
}

TEST_F(SessionServiceTest, AUserHasABoundedNumber) {
  const auto first = open();
  for (size_t i = 1; i < limits::kMaxSessionsPerUser; ++i) open();
  EXPECT_TRUE(access->sessions.find(first.token));
  open();
  EXPECT_FALSE(access->sessions.find(first.token));
  EXPECT_EQ(access->sessions.list(shop, ann.id).size(), limits::kMaxSessionsPerUser);
}

TEST_F(SessionServiceTest, CookiesAndCsrf) {
  EXPECT_EQ(session_cookie("T", false),
            "rapport_session=T; Path=/; HttpOnly; SameSite=Lax; Max-Age=1209600");
  EXPECT_EQ(session_cookie("T", true),
            "__Host-rapport_session=T; Path=/; HttpOnly; SameSite=Lax; Max-Age=1209600; Secure");
  EXPECT_EQ(expired_session_cookie(true),
            "__Host-rapport_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0; Secure");
  EXPECT_EQ(csrf_token("a").size(), 43u);
  EXPECT_EQ(csrf_token("a"), csrf_token("a"));
  EXPECT_NE(csrf_token("a"), csrf_token("b"));
}

}  // namespace
}  // namespace rapport
