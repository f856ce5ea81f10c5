#include "customers/identity_stage.h"

#include <gtest/gtest.h>

#include "customers/customers_test_support.h"

namespace rapport {
namespace {

using namespace customers_test;
using Texts = std::vector<std::string>;

std::map<uint64_t, uint64_t> successors(const Warehouse& warehouse) {
  std::map<uint64_t, uint64_t> rows;
  warehouse.query("SELECT customer, successor FROM successors", {}, [&](const WarehouseRow& row) {
    EXPECT_TRUE(rows.emplace(row.id(0), row.id(1)).second) << row.id(0) << " is there twice";
  });
  return rows;
}

TEST(IdentityStage, LinksKeepTheirReason) {
  World w;
  w.track("", "a1", minutes(1));
  w.at(minutes(2), R"({"type":"identify","userId":"u1","anonymousId":"a1","messageId":"m-2",
                       "traits":{"email":"Jo@x.y"}})");
  const Customer jo = w.by("email", "jo@X.y ");
  EXPECT_EQ(World::identifiers(jo), (Texts{"anonymous_id=a1", "email=jo@x.y", "user_id=u1"}));
  EXPECT_EQ(jo.id.value, 1u);
  ASSERT_EQ(jo.identifiers.size(), 3u);
  EXPECT_EQ(jo.identifiers[0].kind, "anonymous_id");
  EXPECT_EQ(jo.identifiers[0].reason, "created");
  EXPECT_EQ(jo.identifiers[0].linked_at, minutes(1));
  EXPECT_EQ(jo.identifiers[1].kind, "email");
  EXPECT_EQ(jo.identifiers[1].reason, "added with user_id, anonymous_id");
  EXPECT_EQ(jo.identifiers[1].message_id, "m-2");
}

TEST(IdentityStage, MergesAreFollowedEverywhere) {
  World w;
  w.track("", "a1");                         // 1
  w.track("", "a2");                         // 2
  w.track("", "a3");                         // 3
  w.identify("u1", R"({"email":"e@x.y"})");  // 4
  const auto link = [&](const std::string& x, const std::string& y) {
    return w.collect(R"({"type":"track","event":"E","anonymousId":")" + x +
                     R"(","context":{"externalIds":[{"type":"anonymous_id","id":")" + y +
                     R"("}]}})");
  };
  link("a2", "a3");  // 3 into 2
  EXPECT_EQ(successors(*w.warehouse), (std::map<uint64_t, uint64_t>{{3, 2}}));
  w.track("u1", "a3");  // 4 into 2
  w.track("u1", "a1");  // 2 into 1: and 3 and 4 with it
  const std::map<uint64_t, uint64_t> all{{2, 1}, {3, 1}, {4, 1}};
  EXPECT_EQ(successors(*w.warehouse), all);
  for (uint64_t id = 1; id <= 4; ++id) {
    const auto customer = w.reader.find(kShop, CustomerId{id});
    ASSERT_TRUE(customer) << id;
    EXPECT_EQ(customer->id.value, 1u);
  }
  const Customer one = w.by("user_id", "u1");
  EXPECT_EQ(one.merged_from, (std::vector<CustomerId>{{2}, {3}, {4}}));
  EXPECT_EQ(one.event_count, 7);
  EXPECT_EQ(one.email(), "e@x.y");
  EXPECT_EQ(w.reader.count(kShop), 1);
  const auto events = w.reader.events(kShop, {.customer = one.id, .type = {}, .name = ""}, 100, "");
  EXPECT_EQ(events.items.size(), 7u);
  for (const std::string& event : events.items) {
    EXPECT_NE(event.find(R"("customer_id":")" + to_public(one.id)), std::string::npos) << event;
  }
  w.state->read([&](Connection& c) {
    std::vector<std::string> reasons;
    c.each("SELECT loser || '>' || survivor || ' ' || reason FROM customer_merges ORDER BY loser",
           [&](Statement& row) { reasons.emplace_back(row.text(0)); });
    EXPECT_EQ(reasons, (Texts{"2>1 same event carries user_id, anonymous_id",
                              "3>2 same event carries anonymous_id, anonymous_id",
                              "4>2 same event carries user_id, anonymous_id"}));
  });
}

TEST(IdentityStage, OneBatchMergesAToBToC) {
  World w;
  // All in one batch: what merges end in must not depend on commits between them.
  w.collect(R"({"type":"track","event":"E","anonymousId":"a"},
               {"type":"track","event":"E","anonymousId":"b"},
               {"type":"track","event":"E","userId":"c"},
               {"type":"track","event":"E","userId":"c","anonymousId":"b"},
               {"type":"track","event":"E","userId":"c","anonymousId":"a"},
               {"type":"track","event":"E","anonymousId":"b"})");
  EXPECT_EQ(successors(*w.warehouse), (std::map<uint64_t, uint64_t>{{2, 1}, {3, 1}}));
  EXPECT_EQ(w.by("anonymous_id", "b").event_count, 6);
}

TEST(IdentityStage, ASharedDeviceDoesNotMergePeople) {
  World w;
  for (int person = 0; person < 20; ++person) {
    const std::string p = std::to_string(person);
    w.at(minutes(person), R"({"type":"identify","anonymousId":"tablet","userId":"u)" + p +
                              R"(","traits":{"email":"p)" + p + R"(@x.y"}})");
  }
  EXPECT_EQ(w.reader.count(kShop), 20);
  EXPECT_EQ(World::identifiers(w.by("user_id", "u0")),
            (Texts{"anonymous_id=tablet", "email=p0@x.y", "user_id=u0"}));
  const Customer last = w.by("user_id", "u19");
  EXPECT_EQ(World::identifiers(last), (Texts{"email=p19@x.y", "user_id=u19"}));
  const auto refusals = w.reader.refusals(kShop, last.id, 10);
  ASSERT_EQ(refusals.size(), 1u);
  EXPECT_EQ(refusals[0].kind, "anonymous_id");
  EXPECT_EQ(refusals[0].value, "tablet");
  EXPECT_EQ(refusals[0].reason, "limit_reached");
  // What the tablet sends while nobody is signed in belongs to the first.
  w.track("", "tablet");
  EXPECT_EQ(w.by("user_id", "u0").event_count, 2);
}

TEST(IdentityStage, AMergeStormStopsAtTheLimits) {
  World w;
  w.hold = true;
  for (int i = 0; i < 1'999; ++i) w.track("u1", "a" + std::to_string(i % 1'000), minutes(i));
  w.hold = false;
  w.track("u1", "a999", minutes(1'999));
  const Customer one = w.by("user_id", "u1");
  EXPECT_EQ(one.identifiers.size(), 6u);  // the id and five devices
  EXPECT_EQ(one.event_count, 2'000);
  EXPECT_EQ(w.reader.count(kShop), 1);
  EXPECT_EQ(w.reader.refusals(kShop, one.id, 5'000).size(), 1'990u);
  // Devices that were turned away make a profile of their own when they come alone.
  w.track("", "a500");
  EXPECT_EQ(w.reader.count(kShop), 2);
}

TEST(IdentityStage, LateAnonymousEventsFindTheirPerson) {
  World w;
  w.track("", "a1", minutes(0));
  w.at(minutes(5), R"({"type":"identify","userId":"u1","anonymousId":"a1"})");
  w.at(minutes(9), R"({"type":"track","event":"Late","anonymousId":"a1",
                       "timestamp":"2020-01-01T00:00:00Z"})");
  const Customer one = w.by("user_id", "u1");
  EXPECT_EQ(one.event_count, 3);
  EXPECT_EQ(format_timestamp(one.first_seen), "2020-01-01T00:00:00.000Z");
  EXPECT_EQ(one.last_seen, minutes(5));
  EXPECT_EQ(w.reader.count(kShop), 1);
}

TEST(IdentityStage, BlockedValuesBelongToNobody) {
  World w;
  const Offset all_blocked = w.track("null", "undefined");
  EXPECT_EQ(w.reader.count(kShop), 0);
  w.track("undefined", "a1");
  w.track("null", "a2");
  EXPECT_EQ(w.reader.count(kShop), 2);
  EXPECT_EQ(World::identifiers(w.by("anonymous_id", "a1")), (Texts{"anonymous_id=a1"}));
  const auto events = w.reader.events(kShop, {}, 10, "");
  EXPECT_EQ(events.items.size(), 3u);
  const auto refused = w.reader.refusals(kShop, CustomerId{}, 10);
  ASSERT_EQ(refused.size(), 2u);
  EXPECT_EQ(refused[0].offset, all_blocked);
  EXPECT_EQ(refused[0].reason, "blocked_value");
}

TEST(IdentityStage, BrowserAliasesDoNotMerge) {
  World w;
  w.track("", "old");
  w.track("u1", "");
  w.collect(R"({"type":"alias","userId":"u1","previousId":"old",
                "context":{"library":{"name":"analytics.js"}}})");
  EXPECT_EQ(w.reader.count(kShop), 2);
  // The same when the library is named once for the batch.
  CollectSource source;
  source.received_at = kNow;
  auto result = w.parser.parse(
      R"({"writeKey":"wk","batch":[{"type":"alias","userId":"u1","previousId":"old"}],
          "context":{"library":{"name":"analytics.js"}}})",
      source, [](std::string_view) { return kShop; }, w.random);
  w.store(std::move(result.events));
  EXPECT_EQ(w.reader.count(kShop), 2);
  w.collect(R"({"type":"alias","userId":"u1","previousId":"u1"})");
  EXPECT_EQ(w.reader.count(kShop), 2);
  w.collect(R"({"type":"alias","userId":"u1","previousId":"old"})");
  EXPECT_EQ(w.reader.count(kShop), 1);
}

TEST(IdentityStage, WorkspacesDoNotMeet) {
  World w;
  w.collect(R"({"type":"track","event":"E","userId":"u1"})", WorkspaceId{1});
  w.collect(R"({"type":"track","event":"E","userId":"u1"})", WorkspaceId{2});
  EXPECT_EQ(w.by("user_id", "u1", WorkspaceId{1}).id.value, 1u);
  EXPECT_EQ(w.by("user_id", "u1", WorkspaceId{2}).id.value, 2u);
  EXPECT_FALSE(w.reader.find(WorkspaceId{2}, CustomerId{1}));
  EXPECT_FALSE(w.reader.find_by(WorkspaceId{3}, "user_id", "u1"));
  EXPECT_EQ(w.reader.count(WorkspaceId{1}), 1);
  EXPECT_EQ(w.reader.events(WorkspaceId{2}, {}, 10, "").items.size(), 1u);
}

TEST(IdentityStage, ARefusalFollowsItsCustomer) {
  World w;
  w.track("", "a1");
  w.track("u1", "a1");
  w.track("u2", "a1");  // a1 is refused to u2
  const Customer two = w.by("user_id", "u2");
  EXPECT_EQ(w.reader.refusals(kShop, two.id, 10).size(), 1u);
  w.track("", "b");
  w.track("u2", "b");  // u2's profile is older, nothing changes
  EXPECT_EQ(w.reader.refusals(kShop, w.by("user_id", "u2").id, 10).size(), 1u);
  w.track("", "c");  // a profile of its own
  w.collect(R"({"type":"track","event":"E","userId":"u3","anonymousId":"a1"})");
  const Customer three = w.by("user_id", "u3");
  w.collect(R"({"type":"track","event":"E","userId":"u3","anonymousId":"c"})");
  const Customer merged = w.by("user_id", "u3");
  EXPECT_NE(merged.id, three.id);
  EXPECT_EQ(w.reader.refusals(kShop, merged.id, 10).size(), 1u);
}

}  // namespace
}  // namespace rapport
