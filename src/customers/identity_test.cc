#include "customers/identity.h"

#include <gtest/gtest.h>

#include "customers/customers_test_support.h"

namespace rapport {
namespace {

using namespace customers_test;

std::vector<std::string> texts(const std::vector<Identifier>& identifiers) {
  std::vector<std::string> out;
  for (const Identifier& i : identifiers) out.push_back(i.kind + "=" + i.value);
  return out;
}

ExtractedIdentifiers extract(Event event, const std::string& body) {
  Payload payload;
  EXPECT_TRUE(payload.parse(body)) << body;
  event.body = body;
  return extract_identifiers(event, payload, IdentityRules());
}

using Texts = std::vector<std::string>;

TEST(Identity, ReadsIdentifiersWhereClientsPutThem) {
  Event event;
  event.user_id = " u1 ";
  event.anonymous_id = "a1";
  struct Case {
    EventType type;
    std::string body;
    Texts expected;
  };
  const Case cases[]{
      {EventType::kTrack, "{}", {"user_id=u1", "anonymous_id=a1"}},
      {EventType::kTrack, R"({"traits":{"email":"a@b.c"}})", {"user_id=u1", "anonymous_id=a1"}},
      {EventType::kIdentify,
       R"({"traits":{"email":" Jo@B.C ","phone":"+84 1"}})",
       {"user_id=u1", "email=jo@b.c", "anonymous_id=a1", "phone=+84 1"}},
      {EventType::kTrack,
       R"({"context":{"traits":{"email":"A@B.C","phone":5}}})",
       {"user_id=u1", "email=a@b.c", "anonymous_id=a1", "phone=5"}},
      {EventType::kIdentify, R"({"traits":{"email":"nobody"}})", {"user_id=u1", "anonymous_id=a1"}},
      {EventType::kTrack,
       R"({"context":{"device":{"type":"iOS","id":"d","advertisingId":"ad","token":"t"}}})",
       {"user_id=u1", "anonymous_id=a1", "ios.id=d", "ios.idfa=ad", "ios.push_token=t"}},
      {EventType::kTrack,
       R"({"context":{"device":{"type":"toaster","id":"d"}}})",
       {"user_id=u1", "anonymous_id=a1"}},
      {EventType::kTrack,
       R"({"context":{"externalIds":[{"type":"GA_client_id","id":"7","collection":"users"},
           {"type":"group","id":"g","collection":"accounts"},{"type":"braze_id","id":9},
           {"type":"","id":"x"},{"type":"a\u0000b","id":"x"},{"type":"no id"},5,
           {"type":"email","id":"Z@Z.z"}]}})",
       {"user_id=u1", "email=z@z.z", "anonymous_id=a1", "braze_id=9", "ga_client_id=7"}},
  };
  for (const Case& c : cases) {
    event.type = c.type;
    EXPECT_EQ(texts(extract(event, c.body).usable), c.expected) << c.body;
  }
}

TEST(Identity, AliasesOfServersOnly) {
  Event event;
  event.type = EventType::kAlias;
  event.user_id = "u1";
  event.related_id = "old";
  EXPECT_EQ(texts(extract(event, "{}").usable), (Texts{"user_id=u1", "anonymous_id=old"}));
  for (const char* library : {"analytics.js", "analytics-next"}) {
    const std::string body =
        std::string(R"({"context":{"library":{"name":")") + library + R"("}}})";
    EXPECT_EQ(texts(extract(event, body).usable), (Texts{"user_id=u1"})) << library;
  }
  event.related_id = "u1";
  EXPECT_EQ(texts(extract(event, "{}").usable), (Texts{"user_id=u1"}));
}

TEST(Identity, BlockedValues) {
  const IdentityRules rules;
  for (const char* value : {"null",
                            "NULL",
                            "undefined",
                            "anonymous",
                            "Guest",
                            "0",
                            "000-000",
                            "-",
                            "00000000-0000-0000",
                            "-1",
                            "true",
                            "NaN",
                            "none",
                            "[object Object]",
                            "\"null\"",
                            "'undefined'",
                            "\"0\"",
                            "\"\"",
                            "n/a",
                            "unknown",
                            "distinct_id"}) {
    EXPECT_TRUE(rules.is_blocked({"user_id", value})) << value;
  }
  for (const char* value : {"1", "0a", "nulls", "a-0", "anonymous1", "user", "\"", "O'Neil"}) {
    EXPECT_FALSE(rules.is_blocked({"user_id", value})) << value;
  }
  Event event;
  event.user_id = "undefined";
  event.anonymous_id = "a";
  const auto extracted = extract(event, "{}");
  EXPECT_EQ(texts(extracted.usable), (Texts{"anonymous_id=a"}));
  EXPECT_EQ(texts(extracted.blocked), (Texts{"user_id=undefined"}));
}

TEST(Identity, RulesOfAWorkspace) {
  const IdentityRules standard;
  EXPECT_EQ(standard.limit("user_id"), 1u);
  EXPECT_EQ(standard.limit("email"), 5u);
  EXPECT_EQ(standard.limit("anything"), 5u);
  EXPECT_LT(standard.priority("user_id"), standard.priority("email"));
  EXPECT_LT(standard.priority("email"), standard.priority("anonymous_id"));
  EXPECT_EQ(standard.priority("phone"), standard.priority("anonymous_id"));
  const IdentityRules own({{"email", 2}, {"user_id", 3}}, 9, {{"Kiosk", ""}, {"x", "email"}});
  EXPECT_EQ(own.limit("user_id"), 3u);
  EXPECT_EQ(own.limit("phone"), 9u);
  EXPECT_LT(own.priority("email"), own.priority("user_id"));
  EXPECT_TRUE(own.is_blocked({"phone", "kiosk"}));
  EXPECT_TRUE(own.is_blocked({"email", "X"}));
  EXPECT_FALSE(own.is_blocked({"phone", "x"}));
  EXPECT_TRUE(own.is_blocked({"phone", "null"}));
}

/// Profiles as the stage keeps them, without storage.
struct Profiles {
  std::map<Identifier, uint64_t> owners;
  std::map<uint64_t, std::vector<Identifier>> held;

  void give(uint64_t profile, std::vector<Identifier> identifiers) {
    for (const Identifier& i : identifiers) owners[i] = profile;
    held[profile] = std::move(identifiers);
  }
  IdentityDecision decide(std::vector<Identifier> identifiers) {
    return decide_identity(
        std::move(identifiers), IdentityRules(),
        [&](const Identifier& i) {
          const auto it = owners.find(i);
          return CustomerId{it == owners.end() ? 0 : it->second};
        },
        [&](CustomerId c) -> const std::vector<Identifier>& { return held[c.value]; });
  }
};

TEST(Identity, CreatesAddsAndMerges) {
  Profiles p;
  IdentityDecision d = p.decide({{"user_id", "u1"}, {"anonymous_id", "a1"}});
  EXPECT_TRUE(d.profiles.empty());
  EXPECT_EQ(texts(d.linked), (Texts{"user_id=u1", "anonymous_id=a1"}));
  p.give(5, {{"anonymous_id", "a1"}});
  d = p.decide({{"user_id", "u1"}, {"anonymous_id", "a1"}});
  EXPECT_EQ(d.profiles, std::vector<CustomerId>{{5}});
  p.give(9, {{"user_id", "u1"}, {"email", "e"}});
  d = p.decide({{"user_id", "u1"}, {"anonymous_id", "a1"}});
  EXPECT_EQ(d.profiles, (std::vector<CustomerId>{{5}, {9}}));  // the oldest survives
  EXPECT_TRUE(d.demoted.empty());
  EXPECT_TRUE(p.decide({}).linked.empty());
  EXPECT_TRUE(p.decide({}).profiles.empty());
}

TEST(Identity, TheWeakestYieldsWhereALimitBites) {
  Profiles p;
  p.give(5, {{"user_id", "u1"}, {"email", "e1"}, {"anonymous_id", "a1"}});
  // Another person on the same device: the device yields, a new profile is made.
  IdentityDecision d = p.decide({{"user_id", "u2"}, {"anonymous_id", "a1"}});
  EXPECT_TRUE(d.profiles.empty());
  EXPECT_EQ(texts(d.linked), (Texts{"user_id=u2"}));
  EXPECT_EQ(texts(d.demoted), (Texts{"anonymous_id=a1"}));
  // Two accounts that share an address and a device: first the device, then the address.
  d = p.decide({{"user_id", "u2"}, {"email", "e1"}, {"anonymous_id", "a1"}});
  EXPECT_EQ(texts(d.demoted), (Texts{"anonymous_id=a1", "email=e1"}));
  // Without an id of its own the event belongs to whom the device belongs.
  d = p.decide({{"email", "e1"}, {"anonymous_id", "a1"}});
  EXPECT_EQ(d.profiles, std::vector<CustomerId>{{5}});
  // A sixth address stays out, and does not take the device with it.
  p.give(6, {{"user_id", "u6"},
             {"email", "1"},
             {"email", "2"},
             {"email", "3"},
             {"email", "4"},
             {"email", "5"},
             {"anonymous_id", "a6"}});
  d = p.decide({{"user_id", "u6"}, {"email", "6"}});
  EXPECT_EQ(d.profiles, std::vector<CustomerId>{{6}});
  EXPECT_EQ(texts(d.demoted), (Texts{"email=6"}));
  // Two full profiles do not become one.
  d = p.decide({{"email", "1"}, {"anonymous_id", "a1"}});
  EXPECT_EQ(d.profiles, std::vector<CustomerId>{{6}});
  EXPECT_EQ(texts(d.demoted), (Texts{"anonymous_id=a1"}));
}

/// The plain answer to "who is one person": everything that one event carries is one.
class UnionFind {
 public:
  std::string root(const std::string& key) {
    auto& parent = parents_.try_emplace(key, key).first->second;
    if (parent == key) return key;
    return parent = root(std::string(parent));
  }
  void join(const std::string& a, const std::string& b) { parents_[root(a)] = root(b); }
  /// The sets, each sorted, sorted.
  std::set<std::set<std::string>> sets() {
    std::map<std::string, std::set<std::string>> by_root;
    std::vector<std::string> keys;
    for (const auto& [key, parent] : parents_) keys.push_back(key);
    for (const std::string& key : keys) by_root[root(key)].insert(key);
    std::set<std::set<std::string>> result;
    for (auto& [key, members] : by_root) result.insert(std::move(members));
    return result;
  }

 private:
  std::map<std::string, std::string> parents_;
};

/// What one event of a case carries, as "kind=value".
using Carried = std::vector<std::string>;

/// Events about a few people, none with more identifiers than a profile may hold.
std::vector<Carried> random_case(SeededRandom& random) {
  std::vector<Carried> events;
  const uint64_t people = 1 + random.below(4);
  for (uint64_t person = 0; person < people; ++person) {
    const std::string p = std::to_string(person);
    Carried all{"user_id=u" + p};
    for (const char* kind : {"anonymous_id=a", "email=e", "phone=p"}) {
      for (uint64_t i = 0; i < random.below(6); ++i) {
        all.push_back(kind + p + "." + std::to_string(i) + (*kind == 'e' ? "@x.y" : ""));
      }
    }
    for (uint64_t n = 0; n < 1 + random.below(6); ++n) {
      Carried carried;
      for (uint64_t i = 0; i < 1 + random.below(3); ++i) {
        carried.push_back(all[random.below(all.size())]);
      }
      events.push_back(std::move(carried));
    }
  }
  return events;
}

NewEvent event_of(WorkspaceId workspace, size_t number, const Carried& carried) {
  std::map<std::string, std::string> ids;
  std::string external;
  for (const std::string& text : carried) {
    const size_t equals = text.find('=');
    const std::string kind = text.substr(0, equals);
    const std::string value = text.substr(equals + 1);
    if (kind == "user_id" || kind == "anonymous_id") {
      if (ids.try_emplace(kind, value).second) continue;
    }
    external += (external.empty() ? "" : ",") +
                object({{"type", kind}, {"id", value}, {"collection", "users"}});
  }
  const std::string body = R"({"context":{"externalIds":[)" + external + "]}}";
  const std::string id = "m" + std::to_string(number);
  Event event;
  event.workspace = workspace;
  event.timestamp = event.received_at = kNow;
  event.user_id = ids["user_id"];
  event.anonymous_id = ids["anonymous_id"];
  event.message_id = id;
  event.name = "E";
  event.body = body;
  return make_new_event(event);
}

TEST(Identity, AnyArrivalOrderEndsInTheSamePeople) {
  constexpr uint64_t kCases = 2'000;
  constexpr uint64_t kOrders = 2;
  SeededRandom random(11);
  World world;
  std::vector<std::vector<Carried>> cases;
  std::vector<std::string> records;
  uint64_t workspace = 0;
  for (uint64_t n = 0; n < kCases; ++n) {
    cases.push_back(random_case(random));
    std::vector<Carried> events = cases.back();
    for (uint64_t order = 0; order < kOrders; ++order) {
      for (size_t i = events.size(); i > 1; --i) std::swap(events[i - 1], events[random.below(i)]);
      ++workspace;
      for (size_t i = 0; i < events.size(); ++i) {
        records.push_back(event_of(WorkspaceId{workspace}, i, events[i]).record);
      }
    }
  }
  for (size_t at = 0; at < records.size(); at += 1'000) {
    world.log->append(std::span(records).subspan(at, std::min<size_t>(1'000, records.size() - at)));
  }
  world.projector.run_to_end();

  std::map<uint64_t, std::map<uint64_t, std::set<std::string>>> found;
  int64_t decisions = 0;
  int64_t merges = 0;
  world.state->read([&](Connection& c) {
    c.each("SELECT workspace, customer, kind || '=' || value FROM identifiers",
           [&](Statement& row) { found[row.id(0)][row.id(1)].insert(std::string(row.text(2))); });
    decisions = *c.find("SELECT count(*) FROM identity_decisions",
                        [](Statement& row) { return row.integer(0); });
    merges = *c.find("SELECT count(*) FROM customer_merges",
                     [](Statement& row) { return row.integer(0); });
  });
  EXPECT_EQ(decisions, 0);
  EXPECT_GT(merges, 500);
  workspace = 0;
  for (uint64_t n = 0; n < kCases; ++n) {
    UnionFind expected;
    for (const Carried& carried : cases[n]) {
      expected.root(carried.front());
      for (const std::string& text : carried) expected.join(text, carried.front());
    }
    for (uint64_t order = 0; order < kOrders; ++order) {
      std::set<std::set<std::string>> sets;
      for (auto& [customer, members] : found[++workspace]) sets.insert(members);
      ASSERT_EQ(sets, expected.sets()) << "case " << n << " order " << order;
    }
  }
  // Every event belongs to the customer that its identifiers belong to now, and no customer that
  // was merged away is listed.
  int64_t strays = 0;
  world.warehouse->query(
      "SELECT count(*) FROM events e LEFT JOIN successors s ON s.workspace = e.workspace AND "
      "s.customer = e.customer WHERE coalesce(s.successor, e.customer) = 0",
      {}, [&](const WarehouseRow& row) { strays = row.integer(0); });
  EXPECT_EQ(strays, 0);
  world.state->read([&](Connection& c) {
    strays = *c.find(
        "SELECT count(*) FROM customers l JOIN customers s ON s.id = l.merged_into WHERE "
        "s.merged_into IS NOT NULL",
        [](Statement& row) { return row.integer(0); });
  });
  EXPECT_EQ(strays, 0);
}

}  // namespace
}  // namespace rapport
