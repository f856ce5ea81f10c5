#include "segments/segment_stage.h"

#include <gtest/gtest.h>

#include "runtime/zone_cache.h"
#include "segments/segment_engine_test_util.h"
#include "segments/segment_insight.h"
#include "stream/stream_test_support.h"

namespace rapport {
namespace {

using namespace segments_test;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr SegmentId kA{1};
constexpr SegmentId kB{2};

TEST(SegmentStage, FollowsEventsAndTraitsAtOnce) {
  EngineWorld w;
  w.add(
      kA,
      R"({"event":"Order","count":{"gte":2},"where":[{"property":"total","op":"gte","value":10}]})");
  w.add(kB, R"({"trait":"plan","op":"eq","value":"pro"})");
  w.track("ann", "Order", R"({"total":10})", kNow);
  EXPECT_EQ(w.users(kA), "");
  w.track("ann", "Order", R"({"total":9})", kNow);
  EXPECT_EQ(w.users(kA), "");
  w.track("ann", "Order", R"({"total":11})", kNow - days(90));  // late by months
  EXPECT_EQ(w.users(kA), "ann");
  w.identify("bob", R"({"plan":"pro"})", kNow);
  EXPECT_EQ(w.users(kB), "bob");
  w.identify("bob", R"({"plan":"free"})", kNow - seconds(1));  // older than what is known
  EXPECT_EQ(w.users(kB), "bob");
  w.identify("bob", R"({"plan":"free"})", kNow + seconds(1));
  EXPECT_EQ(w.users(kB), "");

  const auto changes = w.changes();
  ASSERT_EQ(changes.size(), 3u);
  EXPECT_TRUE(changes[0].entered);
  EXPECT_EQ(changes[0].cause, ChangeCause::kEvent);
  EXPECT_EQ(changes[1].cause, ChangeCause::kTrait);
  EXPECT_EQ(changes[1].detail, "plan");
  EXPECT_FALSE(changes[2].entered);
}

TEST(SegmentStage, MovesAtTheInstantAWindowPasses) {
  EngineWorld w;
  w.add(kA, R"({"event":"Order","within":"2h"})");
  w.track("ann", "Order", "{}", kNow - hours(1));
  w.track("bob", "Order", "{}", kNow - minutes(30));
  EXPECT_EQ(w.users(kA), "ann bob");
  EXPECT_EQ(w.stage.next_due(), kNow + hours(1));
  w.reach(kNow + hours(1) - Micros(1));
  EXPECT_EQ(w.users(kA), "ann bob");
  w.reach(kNow + hours(1));
  EXPECT_EQ(w.users(kA), "bob");
  // Nothing told the time for a day: each left at its own instant.
  w.reach(kNow + days(1));
  EXPECT_EQ(w.users(kA), "");
  const auto changes = w.changes();
  ASSERT_EQ(changes.size(), 4u);
  EXPECT_EQ(changes[3].at, kNow + minutes(90));
  EXPECT_EQ(changes[3].cause, ChangeCause::kTime);
  EXPECT_EQ(w.stage.next_due(), Timestamp::max());
}

TEST(SegmentStage, KnowsWhoNeverDid) {
  EngineWorld w;
  w.track("ann", "Visit", "{}", kNow);
  w.track("bob", "Order", "{}", kNow);
  w.add(kA, R"({"not":{"event":"Order"}})");
  EXPECT_EQ(w.users(kA), "ann");
  w.track("cid", "Visit", "{}", kNow);
  EXPECT_EQ(w.users(kA), "ann cid");
  w.track("dan", "Order", "{}", kNow);
  w.track("ann", "Order", "{}", kNow);
  EXPECT_EQ(w.users(kA), "cid");
  // Starting anew from what is stored.
  SegmentMemberships again;
  SegmentStage restarted(again);
  restarted.load(*w.state);
  EXPECT_EQ(again.page(kShop, kA, {}, 10), w.memberships.page(kShop, kA, {}, 10));
  EXPECT_EQ(again.size(kShop, kA), 1u);
}

TEST(SegmentStage, TellsTheDifferenceOfAnEdit) {
  EngineWorld w;
  for (const char* user : {"ann", "bob", "cid"}) w.track(user, "Order", R"({"n":1})", kNow);
  w.track("ann", "Order", "{}", kNow);
  w.track("bob", "Visit", "{}", kNow);
  w.add(kA, R"({"event":"Order"})");
  EXPECT_EQ(w.users(kA), "ann bob cid");
  EXPECT_EQ(w.changes().size(), 3u);
  w.define(kA, R"({"any":[{"event":"Visit"},{"event":"Order","count":{"gte":2}}]})");
  EXPECT_EQ(w.users(kA), "ann bob cid");  // the old one stays until the new is ready
  EXPECT_TRUE(w.memberships.progress(kShop, kA).computing);
  w.track("dan", "Visit", "{}", kNow);
  EXPECT_EQ(w.users(kA), "ann bob cid");
  w.track("eve", "Order", "{}", kNow);
  EXPECT_EQ(w.users(kA), "ann bob cid eve");
  w.compute(2);
  EXPECT_EQ(w.users(kA), "ann bob dan");
  const auto changes = w.changes();
  ASSERT_EQ(changes.size(), 7u);
  for (size_t i = 4; i < 7; ++i) EXPECT_EQ(changes[i].cause, ChangeCause::kEdit);
  EXPECT_EQ(w.memberships.progress(kShop, kA).size, 3u);
  EXPECT_FALSE(w.memberships.progress(kShop, kA).computing);
}

TEST(SegmentStage, CountsOnceWhatArrivesWhileItIsComputed) {
  EngineWorld w;
  for (int i = 0; i < 3; ++i) w.track("ann", "Order", "{}", kNow - hours(i));
  w.define(kA, R"({"event":"Order","count":{"eq":5}})");
  w.track("ann", "Order", "{}", kNow - days(3));
  w.compute();
  EXPECT_EQ(w.users(kA), "");
  w.track("ann", "Order", "{}", kNow);
  EXPECT_EQ(w.users(kA), "ann");
}

TEST(SegmentStage, UnitesMergedCustomers) {
  EngineWorld w;
  w.add(kA, R"({"event":"Order","count":{"gte":2}})");
  w.take(R"({"type":"track","event":"Order","anonymousId":"x"})");
  w.track("ann", "Order", "{}", kNow);
  EXPECT_EQ(w.users(kA), "");
  w.take(R"({"type":"identify","userId":"ann","anonymousId":"x"})");
  EXPECT_EQ(w.members(kA).size(), 1u);
  ASSERT_EQ(w.changes().size(), 1u);
  EXPECT_EQ(w.changes()[0].cause, ChangeCause::kMerge);
  // The one that went is nowhere.
  w.add(kB, R"({"all":[]})");
  EXPECT_EQ(w.members(kB).size(), 1u);
}

TEST(SegmentStage, SettlesAChangeByItsEvent) {
  EngineWorld w;
  w.add(kA, R"({"event":"Order"})");
  w.track("ann", "Order", "{}", kNow);
  auto changes = w.changes();
  ASSERT_EQ(changes.size(), 1u);
  // A client's event of the same name moves nothing.
  w.track("ann", "Segment Entered", R"({"segment_id":"seg_0000000000001","change_id":1})", kNow);
  EXPECT_EQ(w.changes().size(), 1u);
  w.store(make_segment_change(changes[0], "Buyers", kNow));
  EXPECT_EQ(w.changes().size(), 0u);
}

TEST(SegmentStage, KeepsSizesByTheHour) {
  EngineWorld w;
  w.add(kA, R"({"event":"Order","within":"90m"})");
  const Timestamp hour = std::chrono::ceil<hours>(kNow);
  w.reach(hour);
  w.track("ann", "Order", "{}", hour);
  w.track("bob", "Order", "{}", hour);
  w.reach(hour + days(1));
  const auto found = w.state->read_value([&](Connection& c) {
    return list_segment_hours(c, kShop, kA, hour.time_since_epoch() / hours(1), INT64_MAX);
  });
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].entered, 2);
  EXPECT_EQ(found[0].size, 2);
  EXPECT_EQ(found[1].hour, found[0].hour + 1);
  EXPECT_EQ(found[1].left, 2);
  EXPECT_EQ(found[1].size, 0);
}

TEST(SegmentStage, StopsFollowingWhatIsRemoved) {
  EngineWorld w;
  w.add(kA, R"({"event":"Order","within":"1h"})");
  w.track("ann", "Order", "{}", kNow);
  w.store(make_segment_removed(kShop, kA, kNow));
  EXPECT_FALSE(w.memberships.size(kShop, kA).has_value());
  w.track("ann", "Order", "{}", kNow);
  w.reach(kNow + days(1));
  EXPECT_EQ(w.changes().size(), 1u);
  w.add(kA, R"({"event":"Order","within":"2d"})");
  EXPECT_EQ(w.users(kA), "ann");
}

TEST(SegmentStage, EndsInTheSameRowsHoweverTheLogIsCut) {
  EngineWorld w;
  SeededRandom random(7);
  w.define(kA, R"({"event":"Order","count":{"gte":2},"within":"3h"})");
  for (int i = 0; i < 300; ++i) {
    w.time = kNow + minutes(7 * i);
    const std::string user = "u" + std::to_string(random.below(20));
    w.track(user, random.below(3) == 0 ? "Visit" : "Order", R"({"n":)" + std::to_string(i) + "}",
            w.time - minutes(random.below(600)));
    if (i == 100) w.compute(40);
    if (i == 150) w.add(kB, R"({"not":{"event":"Visit","within":"1d"}})");
    if (i == 200)
      w.define(kA, R"({"event":"Order","sum":{"property":"n","gte":300},"within":"1d"})");
    if (i == 220) w.compute(40);
    if (random.below(10) == 0) {
      w.take(R"({"type":"identify","userId":"u)" + std::to_string(random.below(20)) +
             R"(","anonymousId":"a)" + std::to_string(random.below(30)) + "\"}");
    }
    if (i % 50 == 0) {
      for (const SegmentChange& c : w.changes()) w.store(make_segment_change(c, "x", w.time));
    }
  }
  const auto expected = stream_test::dump(*w.state);
  for (const std::vector<size_t>& cut : {std::vector<size_t>{100, 1, 13, 700}, {4'000}}) {
    const auto copy = stream_test::recut(*w.log, cut);
    IdentityStage identity;
    ProfileStage profiles;
    RejectedStage rejected;
    SegmentMemberships memberships;
    SegmentStage stage(memberships);
    stream_test::TestState state;
    stream_test::TestWarehouse warehouse;
    stage.read_from(warehouse);
    Projector projector(*copy, state, warehouse, {&identity, &profiles, &rejected, &stage});
    projector.open();
    stage.load(state);
    state.fail_commits = 1;
    EXPECT_THROW(projector.run_to_end(), Error);
    projector.run_to_end();
    EXPECT_EQ(stream_test::dump(state), expected);
    for (const SegmentId segment : {kA, kB}) {
      EXPECT_EQ(memberships.page(kShop, segment, {}, 100),
                w.memberships.page(kShop, segment, {}, 100));
    }
  }
}

EventRow own_row(const std::string& name, const std::string& properties) {
  return {{}, kNow, name, properties, true};
}

TEST(SegmentStage, ShortFormsCountTheProgramsOwnEvents) {
  EngineWorld world;
  world.add({1}, R"({"message":"opened"})");
  world.add({2}, R"({"event":"Message Opened"})");
  world.add({3}, R"({"list":"lst_0000000000001"})");
  const std::string item = R"({"type":"track","anonymousId":"a","event":")";
  world.take(item + R"(Message Opened"})");
  world.take(item + R"(List Added","properties":{"list_id":"lst_0000000000001"}})");
  EXPECT_TRUE(world.members({1}).empty());
  EXPECT_EQ(world.members({2}).size(), 1u);
  EXPECT_TRUE(world.members({3}).empty());
  ASSERT_TRUE(world.take_own("a", own_row("Message Opened", "{}")));
  ASSERT_TRUE(world.take_own("a", own_row("List Added", R"({"list_id":"lst_0000000000001"})")));
  EXPECT_EQ(world.members({1}).size(), 1u);
  EXPECT_EQ(world.members({3}).size(), 1u);
}

// What an older program defined is followed as it did, until it is computed anew.
TEST(SegmentStage, AnOlderReadingStandsUntilTheNewIsReady) {
  EngineWorld world;
  world.reading = 1;
  world.topics = {{"top_1", {TopicKind::kOptOut, {"email"}}}};
  world.add({1}, R"({"message":"opened"})");
  world.add({2}, R"({"topic":"top_1"})");
  const std::string item = R"({"type":"track","anonymousId":")";
  world.take(item + R"(a","event":"Message Opened"})");
  world.take(item + R"(b","event":"Other"})");
  EXPECT_EQ(world.members({1}).size(), 1u);
  EXPECT_EQ(world.members({2}).size(), 0u);
  world.reading = kSegmentReading;
  world.define({1}, R"({"message":"opened"})");
  world.define({2}, R"({"topic":"top_1"})");
  EXPECT_EQ(world.members({1}).size(), 1u);
  EXPECT_EQ(world.members({2}).size(), 0u);
  world.compute();
  EXPECT_EQ(world.members({1}).size(), 0u);
  EXPECT_EQ(world.members({2}).size(), 2u);
  EXPECT_TRUE(is_read_anew(parse_condition(R"({"not":{"topic":"t"}})"), 1));
  EXPECT_FALSE(is_read_anew(parse_condition(R"({"event":"Message Opened"})"), 1));
  EXPECT_FALSE(is_read_anew(parse_condition(R"({"topic":"t"})"), kSegmentReading));
}

TEST(SizeEdges, DaysAreThoseOfTheZone) {
  const auto edges = [](SizeUnit unit, std::string_view from, std::string_view last,
                        std::string_view zone) {
    std::string out;
    for (const int64_t hour : size_edges(unit, *parse_timestamp(from), *parse_timestamp(last),
                                         *system_zones().find(zone))) {
      const std::string at = format_timestamp(Timestamp(std::chrono::hours(hour)));
      out += (out.empty() ? "" : " ") + at.substr(8, 5);
    }
    return out;
  };
  const auto day = SizeUnit::kDay;
  EXPECT_EQ(edges(day, "2026-03-28T10:00:00Z", "2026-03-30T12:00:00Z", "Europe/Berlin"),
            "27T23 28T23 29T22 30T22");  // the second day has 23 hours
  EXPECT_EQ(edges(day, "2026-03-28T10:00:00Z", "2026-03-28T11:00:00Z", "Asia/Kolkata"),
            "27T19 28T19");
  EXPECT_EQ(edges(day, "2026-03-28T18:40:00Z", "2026-03-28T18:50:00Z", "Asia/Kolkata"),
            "27T19 28T19");  // the hour in which the day changes counts as the day before
  EXPECT_EQ(edges(SizeUnit::kHour, "2026-03-28T10:30:00Z", "2026-03-28T11:00:01Z", "UTC"),
            "28T10 28T11 28T12");
  EXPECT_EQ(edges(day, "2026-03-28T10:00:00Z", "2026-03-20T10:00:00Z", "UTC"), "");
}

}  // namespace
}  // namespace rapport
