#include "access/api_key_service.h"

#include <atomic>
#include <thread>
#include <vector>

#include "access/access_test_support.h"
#include "base/limits/access.h"
#include "crypto/token.h"

namespace rapport {
namespace {

class ApiKeyServiceTest : public AccessTest {
 protected:
  ApiKeyServiceTest() : shop(add_workspace("Shop")) {}

  CreatedApiKey create(Scope scope, WorkspaceId workspace) {
    return access->keys.create(workspace, "Key", scope, Actor::system());
  }

  WorkspaceId shop;
};

TEST_F(ApiKeyServiceTest, ShownOnceAndStoredHashed) {
  const struct {
    Scope scope;
    std::string prefix;
  } cases[] = {{Scope::kIngest, "wk_"}, {Scope::kRead, "rk_"}, {Scope::kAdmin, "rk_"}};
  for (const auto& c : cases) {
    const auto made = create(c.scope, shop);
    EXPECT_TRUE(is_token(c.prefix, made.secret));
    EXPECT_EQ(made.key.prefix, made.secret.substr(0, 8));
    const auto found = access->keys.find(made.secret);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->id, made.key.id);
    EXPECT_EQ(found->workspace, shop);
    EXPECT_EQ(found->scope, c.scope);
    control->read([&](Connection& connection) {
      connection.each(
          "SELECT name, scope, prefix, key_hash FROM api_keys WHERE id = $1",
          [&](Statement& s) {
            for (int i = 0; i < 4; ++i) EXPECT_EQ(s.text(i).find(made.secret), std::string::npos);
          },
          made.key.id);
    });
  }
}

TEST_F(ApiKeyServiceTest, OnlyIngestKeysOpenAWorkspaceForCollect) {
  const WorkspaceId other = add_workspace("Other");
  const auto write = create(Scope::kIngest, shop);
  const auto write_other = create(Scope::kIngest, other);
  EXPECT_EQ(access->keys.find_ingest_workspace(write.secret), shop);
  EXPECT_EQ(access->keys.find_ingest_workspace(write_other.secret), other);
  for (const std::string& bad :
       {std::string(), create(Scope::kRead, shop).secret, create(Scope::kAdmin, shop).secret,
        make_token("wk_"), write.secret + "x", std::string("wk_"), std::string(100'000, 'w')}) {
    EXPECT_FALSE(access->keys.find_ingest_workspace(bad)) << bad.substr(0, 40);
  }
}

TEST_F(ApiKeyServiceTest, RevokedAtOnceHere) {
  const auto made = create(Scope::kIngest, shop);
  const auto revoke = [&](WorkspaceId workspace) {
    return error_of([&] { access->keys.revoke(workspace, made.key.id, Actor::system()); });
  };
  EXPECT_EQ(revoke(add_workspace("Other")), ErrorCode::kNotFound);
  EXPECT_TRUE(access->keys.find(made.secret));
  EXPECT_EQ(revoke(shop), std::nullopt);
  EXPECT_FALSE(access->keys.find(made.secret));
  EXPECT_TRUE(access->keys.list(shop, {}, 10).empty());
  EXPECT_EQ(revoke(shop), ErrorCode::kNotFound);
}

TEST_F(ApiKeyServiceTest, ChangesOfAnotherProcessWithinASecond) {
  AccessServices elsewhere(*control, clock, root_key());
  const auto made = elsewhere.keys.create(shop, "Key", Scope::kIngest, Actor::system());
  clock.advance(limits::kKeyMissRefresh);
  EXPECT_EQ(access->keys.find_ingest_workspace(made.secret), shop);
  elsewhere.keys.revoke(shop, made.key.id, Actor::system());
  clock.advance(limits::kKeyRefresh);
  EXPECT_FALSE(access->keys.find_ingest_workspace(made.secret));
  EXPECT_LE(limits::kKeyRefresh, std::chrono::seconds(1));
}

TEST_F(ApiKeyServiceTest, LastUseIsKeptOverARestart) {
  const auto made = create(Scope::kRead, shop);
  EXPECT_FALSE(access->keys.list(shop, {}, 10).front().last_used_at);
  clock.advance(std::chrono::hours(1));
  ASSERT_TRUE(access->keys.find(made.secret));
  const Timestamp used = clock.now();
  EXPECT_EQ(access->keys.list(shop, {}, 10).front().last_used_at, used);
  create(Scope::kRead, shop);  // reloading the keys must not forget it
  access->maintain();
  AccessServices restarted(*control, clock, root_key());
  EXPECT_EQ(restarted.keys.list(shop, {}, 10).front().last_used_at, used);
}

TEST_F(ApiKeyServiceTest, Bounded) {
  for (size_t i = 0; i < limits::kMaxKeysPerWorkspace; ++i) create(Scope::kRead, shop);
  EXPECT_EQ(error_of([&] { create(Scope::kRead, shop); }), ErrorCode::kUnprocessable);
  EXPECT_EQ(error_of([&] { create(Scope::kRead, add_workspace("Other")); }), std::nullopt);
  EXPECT_EQ(field_of([&] { access->keys.create(shop, " ", Scope::kRead, Actor::system()); }),
            "name");
}

TEST_F(ApiKeyServiceTest, PagesAreOfOneWorkspace) {
  const WorkspaceId other = add_workspace("Other");
  std::vector<KeyId> made;
  for (int i = 0; i < 5; ++i) {
    made.push_back(create(Scope::kRead, shop).key.id);
    create(Scope::kRead, other);
  }
  std::vector<KeyId> seen;
  std::optional<KeyId> after;
  while (true) {
    const auto page = access->keys.list(shop, after, 2);
    if (page.empty()) break;
    for (const ApiKey& key : page) seen.push_back(key.id);
    after = seen.back();
  }
  EXPECT_EQ(seen, made);
}

TEST_F(ApiKeyServiceTest, LookUpsRunBesideChanges) {
  const auto made = create(Scope::kIngest, shop);
  std::atomic<bool> done{false};
  std::atomic<int> missed{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      while (!done) {
        clock.advance(std::chrono::milliseconds(1));
        if (access->keys.find_ingest_workspace(made.secret) != shop) ++missed;
        if (access->keys.find_ingest_workspace(make_token("wk_"))) ++missed;
      }
    });
  }
  for (int i = 0; i < 20; ++i) {
    const auto other = create(Scope::kIngest, shop);
    EXPECT_EQ(access->keys.find_ingest_workspace(other.secret), shop);
    access->keys.revoke(shop, other.key.id, Actor::system());
    EXPECT_FALSE(access->keys.find_ingest_workspace(other.secret));
    access->keys.flush();
  }
  done = true;
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(missed, 0);
}

}  // namespace
}  // namespace rapport
