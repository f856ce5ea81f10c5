#include "messaging/campaigns/conversion_teller.h"

#include <gtest/gtest.h>

#include "messaging/campaigns/campaign_life_test_util.h"

namespace rapport {
namespace {

class ConversionTellerTest : public CampaignLifeTest {};

TEST_F(ConversionTellerTest, TellsOnceThatAMessageConverted) {
  add_people(40);
  Campaign c = basic();
  c.plan.control_percent = 50;
  c.plan.goal.event = "Order";
  c.plan.goal.window_hours = 24;
  c.plan.goal.value_property = "total";
  const CampaignId id = start(std::move(c));
  run_for(minutes(2), minutes(1));
  for (const CustomerId who : members_) {
    track(who, "Order", R"({"total":12.5})", clock.now() + minutes(1));
    track(who, "Order", R"({"total":60})", clock.now() + minutes(2));
  }
  ConversionTeller teller(*state_, reader_, clock);
  teller.set_topic([&](WorkspaceId, CampaignId of) { return of == id ? TopicId{7} : TopicId{}; });
  const auto waiting = [&] {
    return state_->read_value([&](Connection& s) {
      return outbox::list_due(s, workspace_, 0, clock.now() + minutes(5), 1'000);
    });
  };
  const auto intents = waiting();
  const auto sent = static_cast<size_t>(get(id).counts.sent);
  EXPECT_GT(sent, 5u);
  EXPECT_EQ(intents.size(), sent);  // nobody of the control group
  for (const Intent& intent : intents) {
    EXPECT_EQ(intent.kind, kConversionIntent);
    store(teller.execute(intent, 0));
  }
  EXPECT_TRUE(waiting().empty());
  size_t rows = 0;
  warehouse_->query("SELECT properties, origin FROM events WHERE name = 'Message Converted'", {},
                    [&](const WarehouseRow& row) {
                      ++rows;
                      EXPECT_EQ(row.integer(1), kWarehouseSystem);
                      Payload properties;
                      const std::string json = row.text(0);
                      ASSERT_TRUE(properties.parse(json));
                      EXPECT_EQ(properties.text("campaign_id"), to_public(id));
                      EXPECT_EQ(properties.text("topic_id"), to_public(TopicId{7}));
                      EXPECT_EQ(properties.number("value"), 12.5);
                    });
  EXPECT_EQ(rows, sent);
  track(members_[0], "Order", R"({"total":1})", clock.now() + minutes(3));
  EXPECT_TRUE(waiting().empty());
}

}  // namespace
}  // namespace rapport
