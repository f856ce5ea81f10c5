// The compiled question and the plain reading, held to each other on random worlds: late events,
// merges, zones, changes of the clock, random moments.
//
// RAPPORT_SEGMENT_SEED=n repeats one world, RAPPORT_SEGMENT_WORLDS=n tries so many.
#include <gtest/gtest.h>

#include <cstdlib>

#include "runtime/clock.h"
#include "runtime/zone_cache.h"
#include "segments/condition_generator.h"
#include "segments/segment_evaluator.h"
#include "segments/segment_functions.h"

namespace rapport::segments_test {
namespace {

constexpr uint64_t kWorlds = 60;
constexpr uint64_t kConditionsEach = 8;

uint64_t from_environment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

/// Moments beside changes of the clock in March and November, a year's end, and none.
Timestamp now_of(uint64_t seed) {
  static const std::string_view kNows[] = {"2026-03-01T12:00:00Z", "2026-03-08T12:00:00Z",
                                           "2026-03-29T12:00:00Z", "2026-11-01T12:00:00Z",
                                           "2027-01-01T00:00:00Z", "2028-02-29T12:00:00Z"};
  return *parse_timestamp(kNows[seed % std::size(kNows)]);
}

std::vector<uint64_t> numbers(const std::vector<CustomerId>& ids) {
  std::vector<uint64_t> out;
  for (const CustomerId id : ids) out.push_back(id.value);
  return out;
}

struct Tally {
  size_t asked = 0;
  size_t not_trivial = 0;
};

void explains_itself(const History& history, const Condition& condition, const Moment& moment,
                     const TimeZone& zone, const std::string& where) {
  const HistoryEvaluator evaluator(condition, zone);
  const CustomerId customer = history.created.begin()->first;
  const CustomerHistory own = history_of(history, customer);
  const bool holds = evaluator.holds(own, moment);
  ASSERT_EQ(evaluator.explain(own, moment).value, holds) << where;
  const auto change = evaluator.next_change(own, moment);
  if (!change) return;
  ASSERT_GT(*change, moment.at) << where;
  const auto at = [&](Timestamp t) { return Moment{t, moment.horizon, moment.historic}; };
  ASSERT_EQ(evaluator.holds(own, at(*change - Micros(1))), holds) << where;
  ASSERT_NE(evaluator.holds(own, at(*change)), holds) << where;
}

void try_world(Warehouse& warehouse, uint64_t seed, Tally& tally) {
  const Timestamp now = now_of(seed);
  Generator generator(seed, now);
  const WorkspaceId workspace{seed + 1};
  const History history = generator.history(workspace);
  history.append_to(warehouse, warehouse.applied());
  const std::string zone_name(generator.zone());
  const TimeZone& zone = *system_zones().find(zone_name);
  const ManualClock clock(now);
  SegmentEvaluator evaluator(warehouse, clock);
  const Condition named = parse_condition(generator.condition(1));
  const auto topic = generator.topic();
  evaluator.set_world({[&](WorkspaceId) { return zone_name; },
                       [&](WorkspaceId, SegmentId) {
                         return NamedCondition{"Named", named};
                       },
                       [&](WorkspaceId, std::string_view) { return topic; }});

  for (uint64_t n = 0; n < kConditionsEach; ++n) {
    std::string json = generator.condition(static_cast<int>(n % 4));
    if (generator.chance(5)) json = R"({"not":{"segment":"seg_0000000000001"}})";
    std::optional<Timestamp> as_of;
    if (generator.chance(70)) as_of = generator.time();
    const Moment moment = as_of ? Moment::as_of(*as_of) : Moment::live(now);
    const std::string where =
        fmt::format("RAPPORT_SEGMENT_SEED={} condition {} at {}, zone {}: {}", seed, n,
                    as_of ? format_timestamp(*as_of) : "now", zone_name, json);
    const Condition condition = parse_condition(json);
    ASSERT_EQ(to_json(parse_condition(to_json(condition))), to_json(condition)) << where;
    const Condition resolved = evaluator.resolved(workspace, condition);
    const auto expected = plain_members(history, resolved, moment, zone);
    std::vector<CustomerId> found;
    evaluator.each_member(
        workspace, condition, [&](CustomerId id) { found.push_back(id); }, as_of);
    ASSERT_EQ(numbers(found), numbers(expected)) << where;
    explains_itself(history, resolved, moment, zone, where);
    ++tally.asked;
    tally.not_trivial += !expected.empty() && expected.size() < history.created.size();
  }
}

TEST(SegmentDifferential, TheWarehouseAgreesWithThePlainReading) {
  const uint64_t only = from_environment("RAPPORT_SEGMENT_SEED", 0);
  const uint64_t first = only != 0 ? only : 1;
  const uint64_t worlds = only != 0 ? 1 : from_environment("RAPPORT_SEGMENT_WORLDS", kWorlds);
  const auto warehouse = open_duckdb_warehouse("", {.functions = segment_functions()});
  Tally tally;
  for (uint64_t seed = first; seed < first + worlds && !testing::Test::HasFatalFailure(); ++seed) {
    try_world(*warehouse, seed, tally);
  }
  // The generator must not have drifted into conditions that everyone or nobody meets.
  if (only == 0) {
    EXPECT_GT(tally.not_trivial, tally.asked / 3);
  }
}

}  // namespace
}  // namespace rapport::segments_test
