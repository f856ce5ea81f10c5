#include "customers/activity_reader.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "runtime/zoneinfo.h"
#include "stream/event.h"

namespace rapport {
namespace {

constexpr WorkspaceId kShop{7};
constexpr WorkspaceId kOther{8};

class ActivityReaderTest : public testing::Test {
 protected:
  ActivityReaderTest()
      : warehouse(open_duckdb_warehouse("")),
        clock(*parse_timestamp("2026-11-25T03:00:00Z")),
        reader(*warehouse, clock,
               {"Message Sent",
                "Message Opened",
                "Message Clicked",
                {"Message Sent", "Message Opened", "Message Clicked", "Message Queued"}}) {}

  void add(WorkspaceId workspace, uint64_t customer, std::string_view at, std::string_view name,
           std::string_view properties = "{}") {
    batch.events.push_back({++batch.through, workspace, CustomerId{customer},
                            static_cast<uint8_t>(EventType::kTrack), name, *parse_timestamp(at),
                            *parse_timestamp(at), "m", properties});
  }
  void appear(WorkspaceId workspace, uint64_t customer, std::string_view at) {
    batch.customers.push_back(
        {++batch.through, workspace, CustomerId{customer}, *parse_timestamp(at)});
  }
  Activity read(int64_t days, std::string_view zone = "UTC") {
    warehouse->append(batch);
    return reader.read(kShop, days, load_time_zone(zone), "EUR");
  }

  std::unique_ptr<Warehouse> warehouse;
  ManualClock clock;
  ActivityReader reader;
  WarehouseBatch batch;
};

TEST_F(ActivityReaderTest, CountsBothSpansAndEachDay) {
  appear(kShop, 1, "2026-11-24T10:00:00Z");
  appear(kShop, 2, "2026-11-22T10:00:00Z");
  add(kShop, 1, "2026-11-25T01:00:00Z", "Page");
  add(kShop, 1, "2026-11-24T01:00:00Z", "Page");
  add(kShop, 2, "2026-11-24T02:00:00Z", "Order Completed", R"({"total":10.5,"currency":"eur"})");
  add(kShop, 2, "2026-11-24T03:00:00Z", "Order Refunded", R"({"total":"0.25"})");
  add(kShop, 2, "2026-11-24T04:00:00Z", "Order Completed", R"({"total":99,"currency":"USD"})");
  add(kShop, 2, "2026-11-23T23:59:59Z", "Page");
  add(kShop, 9, "2026-11-21T00:00:00Z", "Page");  // before both spans
  add(kOther, 3, "2026-11-25T01:00:00Z", "Page");
  const Activity activity = read(2);
  EXPECT_EQ(activity.current.active_customers, 2);
  EXPECT_EQ(activity.current.events, 5);
  EXPECT_EQ(activity.current.revenue, "10.25");
  EXPECT_EQ(activity.current.new_customers, 1);
  EXPECT_EQ(activity.previous.active_customers, 1);
  EXPECT_EQ(activity.previous.new_customers, 1);
  ASSERT_EQ(activity.days.size(), 2u);
  EXPECT_EQ(activity.days[0].date, "2026-11-24");
  EXPECT_EQ(activity.days[0].figures.active_customers, 2);
  EXPECT_EQ(activity.days[1].figures.events, 1);
  EXPECT_EQ(activity.previous_days[1].date, "2026-11-23");
  EXPECT_EQ(activity.previous_days[1].figures.events, 1);
}

TEST_F(ActivityReaderTest, MessagesCountOnceAndAreNobodysActivity) {
  for (const std::string_view name : {"Message Sent", "Message Opened", "Message Opened"}) {
    add(kShop, 1, "2026-11-25T01:00:00Z", name, R"({"message_id":"msg_1"})");
  }
  add(kShop, 2, "2026-11-25T01:00:00Z", "Message Sent", R"({"message_id":"msg_2"})");
  const Activity activity = read(1);
  EXPECT_EQ(activity.current.sent, 2);
  EXPECT_EQ(activity.current.opened, 1);
  EXPECT_EQ(activity.current.clicked, 0);
  EXPECT_EQ(activity.current.events, 0);
  EXPECT_EQ(activity.current.active_customers, 0);
}

TEST_F(ActivityReaderTest, MergedCustomersCountOnce) {
  appear(kShop, 1, "2026-11-25T01:00:00Z");
  appear(kShop, 2, "2026-11-25T01:00:00Z");
  add(kShop, 1, "2026-11-25T01:00:00Z", "Page");
  add(kShop, 2, "2026-11-25T01:00:00Z", "Page");
  batch.successors.push_back({kShop, CustomerId{2}, CustomerId{1}});
  const Activity activity = read(1);
  EXPECT_EQ(activity.current.active_customers, 1);
  EXPECT_EQ(activity.current.new_customers, 1);
}

TEST_F(ActivityReaderTest, DaysAreThoseOfTheZone) {
  // 03:00 UTC is 08:30 in Kolkata; the day there began at 18:30 UTC.
  add(kShop, 1, "2026-11-24T18:29:59Z", "Page");
  add(kShop, 1, "2026-11-24T18:30:00Z", "Page");
  const Activity kolkata = read(2, "Asia/Kolkata");
  EXPECT_EQ(kolkata.days[0].figures.events, 1);
  EXPECT_EQ(kolkata.days[1].figures.events, 1);
}

TEST_F(ActivityReaderTest, ADayOf25HoursIsOneDay) {
  clock.set(*parse_timestamp("2026-10-26T12:00:00Z"));
  // Berlin's 25 October lasts from 22:00 UTC the day before to 23:00 UTC.
  for (const std::string_view at :
       {"2026-10-24T22:00:00Z", "2026-10-25T00:30:00Z", "2026-10-25T22:59:59Z"}) {
    add(kShop, 1, at, "Page");
  }
  add(kShop, 1, "2026-10-25T23:00:00Z", "Page");
  const Activity berlin = read(2, "Europe/Berlin");
  EXPECT_EQ(berlin.days[0].figures.events, 3);
  EXPECT_EQ(berlin.days[1].figures.events, 1);
}

TEST_F(ActivityReaderTest, RefusesOtherSpansAndAnswersAgainFromMemory) {
  EXPECT_THROW(read(0), Error);
  EXPECT_THROW(read(93), Error);
  EXPECT_EQ(read(1).current.events, 0);
  add(kShop, 1, "2026-11-25T01:00:00Z", "Page");
  EXPECT_EQ(read(1).current.events, 0);
  clock.advance(std::chrono::seconds(16));
  EXPECT_EQ(read(1).current.events, 1);
}

}  // namespace
}  // namespace rapport
