#include "access/workspace_service.h"

#include "access/access_test_support.h"
#include "crypto/token.h"

namespace rapport {
namespace {

using WorkspaceServiceTest = AccessTest;

TEST_F(WorkspaceServiceTest, InitialisesOnce) {
  const auto made = access->workspaces.initialise({"Shop", "Owner@Example.com", {}, "UTC"});
  EXPECT_EQ(made.email, "owner@example.com");
  EXPECT_TRUE(is_token("wk_", made.write_key));
  EXPECT_TRUE(is_token("rk_", made.admin_key));
  ASSERT_TRUE(made.generated_password);
  EXPECT_EQ(access->keys.find_ingest_workspace(made.write_key), made.workspace.id);
  const auto admin_key = access->keys.find(made.admin_key);
  ASSERT_TRUE(admin_key);
  EXPECT_EQ(admin_key->scope, Scope::kAdmin);
  EXPECT_TRUE(admin_key->acts_as_owner);
  const auto users = access->users.verify("owner@example.com", *made.generated_password, "::1", {});
  EXPECT_EQ(users.front().role, Role::kOwner);
  EXPECT_EQ(users.front().id, made.owner);
  EXPECT_EQ(error_of([&] {
              access->workspaces.initialise({"Other", "a@b.c", {}, "UTC"});
            }),
            ErrorCode::kConflict);
  EXPECT_EQ(access->workspaces.list().size(), 1u);
  EXPECT_EQ(count("users"), 1);
}

TEST_F(WorkspaceServiceTest, NothingIsLeftOfARefusedOne) {
  const std::string good(kTestPassword);
  const struct {
    NewWorkspace input;
    std::string field;
  } cases[] = {
      {{"", "a@b.c", good, "UTC"}, "name"},
      {{"Shop", "nobody", good, "UTC"}, "email"},
      {{"Shop", "a@b.c", "short", "UTC"}, "password"},
      {{"Shop", "a@b.c", good, "Mars/Base"}, "time_zone"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(field_of([&] { access->workspaces.initialise(c.input); }), c.field);
  }
  EXPECT_EQ(count("workspaces") + count("users") + count("api_keys") + count("audit_trail"), 0);
}

TEST_F(WorkspaceServiceTest, NamesAreTakenOnce) {
  const WorkspaceId shop = add_workspace("Shop");
  const WorkspaceId other = add_workspace("Other");
  const NewWorkspace again{"Shop", "a@b.c", std::string(kTestPassword), "UTC"};
  EXPECT_EQ(error_of([&] { access->workspaces.create(again, Actor::system()); }),
            ErrorCode::kConflict);
  const auto rename = [&](WorkspaceId id, std::string name) {
    WorkspaceChange change;
    change.name = std::move(name);
    return error_of([&] { access->workspaces.update(id, change, Actor::system()); });
  };
  EXPECT_EQ(rename(other, "Shop"), ErrorCode::kConflict);
  EXPECT_EQ(rename(shop, "Shop"), std::nullopt);
  EXPECT_EQ(rename(shop, "Store"), std::nullopt);
  EXPECT_EQ(rename(other, "Shop"), std::nullopt);
  EXPECT_EQ(access->workspaces.get(shop).name, "Store");
  EXPECT_EQ(access->workspaces.find_by_text("Store")->id, shop);
  EXPECT_EQ(access->workspaces.find_by_text(to_public(other))->name, "Shop");
  EXPECT_FALSE(access->workspaces.find_by_text("wsp_nothing"));
  EXPECT_EQ(rename(WorkspaceId{99}, "X"), ErrorCode::kNotFound);
}

TEST_F(WorkspaceServiceTest, CurrencyAndLanguagesAreChecked) {
  const WorkspaceId shop = add_workspace("Shop");
  EXPECT_EQ(access->workspaces.get(shop).currency, "USD");
  EXPECT_EQ(access->workspaces.get(shop).languages, std::vector<std::string>{"en"});
  WorkspaceChange good;
  good.currency = "VND";
  good.languages = {"vi", "zh-Hant", "es-419"};
  access->workspaces.update(shop, good, Actor::system());
  EXPECT_EQ(access->workspaces.get(shop).currency, "VND");
  EXPECT_EQ(access->workspaces.get(shop).languages, *good.languages);
  for (const std::string currency : {"", "usd", "EURO", "E1R", "€€€"}) {
    WorkspaceChange bad;
    bad.currency = currency;
    EXPECT_EQ(field_of([&] { access->workspaces.update(shop, bad, Actor::system()); }), "currency");
  }
  using Tags = std::vector<std::string>;
  for (const Tags& tags : {Tags{}, Tags{""}, Tags{"e"}, Tags{"en,vi"}, Tags{"en", "en"},
                           Tags{"english"}, Tags{"en-"}, Tags(21, "en")}) {
    WorkspaceChange bad;
    bad.languages = tags;
    EXPECT_NE(field_of([&] { access->workspaces.update(shop, bad, Actor::system()); }), "");
  }
}

TEST_F(WorkspaceServiceTest, SettingsAndTheirSecrets) {
  const WorkspaceId shop = add_workspace("Shop");
  const WorkspaceId other = add_workspace("Other");
  auto& settings = access->settings;
  const auto put = [&](std::string_view json, const SecretChange& secret) {
    settings.put(shop, "provider.email", json, secret, Actor::system());
  };
  EXPECT_FALSE(settings.find(shop, "provider.email"));
  put(R"({"host":"a"})", SecretChange::keep());
  EXPECT_FALSE(settings.find(shop, "provider.email")->has_secret);
  put(R"({"host":"b"})", SecretChange::replace("hunter2"));
  EXPECT_EQ(settings.find(shop, "provider.email")->value, R"({"host":"b"})");
  EXPECT_EQ(settings.find_secret(shop, "provider.email"), "hunter2");
  put(R"({"host":"c"})", SecretChange::keep());
  EXPECT_EQ(settings.find_secret(shop, "provider.email"), "hunter2");
  EXPECT_FALSE(settings.find(other, "provider.email"));
  EXPECT_FALSE(settings.find_secret(other, "provider.email"));
  control->write([&](Connection& c) {
    c.each("SELECT secret FROM workspace_settings",
           [](Statement& s) { EXPECT_EQ(s.text(0).find("hunter2"), std::string_view::npos); });
    c.run(
        "INSERT INTO workspace_settings SELECT $1, name, value, secret, updated_at "
        "FROM workspace_settings",
        other);
  });
  // Copied to another workspace's row it does not open.
  EXPECT_EQ(error_of([&] { settings.find_secret(other, "provider.email"); }),
            ErrorCode::kCorrupted);
  put("{}", SecretChange::clear());
  EXPECT_FALSE(settings.find_secret(shop, "provider.email"));
}

TEST_F(WorkspaceServiceTest, AuditPages) {
  const WorkspaceId shop = add_workspace("Shop");
  const WorkspaceId other = add_workspace("Other");
  for (int i = 0; i < 5; ++i) {
    access->audit.record(shop, Actor::system(), "campaign.start", "cmp_" + std::to_string(i));
    access->audit.record(other, Actor::system(), "campaign.start", "cmp_other");
  }
  const auto first = access->audit.list(shop, {}, 3);
  ASSERT_EQ(first.size(), 3u);
  EXPECT_EQ(first[0].subject, "cmp_4");
  const auto rest = access->audit.list(shop, first.back().id, 3);
  ASSERT_EQ(rest.size(), 2u);
  EXPECT_EQ(rest[1].subject, "cmp_0");
  EXPECT_EQ(rest[1].at, clock.now());
}

}  // namespace
}  // namespace rapport
