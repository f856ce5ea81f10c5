#include "customers/customer_reader.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "customers/customers_test_support.h"
#include "customers/event_json.h"
#include "storage/storage_test_util.h"
#include "stream/payload.h"

namespace rapport {
namespace {

using namespace customers_test;
using Texts = std::vector<std::string>;

Texts found_by(const World& w, std::string_view query, size_t page = 100) {
  Texts users;
  std::string cursor;
  do {
    const auto slice =
        w.reader.list(kShop, {.query = std::string(query), .among = {}}, page, cursor);
    EXPECT_LE(slice.items.size(), page);
    for (const Customer& customer : slice.items) {
      users.emplace_back(customer.identifier("user_id"));
    }
    cursor = slice.next_cursor;
  } while (!cursor.empty());
  return users;
}

TEST(CustomerReader, ListsInPages) {
  World w;
  w.hold = true;
  Texts all;
  for (int i = 0; i < 25; ++i) {
    w.identify("u" + std::to_string(i), "{}");
    all.insert(all.begin(), "u" + std::to_string(i));
  }
  w.collect(R"({"type":"identify","userId":"foreign"})", WorkspaceId{2});
  w.projector.run_to_end();
  for (const size_t page : {1, 7, 25, 100}) EXPECT_EQ(found_by(w, "", page), all) << page;
  EXPECT_EQ(found_by(w, "u1", 3),
            (Texts{"u19", "u18", "u17", "u16", "u15", "u14", "u13", "u12", "u11", "u10", "u1"}));
  EXPECT_EQ(w.reader.list(kShop, {}, 25, "").next_cursor, "");
  for (const char* cursor : {"x", "cus_", "usr_0000000000001", "-1"}) {
    EXPECT_EQ(code_of([&] { w.reader.list(kShop, {}, 10, cursor); }), ErrorCode::kInvalidArgument);
  }
}

TEST(CustomerReader, FindsByPrefixOfIdentifierNameOrAddress) {
  World w;
  w.identify("Ann-1", R"({"name":"Ann Lee","email":"ann@shop.example"})");
  w.identify("u%2", R"({"name":"50% off","email":"percent@x.y"})");
  w.identify("u_3", R"({"last_name":"Nguyễn","phone":"+84 90"})");
  w.identify("u4", R"({"name":"annika \"A\" O'Neil","company":"Zed"})");
  const std::pair<std::string, Texts> cases[]{
      {"ann", {"u4", "Ann-1"}},
      {"ANN", {"u4", "Ann-1"}},
      {"Ann-1", {"Ann-1"}},
      {"Ann L", {"Ann-1"}},
      {"ann@SHOP", {"Ann-1"}},
      {"shop", {}},
      {"%", {}},
      {"u%", {"u%2"}},
      {"50%", {"u%2"}},
      {"u_", {"u_3"}},
      {"nguyễn", {"u_3"}},
      {"NGUYEN", {"u_3"}},
      {"lee", {"Ann-1"}},
      {"le ann", {"Ann-1"}},
      {"lee zed", {}},
      {"neil", {"u4"}},
      {"zed annika", {"u4"}},
      {"+84", {"u_3"}},
      {"zed", {"u4"}},
      {"'; DROP TABLE customers; --", {}},
      {"\xFF", {}},
      {"  ann  ", {"u4", "Ann-1"}},
      {std::string("ann\0", 4), {}},
  };
  for (const auto& [query, expected] : cases) EXPECT_EQ(found_by(w, query), expected) << query;
}

TEST(CustomerReader, ForgetsWordsOfFormerNamesAndKeepsThoseOfMergedOnes) {
  World w;
  w.identify("u1", R"({"name":"Zoë Baker"})", minutes(1));
  w.identify("u1", R"({"name":"Zoë Miller"})", minutes(2));
  w.identify("u1", R"({"name":"Zoë Late"})", minutes(0));  // arrives late
  EXPECT_EQ(found_by(w, "baker"), (Texts{}));
  EXPECT_EQ(found_by(w, "miller"), (Texts{"u1"}));
  EXPECT_EQ(found_by(w, "late"), (Texts{}));
  w.at(minutes(3), R"({"type":"identify","anonymousId":"a","traits":{"name":"Zoë van Dam"}})");
  EXPECT_EQ(found_by(w, "dam").size(), 1u);
  w.at(minutes(4), R"({"type":"identify","userId":"u1","anonymousId":"a"})");
  EXPECT_EQ(found_by(w, "miller"), (Texts{}));
  EXPECT_EQ(found_by(w, "dam van"), (Texts{"u1"}));
}

TEST(CustomerReader, ListsAmongGivenOnes) {
  World w;
  std::vector<CustomerId> among;
  for (int i = 0; i < 6; ++i) {
    const std::string user = "u" + std::to_string(i);
    w.identify(user, i < 4 ? R"({"name":"Ann"})" : R"({"name":"Bob"})");
    if (i % 2 == 1) among.push_back(w.by("user_id", user).id);
  }
  const auto users = [&](std::string query, size_t limit, std::string cursor) {
    Texts found;
    const auto slice = w.reader.list(kShop, {std::move(query), among}, limit, cursor);
    for (const Customer& c : slice.items) found.emplace_back(c.identifier("user_id"));
    found.push_back(slice.next_cursor);
    return found;
  };
  const std::string third = to_public(among[1]);
  EXPECT_EQ(users("", 2, ""), (Texts{"u5", "u3", third}));
  EXPECT_EQ(users("", 2, third), (Texts{"u1", ""}));
  EXPECT_EQ(users("ann", 1, ""), (Texts{"u3", third}));
  EXPECT_EQ(users("ann", 1, third), (Texts{"u1", ""}));
}

TEST(CustomerReader, FindsOneByIdentifier) {
  World w;
  w.collect(R"({"type":"identify","userId":"u/1 %2F","traits":{"email":"A@x.Y"},
                "context":{"device":{"type":"ios","token":"T"}}})");
  EXPECT_TRUE(w.reader.find_by(kShop, "user_id", "u/1 %2F"));
  EXPECT_TRUE(w.reader.find_by(kShop, "user_id", " u/1 %2F "));
  EXPECT_TRUE(w.reader.find_by(kShop, "email", " a@X.y"));
  EXPECT_TRUE(w.reader.find_by(kShop, "ios.push_token", "T"));
  EXPECT_FALSE(w.reader.find_by(kShop, "ios.push_token", "t"));
  EXPECT_FALSE(w.reader.find_by(kShop, "email", "u/1 %2F"));
  EXPECT_FALSE(w.reader.find(kShop, CustomerId{999}));
  EXPECT_FALSE(w.reader.find(kShop, CustomerId{UINT64_MAX}));
  EXPECT_TRUE(w.reader.list_by_id(kShop, std::vector<CustomerId>{{999}}).empty());
}

TEST(CustomerReader, TheAddressIsTheOneSaidLast) {
  World w;
  w.identify("u", R"({"email":"old@x.y"})", minutes(1));
  EXPECT_EQ(w.by("user_id", "u").email(), "old@x.y");
  w.identify("u", R"({"email":" new@x.y"})", minutes(2));
  EXPECT_EQ(w.by("user_id", "u").email(), "new@x.y");
  w.identify("u", R"({"email":"older@x.y"})", minutes(0));  // arrives late
  EXPECT_EQ(w.by("user_id", "u").email(), "new@x.y");
  w.identify("u", R"({"email":"not an address"})", minutes(3));
  EXPECT_EQ(w.by("user_id", "u").email(), "old@x.y");
  EXPECT_EQ(w.by("email", "new@x.y").traits_json(), R"({"email":"not an address"})");
}

TEST(CustomerReader, EventsNewestFirstInPages) {
  World w;
  w.hold = true;
  for (int i = 0; i < 30; ++i) {
    // Arrival order is not event order; some share a time.
    w.at(minutes((i * 7) % 20), R"({"type":"track","userId":"u","event":"E)" +
                                    std::to_string(i % 3) + R"(","messageId":"m)" +
                                    std::to_string(i) + R"("})");
  }
  w.at(minutes(-999'999'999), R"({"type":"page","userId":"u","messageId":"ancient"})");
  w.at(minutes(1), R"({"type":"track","userId":"v","event":"E0"})");
  w.projector.run_to_end();
  const auto pages = [&](const EventListFilter& filter, size_t page) {
    Texts events;
    std::string cursor;
    do {
      const auto slice = w.reader.events(kShop, filter, page, cursor);
      events.insert(events.end(), slice.items.begin(), slice.items.end());
      cursor = slice.next_cursor;
    } while (!cursor.empty());
    return events;
  };
  EventListFilter filter;
  filter.customer = w.by("user_id", "u").id;
  const Texts all = pages(filter, 1'000);
  EXPECT_EQ(all.size(), 31u);
  for (const size_t page : {1, 4, 30, 31}) EXPECT_EQ(pages(filter, page), all) << page;
  Payload payload;
  std::string last = "9999";
  for (const std::string& event : all) {
    ASSERT_TRUE(payload.parse(event)) << event;
    EXPECT_LE(*payload.text("timestamp"), last);
    last = *payload.text("timestamp");
  }
  EXPECT_EQ(payload.text("message_id"), "ancient");
  filter.name = "E1";
  EXPECT_EQ(pages(filter, 3).size(), 10u);
  filter.name = "E'1";
  EXPECT_TRUE(pages(filter, 3).empty());
  filter.name = "";
  filter.type = static_cast<uint8_t>(EventType::kPage);
  EXPECT_EQ(pages(filter, 3).size(), 1u);
  filter = {};
  for (const auto& [who, count] : std::initializer_list<std::pair<std::string, size_t>>{
           {"u", 31},
           {"v", 1},
           {"nobody", 0},
           {to_public(w.by("user_id", "v").id), 1},
           {"cus_0000000000zzz", 0}}) {
    filter.who = who;
    EXPECT_EQ(pages(filter, 7).size(), count) << who;
  }
  EXPECT_EQ(pages({}, 5).size(), 32u);
  EXPECT_EQ(w.reader.count_events(kShop), 32);
  for (const char* cursor : {"x", "1", "1_", "_1", "1_2_3", "1.5_2", "99999999999999999999_1"}) {
    EXPECT_EQ(code_of([&] { w.reader.events(kShop, {}, 10, cursor); }), ErrorCode::kInvalidArgument)
        << cursor;
  }
}

TEST(CustomerReader, RejectedEventsNewestFirst) {
  World w;
  w.hold = true;
  for (int i = 0; i < 7; ++i) {
    w.at(minutes(i), R"({"type":"dance","messageId":"r)" + std::to_string(i) + R"("})");
  }
  w.projector.run_to_end();
  Texts ids;
  std::string cursor;
  do {
    const auto slice = w.reader.rejected(kShop, 3, cursor);
    for (const RejectedEvent& r : slice.items) ids.push_back(r.message_id);
    cursor = slice.next_cursor;
  } while (!cursor.empty());
  EXPECT_EQ(ids, (Texts{"r6", "r5", "r4", "r3", "r2", "r1", "r0"}));
  const RejectedEvent first = w.reader.rejected(kShop, 1, "").items.at(0);
  EXPECT_EQ(first.field, "type");
  EXPECT_EQ(first.received_at, minutes(6));
  EXPECT_EQ(first.raw, R"({"type":"dance","messageId":"r6"})");
  EXPECT_EQ(w.reader.count_events(kShop), 0);
  EXPECT_EQ(w.reader.count(kShop), 0);
  EXPECT_TRUE(w.reader.rejected(WorkspaceId{2}, 10, "").items.empty());
  for (const char* bad : {"x", "-1", "1.5"}) {
    EXPECT_EQ(code_of([&] { w.reader.rejected(kShop, 10, bad); }), ErrorCode::kInvalidArgument);
  }
}

TEST(RejectedStage, KeepsTheNewest) {
  World w;
  std::vector<std::string> records;
  Event event;
  event.type = EventType::kRejected;
  event.timestamp = event.received_at = kNow;
  event.name = "no";
  event.body = "{}";
  for (size_t i = 0; i < limits::kMaxRejectedRows + 50; ++i) {
    const std::string id = "r" + std::to_string(i);
    event.workspace = WorkspaceId{i == 10 ? 2u : 1u};
    event.message_id = event.anonymous_id = id;
    records.push_back(encode_event(event));
  }
  for (size_t at = 0; at < records.size(); at += 4'000) {
    w.log->append(std::span(records).subspan(at, std::min<size_t>(4'000, records.size() - at)));
  }
  w.projector.run_to_end();
  w.state->read([&](Connection& c) {
    const auto count = [&](int workspace) {
      return *c.find(
          "SELECT count(*) FROM rejected_events WHERE workspace = $1",
          [](Statement& row) { return row.integer(0); }, workspace);
    };
    EXPECT_EQ(count(1), static_cast<int64_t>(limits::kMaxRejectedRows));
    EXPECT_EQ(count(2), 1);
  });
  EXPECT_EQ(w.reader.rejected(kShop, 1, "").items.at(0).message_id,
            "r" + std::to_string(records.size() - 1));
}

TEST(EventJson, ShowsWhatWasSentAndWhatWasFilledIn) {
  Event event;
  event.workspace = kShop;
  event.type = EventType::kGroup;
  event.timestamp = minutes(1);
  event.received_at = minutes(2);
  event.sent_at = minutes(3);
  event.message_id = "m\"1";
  event.related_id = "g";
  event.anonymous_id = "a";
  event.ip = "203.0.113.7";
  event.shared_context = R"({"library":{"name":"lib","version":"1"},"locale":"vi"})";
  event.body = R"({"traits":{"n":1.0,"big":18446744073709551615},"properties":[],
                   "context":{"library":{"name":"own"},"ip":null},"integrations":{"All":true}})";
  const std::string json = render_event_json(9, event, CustomerId{3}, "An\"n");
  Payload payload;
  ASSERT_TRUE(payload.parse(json)) << json;
  const std::pair<const char*, std::optional<std::string>> members[]{
      {"offset", "9"},
      {"message_id", R"("m\"1")"},
      {"type", R"("group")"},
      {"name", "null"},
      {"customer_id", "\"" + to_public(CustomerId{3}) + "\""},
      {"customer_label", R"("An\"n")"},
      {"user_id", "null"},
      {"anonymous_id", R"("a")"},
      {"group_id", R"("g")"},
      {"previous_id", std::nullopt},
      {"timestamp", "\"" + format_timestamp(minutes(1)) + "\""},
      {"received_at", "\"" + format_timestamp(minutes(2)) + "\""},
      {"original_timestamp", "null"},
      {"sent_at", "\"" + format_timestamp(minutes(3)) + "\""},
      {"properties", "{}"},
      {"traits", R"({"n":1.0,"big":18446744073709551615})"},
      {"context", R"({"library":{"name":"own","version":"1"},"ip":null,"locale":"vi"})"},
      {"integrations", std::nullopt},
  };
  for (const auto& [path, expected] : members) EXPECT_EQ(payload.json(path), expected) << path;
  event.body = "damaged";
  event.customer = {};
  EXPECT_TRUE(payload.parse(render_event_json(9, event, CustomerId{}, "")));
  EXPECT_EQ(payload.json("customer_id"), "null");
  EXPECT_EQ(payload.text("context.ip"), "203.0.113.7");
}

}  // namespace
}  // namespace rapport
