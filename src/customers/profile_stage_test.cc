#include "customers/profile_stage.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "customers/customers_test_support.h"

namespace rapport {
namespace {

using namespace customers_test;
using Traits = std::vector<std::pair<std::string, std::string>>;

TEST(ProfileStage, TheLatestByEventTimeWins) {
  World w;
  w.identify("u", R"({"plan":"pro","city":"Huế"})", minutes(10));
  w.identify("u", R"({"plan":"free","age":30})", minutes(5));  // arrives late
  EXPECT_EQ(w.by("user_id", "u").traits,
            (Traits{{"age", "30"}, {"city", R"("Huế")"}, {"plan", R"("pro")"}}));
  w.identify("u", R"({"plan":"gold"})", minutes(10));  // the same time: the later arrival
  w.identify("u", R"({"city":null})", minutes(11));    // taken away
  EXPECT_EQ(w.by("user_id", "u").traits, (Traits{{"age", "30"}, {"plan", R"("gold")"}}));
  w.identify("u", R"({"city":"Vinh"})", minutes(9));  // older than the removal
  EXPECT_EQ(w.by("user_id", "u").traits.size(), 2u);
}

TEST(ProfileStage, WhichEventsSetTraits) {
  World w;
  w.collect(R"({"type":"track","event":"E","userId":"u","traits":{"a":1},
                "context":{"traits":{"b":2}}})");
  EXPECT_EQ(w.by("user_id", "u").traits, (Traits{{"b", "2"}}));
  w.collect(R"({"type":"track","event":"E","anonymousId":"a","context":{"traits":{"b":3}}})");
  EXPECT_EQ(w.by("anonymous_id", "a").traits, Traits{});
  w.collect(R"({"type":"identify","anonymousId":"a","traits":{"c":4}})");
  EXPECT_EQ(w.by("anonymous_id", "a").traits, (Traits{{"c", "4"}}));
  // Of an event that says a thing twice the first counts, in the profile and in the warehouse.
  w.collect(R"({"type":"identify","userId":"t","traits":{"x":1,"x":2,"":9},
                "context":{"traits":{"x":3,"y":4}}})");
  EXPECT_EQ(w.by("user_id", "t").traits, (Traits{{"x", "1"}, {"y", "4"}}));
  std::vector<std::string> rows;
  w.warehouse->query("SELECT name || '=' || value FROM traits WHERE name IN ('x','y') ORDER BY 1",
                     {}, [&](const WarehouseRow& row) { rows.push_back(row.text(0)); });
  EXPECT_EQ(rows, (std::vector<std::string>{"x=1", "y=4"}));
}

TEST(ProfileStage, AFullProfileTakesNewValuesOnly) {
  World w;
  w.hold = true;
  const auto traits = [](size_t from, size_t count, int value) {
    std::string json = "{";
    for (size_t i = from; i < from + count; ++i) {
      json +=
          (json.size() > 1 ? ",\"t" : "\"t") + std::to_string(i) + "\":" + std::to_string(value);
    }
    return json + "}";
  };
  for (size_t i = 0; i < limits::kMaxTraitsPerCustomer; i += 300) {
    w.identify("u", traits(i, 300, 1));
  }
  w.identify("u", traits(limits::kMaxTraitsPerCustomer - 10, 20, 2));
  w.projector.run_to_end();
  const Customer full = w.by("user_id", "u");
  EXPECT_EQ(full.traits.size(), limits::kMaxTraitsPerCustomer);
  EXPECT_EQ(std::count_if(full.traits.begin(), full.traits.end(),
                          [](const auto& trait) { return trait.second == "2"; }),
            10);
}

TEST(ProfileStage, SystemEventsAreNotActivity) {
  World w;
  w.track("u", "", minutes(1));
  const Customer before = w.by("user_id", "u");
  Event event;
  event.workspace = kShop;
  event.origin = EventOrigin::kSystem;
  event.customer = before.id;
  event.timestamp = event.received_at = minutes(50);
  event.message_id = "s";
  event.name = "Message Sent";
  event.body = R"({"properties":{"a":1},"context":{"traits":{"x":1}}})";
  std::vector<NewEvent> events;
  events.push_back(make_new_event(event));
  w.store(std::move(events));
  const Customer after = w.by("user_id", "u");
  EXPECT_EQ(after.event_count, 1);
  EXPECT_EQ(after.last_seen, minutes(1));
  EXPECT_EQ(after.traits, Traits{});
  // It is on the timeline all the same.
  EXPECT_EQ(
      w.reader.events(kShop, {.customer = after.id, .type = {}, .name = ""}, 9, "").items.size(),
      2u);
}

TEST(ProfileStage, SearchableTexts) {
  EXPECT_EQ(searchable_text("name", R"("Ann LEE")"), "ann lee");
  EXPECT_EQ(searchable_text("email", R"("A@b.C")"), "a@b.c");
  EXPECT_EQ(searchable_text("plan", R"("Pro")"), std::nullopt);
  for (const char* json : {"\"\"", "5", "null", "{}", "\"", ""}) {
    EXPECT_EQ(searchable_text("name", json), std::nullopt) << json;
  }
  EXPECT_EQ(searchable_text("name", "\"" + std::string(300, 'x') + "\""), std::nullopt);
}

/// One event of the property test below.
struct Said {
  std::set<std::string> ids;  // "u1", "a2", …
  int64_t minute = 0;
  std::map<std::string, std::string> traits;
};

TEST(ProfileStage, ProfilesAreTheSameInAnyArrivalOrder) {
  SeededRandom random(4);
  World w;
  w.hold = true;
  std::vector<std::vector<Said>> cases;
  uint64_t workspace = 0;
  constexpr int kCases = 300;
  constexpr int kOrders = 2;
  for (int n = 0; n < kCases; ++n) {
    std::vector<Said> said;
    // One person with up to four devices; every event names the person or not, and one device.
    std::set<int64_t> taken;
    for (uint64_t i = 0; i < 3 + random.below(12); ++i) {
      Said s;
      s.ids.insert("a" + std::to_string(random.below(4)));
      if (random.below(3) > 0) s.ids.insert("u" + std::to_string(random.below(2)));
      do {
        s.minute = static_cast<int64_t>(random.below(10'000));
      } while (!taken.insert(s.minute).second);
      for (const char* name : {"x", "y", "z"}) {
        if (random.below(2) == 0) {
          s.traits[name] = random.below(6) == 0 ? "null" : std::to_string(random.below(100));
        }
      }
      said.push_back(std::move(s));
    }
    cases.push_back(said);
    for (int order = 0; order < kOrders; ++order) {
      for (size_t i = said.size(); i > 1; --i) std::swap(said[i - 1], said[random.below(i)]);
      ++workspace;
      for (const Said& s : said) {
        std::string ids;
        for (const std::string& id : s.ids) {
          // Devices link people here as external ids of a kind that the limit does not reach, and
          // so do the two names of a person.
          ids += (ids.empty() ? "" : ",") + object({{"type", id.substr(0, 1) + "_id"}, {"id", id}});
        }
        std::string traits = "{";
        for (const auto& [name, value] : s.traits) {
          traits += (traits.size() > 1 ? "," : "") + json_quote(name) + ":" + value;
        }
        w.at(minutes(s.minute),
             R"({"type":"identify","anonymousId":"null","traits":)" + traits +
                 R"(},"context":{"externalIds":[)" + ids + "]}}",
             WorkspaceId{workspace});
      }
    }
  }
  w.projector.run_to_end();

  workspace = 0;
  for (const auto& said : cases) {
    // The people of a case: events that share an id, directly or not.
    std::vector<std::vector<Said>> people;
    for (const Said& s : said) {
      std::vector<Said> joined{s};
      std::set<std::string> ids = s.ids;
      std::vector<std::vector<Said>> others;
      bool grown = true;
      others = std::move(people);
      people.clear();
      while (grown) {
        grown = false;
        for (auto it = others.begin(); it != others.end();) {
          const bool shares = std::any_of(it->begin(), it->end(), [&](const Said& o) {
            return std::any_of(o.ids.begin(), o.ids.end(),
                               [&](const std::string& id) { return ids.contains(id); });
          });
          if (!shares) {
            ++it;
            continue;
          }
          for (const Said& o : *it) ids.insert(o.ids.begin(), o.ids.end());
          joined.insert(joined.end(), it->begin(), it->end());
          it = others.erase(it);
          grown = true;
        }
      }
      people = std::move(others);
      people.push_back(std::move(joined));
    }
    for (int order = 0; order < kOrders; ++order) {
      ++workspace;
      EXPECT_EQ(w.reader.count(WorkspaceId{workspace}), static_cast<int64_t>(people.size()));
      for (const auto& events : people) {
        const std::string id = *events.front().ids.begin();
        const auto found = w.reader.find_by(WorkspaceId{workspace}, id.substr(0, 1) + "_id", id);
        ASSERT_TRUE(found) << workspace << " " << id;
        EXPECT_EQ(found->event_count, static_cast<int64_t>(events.size()));
        std::map<std::string, std::pair<int64_t, std::string>> latest;
        int64_t first = INT64_MAX;
        int64_t last = INT64_MIN;
        for (const Said& s : events) {
          first = std::min(first, s.minute);
          last = std::max(last, s.minute);
          for (const auto& [name, value] : s.traits) {
            auto& entry = latest.try_emplace(name, INT64_MIN, "").first->second;
            entry = std::max(entry, {s.minute, value});
          }
        }
        EXPECT_EQ(found->first_seen, minutes(first));
        EXPECT_EQ(found->last_seen, minutes(last));
        Traits expected;
        for (const auto& [name, entry] : latest) {
          if (entry.second != "null") expected.emplace_back(name, entry.second);
        }
        EXPECT_EQ(found->traits, expected) << "workspace " << workspace;
      }
    }
  }
  // The warehouse comes to the same values.
  std::vector<std::string> from_warehouse;
  w.warehouse->query(
      "SELECT w || '/' || c || '/' || name || '=' || v FROM (SELECT t.workspace AS w, "
      "coalesce(s.successor, t.customer) AS c, name, arg_max(coalesce(value, 'null'), "
      "occurred_at::HUGEINT * 18446744073709551616 + log_offset) AS v FROM traits t LEFT JOIN "
      "successors s ON s.workspace = t.workspace AND s.customer = t.customer GROUP BY ALL) "
      "WHERE v <> 'null' ORDER BY 1",
      {}, [&](const WarehouseRow& row) { from_warehouse.push_back(row.text(0)); });
  std::vector<std::string> from_state;
  w.state->read([&](Connection& c) {
    c.each(
        "SELECT workspace || '/' || customer || '/' || name || '=' || value FROM "
        "customer_traits WHERE value <> 'null' ORDER BY 1",
        [&](Statement& row) { from_state.emplace_back(row.text(0)); });
  });
  EXPECT_EQ(from_warehouse, from_state);
}

}  // namespace
}  // namespace rapport
