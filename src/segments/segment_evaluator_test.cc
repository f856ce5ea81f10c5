#include "segments/segment_evaluator.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "runtime/clock.h"
#include "runtime/random.h"
#include "segments/segment_functions.h"
#include "segments/segments_test_util.h"

namespace rapport {
namespace {

using segments_test::History;

constexpr WorkspaceId kWorkspace{7};
const Timestamp kNow = *parse_timestamp("2026-03-01T12:00:00Z");

std::vector<uint64_t> numbers(const std::vector<CustomerId>& ids) {
  std::vector<uint64_t> out;
  for (const CustomerId id : ids) out.push_back(id.value);
  return out;
}

std::vector<CustomerId> all_members(const SegmentEvaluator& evaluator, WorkspaceId workspace,
                                    const Condition& condition, std::optional<Timestamp> as_of) {
  std::vector<CustomerId> out;
  evaluator.each_member(
      workspace, condition, [&](CustomerId id) { out.push_back(id); }, as_of);
  return out;
}

Timestamp days_ago(double days) {
  return kNow - Micros(static_cast<int64_t>(days * 86'400e6));
}

/// Five customers; 4 and 5 became parts of 3. Customer 6 is of another workspace.
History small_shop() {
  History h{kWorkspace, {}, {}, {}, {}};
  for (uint64_t id = 1; id <= 5; ++id) h.created[{id}] = days_ago(100 - 10 * double(id));
  const auto order = [&](uint64_t customer, double days, int total) {
    h.events.push_back(
        {{customer}, days_ago(days), "Order Completed", fmt::format(R"({{"total":{}}})", total)});
  };
  order(1, 10, 20);
  order(1, 5, 60);
  order(3, 30, 50);  // exactly the edge of a 30-day window
  order(4, 3, 70);
  order(5, 2, 80);
  order(2, -0.5, 90);  // half a day ahead: a client's clock runs fast
  h.traits.push_back({{1}, days_ago(40), "plan", R"("free")"});
  h.traits.push_back({{1}, days_ago(20), "plan", R"("pro")"});
  h.traits.push_back({{1}, days_ago(30), "plan", R"("trial")"});  // arrives late
  h.traits.push_back({{3}, days_ago(9), "plan", R"("free")"});
  h.traits.push_back({{4}, days_ago(8), "plan", R"("pro")"});
  h.traits.push_back({{5}, days_ago(8), "plan", "null"});  // same time, later in the log
  h.traits.push_back({{2}, days_ago(-0.5), "plan", R"("pro")"});
  h.successors = {{{4}, {3}}, {{5}, {3}}};
  return h;
}

TEST(SegmentEvaluator, CountsAndWindows) {
  const auto warehouse = open_duckdb_warehouse("", {.functions = segment_functions()});
  small_shop().append_to(*warehouse, 0);
  History other{{8}, {{{6}, days_ago(50)}}, {}, {}, {{{1}, {6}}}};
  other.events.push_back({{6}, days_ago(1), "Order Completed", "{}"});
  other.append_to(*warehouse, 1'000);
  const ManualClock clock(kNow);
  const SegmentEvaluator evaluator(*warehouse, clock);

  struct Case {
    std::string_view condition;
    std::optional<Timestamp> as_of;
    std::vector<uint64_t> members;
  };
  const std::optional<Timestamp> now;
  const Case cases[] = {
      {R"({"all":[]})", now, {1, 2, 3}},
      {R"({"not":{"all":[]}})", now, {}},
      {R"({"event":"Order Completed"})", now, {1, 2, 3}},
      {R"({"event":"order completed"})", now, {}},
      {R"({"event":"Order Completed"})", kNow, {1, 3}},
      {R"({"event":"Order Completed","count":{"gte":3}})", now, {3}},
      {R"({"event":"Order Completed","count":{"gte":2,"lt":3}})", now, {1}},
      {R"({"event":"Order Completed","count":{"eq":0}})", kNow, {2}},
      {R"({"event":"Order Completed","count":{"lt":3}})", kNow, {1, 2}},
      {R"({"event":"Order Completed","count":{"ne":2}})", kNow, {2, 3}},
      {R"({"event":"Order Completed","count":{"lte":0}})", kNow, {2}},
      {R"({"event":"Order Completed","count":{"gt":1}})", kNow, {1, 3}},
      {R"({"event":"Order Completed","count":{"gte":0}})", kNow, {1, 2, 3}},
      {R"({"event":"Order Completed","within":"30d","count":{"eq":3}})", kNow, {}},
      {R"({"event":"Order Completed","within":"30d","count":{"eq":3}})", kNow - Micros(1), {3}},
      {R"({"event":"Order Completed","within":"720h","count":{"eq":2}})", kNow, {1, 3}},
      {R"({"event":"Order Completed","within":"5d"})", kNow, {3}},
      {R"({"event":"Order Completed"})", days_ago(10), {1, 3}},
      {R"({"event":"Order Completed"})", days_ago(10) - Micros(1), {3}},
      {R"({"event":"Order Completed","where":[{"property":"total","op":"gte","value":60}]})",
       kNow,
       {1, 3}},
      {R"({"event":"Order Completed","count":{"gte":2},"where":[{"property":"total","op":"gte","value":60}]})",
       kNow,
       {3}},
      {R"({"event":"Order Completed","where":[{"property":"total","op":"gte","value":60},{"property":"total","op":"lt","value":70}]})",
       kNow,
       {1}},
      {R"({"event":"Order Completed","count":{"eq":0},"where":[{"property":"total","op":"gte","value":65}]})",
       kNow,
       {1, 2}},
      {R"({"event":"Order Completed","where":[{"property":"total","op":"ne","value":20}]})",
       kNow,
       {1, 3}},
      {R"({"trait":"plan","op":"eq","value":"pro"})", now, {1, 2}},
      {R"({"trait":"plan","op":"eq","value":"pro"})", kNow, {1}},
      {R"({"trait":"plan","op":"not_exists"})", kNow, {2, 3}},
      {R"({"trait":"plan","op":"eq","value":"free"})", days_ago(8) - Micros(1), {3}},
      {R"({"trait":"plan","op":"eq","value":"trial"})", days_ago(25), {1}},
      {R"({"trait":"plan","op":"ne","value":"pro"})", kNow, {2, 3}},
      {R"({"all":[]})", days_ago(75), {1, 2}},
      {R"({"all":[]})", days_ago(85), {1}},
      {R"({"all":[]})", days_ago(95), {}},
      {R"({"all":[{"trait":"plan","op":"eq","value":"pro"},{"event":"Order Completed","within":"7d"}]})",
       kNow,
       {1}},
      {R"({"any":[{"trait":"plan","op":"eq","value":"pro"},{"event":"Order Completed","count":{"gte":3}}]})",
       kNow,
       {1, 3}},
      {R"({"any":[{"not":{"event":"Order Completed"}},{"trait":"plan","op":"eq","value":"pro"}]})",
       kNow,
       {1, 2}},
  };
  for (const Case& c : cases) {
    const Condition condition = parse_condition(c.condition);
    EXPECT_EQ(numbers(all_members(evaluator, kWorkspace, condition, c.as_of)), c.members)
        << c.condition << " at " << format_timestamp(c.as_of.value_or(kNow));
    EXPECT_EQ(evaluator.count(kWorkspace, condition, c.as_of), c.members.size()) << c.condition;
  }
  EXPECT_EQ(numbers(all_members(evaluator, {8}, parse_condition(R"({"all":[]})"), now)),
            std::vector<uint64_t>{6});
  EXPECT_EQ(evaluator.count({9}, parse_condition(R"({"all":[]})")), 0u);
}

TEST(SegmentEvaluator, PagesAndPreviewsByIdOrder) {
  const auto warehouse = open_duckdb_warehouse("", {.functions = segment_functions()});
  History h{kWorkspace, {}, {}, {}, {}};
  for (uint64_t id = 1; id <= 25; ++id) h.created[{id * 3}] = kNow;
  h.append_to(*warehouse, 0);
  const ManualClock clock(kNow);
  const SegmentEvaluator evaluator(*warehouse, clock);
  const Condition everyone = parse_condition(R"({"all":[]})");

  std::vector<uint64_t> seen;
  CustomerId after{0};
  for (;;) {
    const auto page = evaluator.members(kWorkspace, everyone, after, 10);
    for (const CustomerId id : page) seen.push_back(id.value);
    if (page.size() < 10) break;
    after = page.back();
  }
  ASSERT_EQ(seen.size(), 25u);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));

  const auto preview = evaluator.preview(kWorkspace, everyone, 10);
  EXPECT_EQ(preview.count, 25u);
  EXPECT_EQ(numbers(preview.sample), std::vector<uint64_t>(seen.begin(), seen.begin() + 10));
  const auto none = evaluator.preview(kWorkspace, parse_condition(R"({"event":"X"})"), 10);
  EXPECT_EQ(none.count, 0u);
  EXPECT_TRUE(none.sample.empty());
}

}  // namespace
}  // namespace rapport
