// Replaying the log gives the same contents, row for row, however it is cut into blocks.
#include <gtest/gtest.h>

#include "customers/customers_test_support.h"
#include "messaging/campaigns/campaign_stage.h"
#include "messaging/campaigns/ledger_block.h"
#include "messaging/message_stage.h"
#include "stream/stream_test_support.h"

namespace rapport {
namespace {

using namespace customers_test;

/// A block of recipients, or what else the log says of a campaign.
NewEvent campaign_event(SeededRandom& random, WorkspaceId workspace, size_t end, int64_t i) {
  const CampaignId campaign{1 + random.below(3)};
  switch (random.below(5)) {
    case 0:
      return make_campaign_event(kCampaignStartedEvent, workspace, campaign, 1,
                                 R"("goal":{"event":"E","value_property":"total"})", minutes(i));
    case 1:
      return make_campaign_event(kExperimentDecidedEvent, workspace, campaign, 0,
                                 R"("variant":1,"reason":"time")", minutes(i));
    case 2:
      if (random.below(3) == 0) {
        return make_campaign_event(kCampaignCancelledEvent, workspace, campaign, 0, "", minutes(i));
      }
      break;
    default:
      break;
  }
  LedgerBlock block;
  block.workspace = workspace;
  block.campaign = campaign;
  block.run = static_cast<uint32_t>(1 + random.below(2));
  block.due_at = minutes(i);
  uint64_t customer = 0;
  for (uint64_t n = random.below(200); n > 0 && customer < end; --n) {
    customer += 1 + random.below(8);
    block.recipients.push_back({CustomerId{customer}, static_cast<uint8_t>(random.below(256))});
  }
  return make_block_event(block, end, minutes(i));
}

/// A log of random events: merges, limits, blocked values, rejected events, late events, messages.
std::unique_ptr<EventLog> random_log(uint64_t seed) {
  SeededRandom random(seed);
  CollectParser parser;
  std::vector<std::string> records;
  std::map<uint64_t, std::vector<Offset>> queued;
  const auto pick = [&](const std::string& prefix, uint64_t count) {
    return prefix + std::to_string(random.below(count));
  };
  for (int i = 0; i < 1'200; ++i) {
    const WorkspaceId workspace{1 + random.below(2)};
    if (random.below(40) == 0 && !records.empty()) {
      records.push_back(campaign_event(random, workspace, records.size(), i).record);
      continue;
    }
    if (random.below(5) == 0 && !records.empty()) {
      MessageFact fact;
      fact.workspace = workspace;
      fact.customer = CustomerId{1 + random.below(records.size())};
      const std::vector<Offset>& messages = queued[workspace.value];
      fact.campaign = CampaignId{1 + random.below(3)};
      const auto step =
          random.below(3) == 0 ? MessageStep::kQueued : static_cast<MessageStep>(random.below(8));
      if (step == MessageStep::kQueued) {
        queued[workspace.value].push_back(records.size() + 1);
      } else if (messages.empty() || random.below(9) == 0) {
        fact.message = MessageId{1 + random.below(records.size())};
      } else {
        fact.message = MessageId{messages[random.below(messages.size())]};
      }
      fact.reason = pick("reason", 3);
      if (step == MessageStep::kDeferred) fact.retry_at = minutes(i + 30);
      records.push_back(make_step_event(step, fact, minutes(i), std::to_string(i)).record);
      continue;
    }
    std::string item = R"({"messageId":"m)" + std::to_string(i) + R"(",)";
    const char* types[]{"track", "identify", "page", "alias", "group", "dance"};
    item += std::string(R"("type":")") + types[random.below(6)] + R"(","event":"E",)";
    if (random.below(3) > 0) item += R"("userId":")" + pick("u", 40) + R"(",)";
    item += R"("anonymousId":")" + (random.below(20) == 0 ? "null" : pick("a", 60)) + R"(",)";
    item += R"("previousId":")" + pick("a", 60) + R"(","groupId":"g","timestamp":")" +
            format_timestamp(minutes(static_cast<int64_t>(random.below(2'000)) - 500)) + R"(",)";
    item += R"("traits":{"email":")" + pick("e", 50) + R"(@x.y","plan":)" +
            std::to_string(random.below(9)) + R"(},"properties":{"total":1.5}})";
    CollectSource source;
    source.received_at = minutes(i);
    auto result = parser.parse(R"({"writeKey":"k","batch":[)" + item + "]}", source,
                               [&](std::string_view) { return workspace; }, random);
    for (NewEvent& event : result.events) records.push_back(std::move(event.record));
  }
  auto log = make_memory_event_log();
  log->append(records);
  return log;
}

struct Outcome {
  std::vector<std::string> state;
  std::vector<std::string> warehouse;
};

Outcome project(const EventLog& log, const std::vector<size_t>& cut, int crashes = 0) {
  const auto copy = stream_test::recut(log, cut);
  IdentityStage identity;
  ProfileStage profiles;
  RejectedStage rejected;
  MessageStage messages;
  CampaignStage goals;
  stream_test::TestState state;
  stream_test::TestWarehouse warehouse;
  Projector projector(*copy, state, warehouse,
                      {&identity, &profiles, &rejected, &messages, &goals});
  projector.open();
  for (int i = 0; i < crashes; ++i) {
    (i % 2 == 0 ? state.fail_commits : warehouse.fail_appends) = 1;
    EXPECT_THROW(projector.run_to_end(), Error);
  }
  projector.run_to_end();
  EXPECT_EQ(projector.applied(), log.end());
  return {stream_test::dump(state), stream_test::dump(warehouse)};
}

size_t rows_of(const std::vector<std::string>& rows, const std::string& table) {
  return static_cast<size_t>(std::count_if(
      rows.begin(), rows.end(), [&](const auto& row) { return row.starts_with(table); }));
}

TEST(Replay, EndsInTheSameRows) {
  size_t suppressions = 0;
  for (uint64_t seed = 1; seed <= 2; ++seed) {
    const auto log = random_log(seed);
    const Outcome first = project(*log, {4'000});
    // The log holds what the test is about.
    EXPECT_EQ(rows_of(first.state, "dead_letters|"), 0u);
    for (const char* table : {"customers|", "identifiers|", "customer_merges|", "customer_traits|",
                              "identity_decisions|", "rejected_events|", "messages|",
                              "message_history|", "campaign_counts|", "campaign_figures|",
                              "campaign_hours|", "campaign_goals|", "conversions|"}) {
      EXPECT_GT(rows_of(first.state, table), 2u) << table;
    }
    suppressions += rows_of(first.state, "suppressions|");
    EXPECT_GT(rows_of(first.warehouse, "successors"), 5u);
    EXPECT_GT(rows_of(first.warehouse, "events"), 500u);
    EXPECT_GT(rows_of(first.warehouse, "traits"), 100u);

    for (const std::vector<size_t>& cut :
         {std::vector<size_t>{100, 1, 13, 700}, {1, 2, 3, 5, 8, 13, 21, 34}}) {
      const Outcome again = project(*log, cut);
      EXPECT_EQ(again.state, first.state);
      EXPECT_EQ(again.warehouse, first.warehouse);
    }
    const Outcome crashed = project(*log, {4'000}, 4);
    EXPECT_EQ(crashed.state, first.state);
    EXPECT_EQ(crashed.warehouse, first.warehouse);
  }
  EXPECT_GT(suppressions, 0u);
}

// Blocks alone do not cut batches: the projector gathers small ones. Applying after every block
// does.
TEST(Replay, BatchesOfAnySizeEndInTheSameRows) {
  const auto log = random_log(9);
  const Outcome whole = project(*log, {4'000});
  std::vector<std::string> records;
  log->read(1, SIZE_MAX, [&](Offset, std::string_view r) { records.emplace_back(r); });
  SeededRandom random(1);
  MessageStage messages;
  CampaignStage goals;
  World world({&messages, &goals});
  for (size_t at = 0; at < records.size();) {
    const size_t size = std::min<size_t>(1 + random.below(40), records.size() - at);
    world.log->append(std::span(records).subspan(at, size));
    world.projector.run_to_end();
    at += size;
  }
  EXPECT_EQ(stream_test::dump(*world.state), whole.state);
  EXPECT_EQ(stream_test::dump(*world.warehouse), whole.warehouse);
}

}  // namespace
}  // namespace rapport
