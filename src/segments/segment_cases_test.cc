// The tables of tests/data/segments: every case is asked of the plain evaluator and of the
// Warehouse.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <sstream>

#include "base/error.h"
#include "http/problem.h"
#include "runtime/clock.h"
#include "runtime/zone_cache.h"
#include "segments/segment_evaluator.h"
#include "segments/segment_functions.h"
#include "segments/segments_test_util.h"

namespace rapport::segments_test {
namespace {

namespace bj = boost::json;

const Timestamp kNow = *parse_timestamp("2026-03-01T12:00:00Z");

bj::object table(const std::string& name) {
  std::ifstream file(std::string(RAPPORT_TEST_DATA) + "/segments/" + name);
  std::stringstream text;
  text << file.rdbuf();
  return bj::parse(text.str()).as_object();
}

/// One customer in a workspace of their own, and what is asked of them.
struct Case {
  std::string name;
  History history;
  std::string condition;
  Timestamp at = kNow;
  std::string zone = "UTC";
  bool holds = false;
  std::map<std::string, TopicFacts, std::less<>> topics;

  Condition resolved() const {
    const TopicLookup find = [this](std::string_view topic) -> std::optional<TopicFacts> {
      const auto found = topics.find(topic);
      return found == topics.end() ? std::nullopt : std::optional(found->second);
    };
    return resolve_segments(
        parse_condition(condition), [](SegmentId) { return std::nullopt; }, {}, "condition", find);
  }
};

History one_customer(size_t index) {
  History out{WorkspaceId{index + 1}, {}, {}, {}, {}};
  out.created[{1}] = kNow - std::chrono::days(1'000);
  return out;
}

/// "-36h" before `at`, or an instant.
Timestamp time_of(std::string_view text, Timestamp at) {
  if (text.starts_with('-')) return at - *parse_duration(text.substr(1));
  return *parse_timestamp(text);
}

TopicFacts topic_of(const bj::value& json) {
  TopicFacts out;
  const std::string_view kind = json.at("kind").as_string();
  if (kind != "opt_in") out.kind = kind == "opt_out" ? TopicKind::kOptOut : TopicKind::kAlways;
  for (const bj::value& channel : json.at("channels").as_array()) {
    out.channels.emplace_back(channel.as_string());
  }
  return out;
}

void hold_to_both(const std::vector<Case>& cases) {
  const auto warehouse = open_duckdb_warehouse("", {.functions = segment_functions()});
  for (const Case& c : cases) c.history.append_to(*warehouse, warehouse->applied());
  for (const Case& c : cases) {
    const TimeZone* zone = system_zones().find(c.zone);
    ASSERT_NE(zone, nullptr) << c.zone;
    const Condition condition = c.resolved();
    const Moment moment = Moment::as_of(c.at);
    const HistoryEvaluator plain(condition, *zone);
    const Verdict verdict = plain.explain(history_of(c.history, {1}), moment);
    EXPECT_EQ(verdict.value, c.holds) << "plain: " << c.name << " " << c.condition;
    EXPECT_NO_THROW(bj::parse(verdict.evidence)) << verdict.evidence;
    const auto question = compile_condition(c.history.workspace, condition, moment, *zone);
    size_t found = 0;
    warehouse->query(question.sql, question.parameters, [&](const WarehouseRow&) { ++found; });
    EXPECT_EQ(found == 1, c.holds) << "warehouse: " << c.name << " " << c.condition;
  }
}

Case value_case(size_t index, std::string_view name, const std::string& stored,
                const bj::object& test, bool holds, bool as_trait) {
  Case out{std::string(name), one_customer(index), "", kNow, "UTC", holds};
  bj::object leaf = test;
  leaf[as_trait ? "trait" : "property"] = name;
  const std::string written = bj::serialize(leaf);
  if (as_trait) {
    out.history.traits.push_back({{1}, kNow, "v", stored});
    out.condition = written;
  } else {
    out.history.events.push_back({{1}, kNow, "E", fmt::format(R"({{"v":{}}})", stored)});
    out.condition = fmt::format(R"({{"event":"E","where":[{}]}})", written);
  }
  return out;
}

class Tables : public testing::TestWithParam<const char*> {};

TEST_P(Tables, OfValues) {
  std::vector<Case> cases;
  const bj::object rows = table(GetParam());
  for (const bj::value& row : rows.at("values").as_array()) {
    const bj::array& a = row.as_array();
    const std::string stored(a.at(0).as_string());
    for (const bool as_trait : {true, false}) {
      cases.push_back(value_case(cases.size(), a.at(1).as_string(), stored, a.at(2).as_object(),
                                 a.at(3).as_bool(), as_trait));
    }
  }
  EXPECT_GE(cases.size(), 100u);
  hold_to_both(cases);
}

INSTANTIATE_TEST_SUITE_P(Segments, Tables, testing::Values("values.json", "text.json"));

TEST(Tables, OfDates) {
  std::vector<Case> cases;
  const bj::object rows = table("dates.json");
  for (const bj::value& row : rows.at("dates").as_array()) {
    const bj::array& a = row.as_array();
    Case c = value_case(cases.size(), "v", bj::serialize(a.at(0)), a.at(1).as_object(),
                        a.at(5).as_bool(), true);
    if (a.at(0).as_string().empty()) c.history.traits.clear();
    c.at = *parse_timestamp(std::string_view(a.at(2).as_string()));
    c.zone = a.at(3).as_string();
    for (TraitRow& trait : c.history.traits) trait.at = c.at;
    if (!a.at(4).as_string().empty()) {
      c.history.traits.push_back({{1}, c.at, "timezone", bj::serialize(a.at(4))});
    }
    cases.push_back(std::move(c));
  }
  EXPECT_GE(cases.size(), 60u);
  hold_to_both(cases);
}

TEST(Tables, OfHistories) {
  std::vector<Case> cases;
  const bj::object rows = table("histories.json");
  for (const bj::value& row : rows.at("cases").as_array()) {
    const bj::object& o = row.as_object();
    Case c{std::string(o.at("name").as_string()),
           one_customer(cases.size()),
           bj::serialize(o.at("condition")),
           kNow,
           "UTC",
           o.at("holds").as_bool()};
    if (const auto* at = o.if_contains("at")) {
      c.at = *parse_timestamp(std::string_view(at->as_string()));
    }
    if (const auto* zone = o.if_contains("zone")) c.zone = zone->as_string();
    if (const auto* topics = o.if_contains("topics")) {
      for (const auto& [topic, facts] : topics->as_object()) c.topics[topic] = topic_of(facts);
    }
    if (const auto* traits = o.if_contains("traits")) {
      for (const auto& [name, value] : traits->as_object()) {
        c.history.traits.push_back({{1}, c.at, std::string(name), bj::serialize(value)});
      }
    }
    if (const auto* events = o.if_contains("events")) {
      for (const bj::value& event : events->as_array()) {
        const bj::array& e = event.as_array();
        c.history.events.push_back({{1},
                                    time_of(e.at(1).as_string(), c.at),
                                    std::string(e.at(0).as_string()),
                                    e.size() > 2 ? bj::serialize(e.at(2)) : "{}",
                                    e.size() > 3 && e.at(3).as_string() == "own"});
      }
    }
    cases.push_back(std::move(c));
  }
  EXPECT_GE(cases.size(), 120u);
  hold_to_both(cases);
}

TEST(Tables, OfRefusals) {
  const bj::object rows = table("refusals.json");
  for (const bj::value& row : rows.at("refusals").as_array()) {
    const std::string json = bj::serialize(row.as_array().at(0));
    try {
      parse_condition(json);
      ADD_FAILURE() << "accepted " << json;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument) << json;
      ASSERT_EQ(error.fields().size(), 1u) << json;
      EXPECT_EQ(to_pointer(error.fields()[0].field),
                std::string_view(row.as_array().at(1).as_string()))
          << json;
    }
  }
}

}  // namespace
}  // namespace rapport::segments_test
