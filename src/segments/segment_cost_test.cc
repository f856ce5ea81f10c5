#include "segments/segment_cost.h"

#include <gtest/gtest.h>

#include "base/limits/segments.h"
#include "segments/segments_test_util.h"

namespace rapport {
namespace {

const Timestamp kNow = *parse_timestamp("2026-03-01T12:00:00Z");

WorkspaceFigures figures(uint64_t rows) {
  WorkspaceFigures out;
  const Timestamp first = kNow - std::chrono::days(100) + Micros(1);
  out.events["A"] = {rows, first, kNow};
  out.events["B"] = {rows / 10, first, kNow};
  out.traits["p"] = {rows / 100, first, kNow};
  out.event_rows = rows + rows / 10;
  out.trait_rows = rows / 100;
  out.customers = 1'000;
  return out;
}

SegmentCost cost(std::string_view json, uint64_t rows) {
  return estimate_cost(parse_condition(json), Moment::as_of(kNow), figures(rows));
}

TEST(SegmentCost, CountsTheRowsOfNamesAndWindows) {
  struct Case {
    std::string_view condition;
    uint64_t rows;
  };
  const Case cases[] = {
      {R"({"all":[]})", 1'000},
      {R"({"event":"A"})", 101'000},
      {R"({"event":"A","within":"10d"})", 11'000},
      {R"({"event":"A","older_than":"90d"})", 11'000},
      {R"({"event":"Unheard"})", 1'000},
      {R"({"event":["A","B"]})", 111'000},
      {R"({"trait":"p","op":"exists"})", 2'000},
      {R"({"all":[{"event":"B"},{"not":{"event":"B"}}]})", 21'000},
      {R"({"sequence":[{"event":"A"},{"event":"B"}]})", 111'000},
  };
  for (const Case& c : cases) EXPECT_EQ(cost(c.condition, 100'000).rows, c.rows) << c.condition;
}

TEST(SegmentCost, DearerPartsTakeLonger) {
  const uint64_t rows = 10'000'000;
  const auto plain = cost(R"({"event":"A"})", rows).time;
  const auto filtered =
      cost(R"({"event":"A","where":[{"property":"p","op":"eq","value":1}]})", rows).time;
  const auto folded =
      cost(R"({"event":"A","where":[{"property":"p","op":"matches","value":"x"}]})", rows).time;
  EXPECT_LT(plain, filtered);
  EXPECT_LT(filtered, folded);
  EXPECT_LT(plain, limits::kMaxUnaskedCost);
  EXPECT_GT(
      cost(R"({"event":"A","where":[{"property":"p","op":"eq","value":1}]})", 100 * rows).time,
      limits::kMaxUnaskedCost);
}

TEST(SegmentCost, ReadsTheFiguresOfOneWorkspace) {
  const auto warehouse = open_duckdb_warehouse("");
  segments_test::History mine{WorkspaceId{1}, {}, {}, {}, {}};
  mine.created[{1}] = kNow;
  for (int i = 0; i < 3; ++i) mine.events.push_back({{1}, kNow, "A", "{}"});
  mine.append_to(*warehouse, 0);
  segments_test::History other = mine;
  other.workspace = WorkspaceId{2};
  other.append_to(*warehouse, 100);
  const ManualClock clock(kNow);
  const SegmentCosts costs(*warehouse, clock);
  const auto condition = parse_condition(R"({"event":"A"})");
  EXPECT_EQ(costs.estimate({1}, condition, Moment::live(kNow)).rows, 4u);
  EXPECT_EQ(costs.estimate({3}, condition, Moment::live(kNow)).rows, 0u);
}

}  // namespace
}  // namespace rapport
