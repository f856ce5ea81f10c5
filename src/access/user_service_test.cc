#include "access/user_service.h"

#include <atomic>
#include <thread>
#include <vector>

#include "access/access_test_support.h"
#include "base/limits/access.h"

namespace rapport {
namespace {

class UserServiceTest : public AccessTest {
 protected:
  UserServiceTest() : shop(add_workspace("Shop")) {}

  std::optional<ErrorCode> sign_in(std::string_view email, std::string_view password,
                                   std::optional<WorkspaceId> workspace = {}) {
    return error_of([&] { access->users.verify(email, password, "10.0.0.1", workspace); });
  }

  WorkspaceId shop;
  const Actor owner{"usr_1", "owner@example.com", "10.0.0.9", true};
  const Actor admin{"usr_2", "admin@example.com", "10.0.0.9", false};
};

TEST_F(UserServiceTest, CreatesOncePerWorkspace) {
  const auto made =
      access->users.create(shop, " Ann@Example.com ", Role::kAnalyst, std::nullopt, admin);
  EXPECT_EQ(made.user.email, "ann@example.com");
  ASSERT_TRUE(made.generated_password);
  EXPECT_EQ(
      access->users.verify("ANN@example.com", *made.generated_password, "10.0.0.1", {}).front().id,
      made.user.id);
  EXPECT_EQ(error_of([&] {
              access->users.create(shop, "ann@example.com", Role::kViewer,
                                   std::string(kTestPassword), admin);
            }),
            ErrorCode::kConflict);
  EXPECT_EQ(field_of([&] {
              access->users.create(shop, "bob@example.com", Role::kViewer, "short", admin);
            }),
            "password");
  const auto entries = access->audit.list(shop, {}, 10);
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].action, "user.create");
  EXPECT_EQ(entries[0].subject, to_public(made.user.id));
  EXPECT_EQ(entries[0].actor_label, "admin@example.com");
}

TEST_F(UserServiceTest, OnlyOwnersTouchOwnersAndOneStays) {
  const User first = add_user(shop, "first@example.com", Role::kOwner);
  const User second = add_user(shop, "second@example.com", Role::kMarketer);
  auto& users = access->users;
  const auto role = [&](const User& user, Role to, const Actor& by) {
    return error_of([&] { users.change_role(shop, user.id, to, by); });
  };
  const auto remove = [&](const User& user, const Actor& by) {
    return error_of([&] { users.remove(shop, user.id, by); });
  };
  const auto create_owner = [&](const Actor& by) {
    return error_of([&] {
      users.create(shop, "third@example.com", Role::kOwner, std::string(kTestPassword), by);
    });
  };
  EXPECT_EQ(create_owner(admin), ErrorCode::kPermissionDenied);
  EXPECT_EQ(role(second, Role::kOwner, admin), ErrorCode::kPermissionDenied);
  EXPECT_EQ(role(first, Role::kViewer, admin), ErrorCode::kPermissionDenied);
  EXPECT_EQ(remove(first, admin), ErrorCode::kPermissionDenied);
  EXPECT_EQ(role(first, Role::kViewer, owner), ErrorCode::kConflict);
  EXPECT_EQ(remove(first, owner), ErrorCode::kConflict);
  EXPECT_EQ(role(second, Role::kOwner, owner), std::nullopt);
  EXPECT_EQ(role(first, Role::kViewer, owner), std::nullopt);
  EXPECT_EQ(remove(second, owner), ErrorCode::kConflict);
  EXPECT_EQ(remove(first, admin), std::nullopt);
  EXPECT_FALSE(users.find(shop, first.id));
  EXPECT_EQ(users.get(shop, second.id).role, Role::kOwner);
}

TEST_F(UserServiceTest, AnotherWorkspaceDoesNotReachThem) {
  const User ann = add_user(shop, "ann@example.com", Role::kViewer);
  const WorkspaceId other = add_workspace("Other");
  EXPECT_FALSE(access->users.find(other, ann.id));
  EXPECT_FALSE(access->users.find_by_email(other, "ann@example.com"));
  EXPECT_TRUE(access->users.list(other, {}, 10).empty());
  EXPECT_EQ(error_of([&] { access->users.change_role(other, ann.id, Role::kAdmin, owner); }),
            ErrorCode::kNotFound);
  EXPECT_EQ(error_of([&] { access->users.remove(other, ann.id, owner); }), ErrorCode::kNotFound);
  EXPECT_EQ(access->users.get(shop, ann.id).role, Role::kViewer);
}

TEST_F(UserServiceTest, SignsIntoEveryWorkspaceThatFits) {
  const WorkspaceId second = add_workspace("Second");
  const WorkspaceId third = add_workspace("Third");
  const User a = add_user(second, "ann@example.com", Role::kViewer, test_hash());
  const User b = add_user(shop, "ann@example.com", Role::kOwner, test_hash());
  add_user(third, "ann@example.com", Role::kOwner, "another password's hash");
  const auto users = access->users.verify("ann@example.com", kTestPassword, "10.0.0.1", {});
  ASSERT_EQ(users.size(), 2u);
  EXPECT_EQ(users[0].id, a.id);
  EXPECT_EQ(users[1].id, b.id);
  EXPECT_EQ(access->users.verify("ann@example.com", kTestPassword, "10.0.0.1", shop).at(0).id,
            b.id);
  EXPECT_EQ(sign_in("ann@example.com", kTestPassword, third), ErrorCode::kUnauthenticated);
}

TEST_F(UserServiceTest, WrongOnesAreRefusedAlikeThenThrottled) {
  add_user(shop, "ann@example.com", Role::kOwner, test_hash());
  EXPECT_EQ(sign_in("ann@example.com", "wrong password"), ErrorCode::kUnauthenticated);
  EXPECT_EQ(sign_in("nobody@example.com", kTestPassword), ErrorCode::kUnauthenticated);
  EXPECT_EQ(sign_in("ann@example.com", std::string(100'000, 'x')), ErrorCode::kUnauthenticated);
  EXPECT_EQ(sign_in("ann@example.com", ""), ErrorCode::kUnauthenticated);
  EXPECT_EQ(sign_in("not an address", "x"), ErrorCode::kInvalidArgument);
  for (int i = 3; i < limits::kFreeAccountAttempts; ++i) {
    EXPECT_EQ(sign_in("ann@example.com", "wrong password"), ErrorCode::kUnauthenticated);
  }
  EXPECT_EQ(sign_in("ann@example.com", kTestPassword), ErrorCode::kTooManyRequests);
  clock.advance(std::chrono::seconds(1));
  EXPECT_EQ(sign_in("ann@example.com", kTestPassword), std::nullopt);
  EXPECT_EQ(sign_in("ann@example.com", "wrong password"), ErrorCode::kUnauthenticated);
}

TEST_F(UserServiceTest, ChangingAPasswordEndsTheOtherSessions) {
  const User ann = add_user(shop, "ann@example.com", Role::kViewer, test_hash());
  const auto kept = access->sessions.create(ann, "", "");
  const auto ended = access->sessions.create(ann, "", "");
  const auto change = [&](std::string_view current, std::string_view fresh) {
    return field_of([&] {
      access->users.change_password(shop, ann.id, current, fresh, kept.session.id, admin);
    });
  };
  EXPECT_EQ(change("wrong password", "a new password"), "current");
  EXPECT_EQ(change(kTestPassword, "short"), "new");
  EXPECT_TRUE(access->sessions.find(ended.token));
  EXPECT_EQ(change(kTestPassword, "a new password"), "");
  EXPECT_TRUE(access->sessions.find(kept.token));
  EXPECT_FALSE(access->sessions.find(ended.token));
  EXPECT_EQ(sign_in("ann@example.com", kTestPassword), ErrorCode::kUnauthenticated);
  EXPECT_EQ(sign_in("ann@example.com", "a new password"), std::nullopt);
}

TEST_F(UserServiceTest, RemovalEndsSessions) {
  const User ann = add_user(shop, "ann@example.com", Role::kViewer);
  const auto opened = access->sessions.create(ann, "", "");
  access->users.remove(shop, ann.id, admin);
  EXPECT_FALSE(access->sessions.find(opened.token));
  EXPECT_EQ(count("sessions"), 0);
}

TEST_F(UserServiceTest, ManyAtOnceWaitOrAreTurnedAway) {
  PasswordGate gate;
  std::atomic<size_t> verified{0};
  std::atomic<size_t> refused{0};
  std::vector<std::thread> threads;
  const std::string hash = test_hash();
  for (int i = 0; i < 14; ++i) {
    threads.emplace_back([&] {
      const auto error = error_of([&] {
        if (gate.verify(hash, kTestPassword)) ++verified;
      });
      if (error == ErrorCode::kUnavailable) ++refused;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(verified + refused, 14u);
  EXPECT_GE(verified, limits::kPasswordHashers + limits::kPasswordWaiters);
}

}  // namespace
}  // namespace rapport
