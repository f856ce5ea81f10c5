// The document: what is refused and where, what is written back, and the table of faults.

#include "journeys/journey.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <sstream>

#include "base/error.h"
#include "base/limits/journeys.h"
#include "journeys/journey_check.h"

namespace rapport {
namespace {

namespace bj = boost::json;

constexpr WorkspaceId kWorkspace{1};
const Timestamp kNow = *parse_timestamp("2026-03-01T12:00:00Z");

std::string data(const std::string& name) {
  std::ifstream file(std::string(RAPPORT_TEST_DATA) + "/journeys/" + name);
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_FALSE(text.str().empty()) << name;
  return text.str();
}

std::string refused_field(std::string_view json) {
  try {
    parse_journey(json);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    return error.fields().empty() ? "" : error.fields().front().field;
  }
  return "";
}

std::string with_steps(const std::string& steps) {
  return R"({"name":"A","entry":{"on":"api"},"steps":{)" + steps + "}}";
}

TEST(Journey, EveryRefusalNamesItsPlace) {
  const bj::array table = bj::parse(data("refused.json")).as_array();
  EXPECT_GE(table.size(), 50u);
  for (const bj::value& row : table) {
    EXPECT_EQ(refused_field(bj::serialize(row.at(1))), row.at(2).as_string()) << row.at(0);
  }
}

TEST(Journey, WhatIsNoTreeOfJsonIsRefusedWhole) {
  EXPECT_EQ(refused_field("{"), "document");
  EXPECT_EQ(refused_field(std::string(4000, '[')), "document");
  EXPECT_EQ(refused_field(std::string(limits::kMaxJourneyBytes + 1, ' ')), "document");
}

TEST(Journey, NothingIsGivenTwice) {
  EXPECT_EQ(refused_field(R"({"name":"A","name":"B","entry":{"on":"api"}})"), "document.name");
  EXPECT_EQ(refused_field(with_steps(R"("a":{"type":"exit"},"a":{"type":"exit"})")),
            "document.steps.a");
  EXPECT_EQ(refused_field(with_steps(R"("a":{"type":"set_traits","traits":{"t":1,"t":2}})")),
            "document.steps.a.traits.t");
}

TEST(Journey, HoldsSoManySteps) {
  const auto steps = [](size_t count) {
    std::string out;
    for (size_t i = 0; i < count; ++i) {
      out += (i ? ",\"s" : "\"s") + std::to_string(i) + R"(":{"type":"exit"})";
    }
    return with_steps(out);
  };
  EXPECT_EQ(parse_journey(steps(limits::kMaxJourneySteps)).steps.size(), limits::kMaxJourneySteps);
  EXPECT_EQ(refused_field(steps(limits::kMaxJourneySteps + 1)), "document.steps.s200");
}

TEST(Journey, IsWrittenBackAsItWasRead) {
  const std::string json = data("whole.json");
  const std::string written = to_json(parse_journey(json));
  // As values: the order of members is the writer's.
  EXPECT_EQ(bj::parse(written), bj::parse(json)) << written;
  EXPECT_EQ(to_json(parse_journey(written)), written);
}

TEST(Journey, HasOneCanonicalForm) {
  EXPECT_EQ(to_json(parse_journey(
                R"({"steps":{"w":{"for":"48h","type":"wait"}},"entry":{"on":"api"},"name":"A"})")),
            R"({"name":"A","entry":{"on":"api"},"again":"after_leaving",)"
            R"("steps":{"w":{"type":"wait","for":"2d"}}})");
}

TEST(Journey, KnowsWhereStepsLead) {
  const JourneyDocument document = parse_journey(data("whole.json"));
  const auto links = [&](const char* step) {
    std::string out;
    for (const JourneyLink& link : links_of(document.steps.at(step))) {
      out += link.member + ">" + link.to + " ";
    }
    return out;
  };
  EXPECT_EQ(links("bought"), "cases[0].next>bye else>share ");
  EXPECT_EQ(links("share"), "parts[0].next>mail parts[1].next>morning ");
  EXPECT_EQ(links("later"), "on_timeout>once_more next>mark ");
  EXPECT_EQ(links("once_more"), "step>calm ");
  EXPECT_EQ(links("bye"), "");
}

TEST(JourneyCheck, FindsEveryFaultOfTheTable) {
  const JourneyReferences there{
      [](WorkspaceId w, SegmentId s) { return w == kWorkspace && s.value == 1; },
      [](WorkspaceId w, const std::string& t) { return w == kWorkspace && t == "tpl_1"; },
      [](WorkspaceId w, const std::string& t) { return w == kWorkspace && t == "top_1"; }};
  const bj::array table = bj::parse(data("faults.json")).as_array();
  EXPECT_GE(table.size(), 20u);
  for (const bj::value& row : table) {
    bj::object document = row.at(1).as_object();
    document["name"] = "A";
    const auto faults =
        check_journey(parse_journey(bj::serialize(document)), kWorkspace, kNow, there);
    bj::array found;
    bool error = false;
    for (const JourneyFault& fault : faults) {
      found.emplace_back(fault.step + "/" + fault.member + " " + std::string(name_of(fault.code)));
      EXPECT_FALSE(fault.message.empty());
      error = error || is_error(fault.code);
    }
    EXPECT_EQ(found, row.at(2).as_array()) << row.at(0);
    EXPECT_EQ(has_error(faults), error);
  }
}

TEST(JourneyCheck, FindsNoErrorInAWholeJourney) {
  const auto yes = [](WorkspaceId, const auto&) { return true; };
  const auto faults = check_journey(parse_journey(data("whole.json")), kWorkspace, kNow,
                                    {[](WorkspaceId, SegmentId) { return true; }, yes, yes});
  EXPECT_TRUE(faults.empty()) << (faults.empty() ? "" : faults.front().message);
}

}  // namespace
}  // namespace rapport
