#include "messaging/message_sender.h"

#include <gtest/gtest.h>

#include "access/access_test_support.h"
#include "base/limits/messaging.h"
#include "customers/customers_test_support.h"
#include "messaging/campaign_store.h"
#include "messaging/campaigns/ledger_block.h"
#include "messaging/message_stage.h"

namespace rapport {
namespace {

using customers_test::World;

class FakeChannel final : public Channel {
 public:
  std::string_view name() const override { return "email"; }
  DeliveryOutcome send(const Delivery& delivery, size_t) override {
    addresses.push_back(delivery.message.address);
    return outcome;
  }
  DeliveryOutcome outcome{DeliveryStatus::kSent, "", "Hello"};
  std::vector<std::string> addresses;
};

class MessageSenderTest : public AccessTest {
 protected:
  MessageSenderTest() : workspace_(add_workspace("Shop")) {
    control->migrate("campaigns", campaign_store::migrations());
    sender_.add_channel(channel_);
    campaign_ = control->write_value([&](Connection& c) {
      Campaign campaign;
      campaign.workspace = workspace_;
      campaign.name = "c";
      campaign.created_at = clock.now();
      return campaign_store::add(c, campaign);
    });
  }

  /// A message to a customer of its own; returns its id.
  MessageId message(const std::string& user, const std::string& channel = "email") {
    world_.collect(R"({"type":"identify","userId":")" + user + R"(","traits":{"email":")" + user +
                       R"(@x.y"}})",
                   workspace_);
    MessageFact fact;
    fact.workspace = workspace_;
    fact.customer = world_.by("user_id", user, workspace_).id;
    fact.campaign = campaign_;
    fact.channel = channel;
    std::vector<NewEvent> events;
    events.push_back(make_step_event(MessageStep::kQueued, fact, clock.now()));
    return MessageId{world_.store(std::move(events))};
  }
  std::string reason_of(const std::vector<NewEvent>& events) {
    const Event event = decode_event(events.at(0).record);
    Payload payload;
    payload.parse(event.body);
    retry_at_ = parse_timestamp(payload.text("properties.retry_at").value_or(""));
    return std::string(event.name) + " " + payload.text("properties.reason").value_or("");
  }
  /// Carries the intent out and applies what comes of it: "Message Sent reason".
  std::string carry_out(MessageId message, int attempts = 0) {
    Intent intent;
    intent.workspace = workspace_;
    intent.kind = "message";
    intent.subject = message.value;
    intent.attempts = attempts;
    auto events = sender_.execute(intent, 0);
    EXPECT_EQ(events.size(), 1u);
    const std::string text = reason_of(events);
    world_.store(std::move(events));
    return text;
  }

  MessageStage stage_;
  World world_{{&stage_}};
  MessageReader reader_{*world_.state};
  MetricsRegistry metrics_;
  WorkspaceId workspace_;
  CampaignId campaign_;
  FakeChannel channel_;
  MessageSender sender_{*control, reader_, world_.reader, access->workspaces, clock, metrics_};
  std::optional<Timestamp> retry_at_;
};

TEST_F(MessageSenderTest, RecordsWhatTheChannelSaid) {
  const MessageId sent = message("ann");
  EXPECT_EQ(carry_out(sent), "Message Sent ");
  EXPECT_EQ(reader_.find(workspace_, sent)->subject, "Hello");
  EXPECT_EQ(channel_.addresses, (std::vector<std::string>{"ann@x.y"}));
  channel_.outcome = {DeliveryStatus::kFailed, "550 no such user", ""};
  const MessageId failed = message("bob");
  EXPECT_EQ(carry_out(failed), "Message Failed 550 no such user");
  EXPECT_EQ(reader_.find(workspace_, failed)->status, MessageStep::kFailed);
}

TEST_F(MessageSenderTest, TriesAgainWithGrowingWaitsThenGivesUp) {
  channel_.outcome = {DeliveryStatus::kRetry, "451 later", ""};
  const MessageId id = message("ann");
  for (int attempts = 0; attempts + 1 < limits::kMaxSendAttempts; ++attempts) {
    EXPECT_EQ(carry_out(id, attempts), "Message Deferred 451 later");
    EXPECT_EQ(retry_at_, clock.now() + retry_wait(attempts));
    world_.state->read([&](Connection& c) {
      const auto row = c.find(
          "SELECT attempts, due_at FROM messages WHERE id = $1 AND lane = 0",
          [](Statement& s) { return std::pair(s.integer(0), s.time(1)); }, id);
      ASSERT_TRUE(row);
      EXPECT_EQ(row->first, attempts + 1);
      EXPECT_EQ(row->second, *retry_at_);
    });
  }
  EXPECT_EQ(carry_out(id, limits::kMaxSendAttempts - 1), "Message Failed 451 later");
  EXPECT_EQ(reader_.find(workspace_, id)->history.size(),
            static_cast<size_t>(limits::kMaxSendAttempts) + 1);
}

TEST_F(MessageSenderTest, LooksAgainAtTheLastMoment) {
  const MessageId first = message("ann");
  const MessageId second = message("bob");
  MessageFact fact;
  fact.workspace = workspace_;
  fact.message = second;
  fact.customer = reader_.find(workspace_, second)->customer;
  std::vector<NewEvent> events;
  events.push_back(make_step_event(MessageStep::kUnsubscribed, fact, clock.now()));
  world_.store(std::move(events));
  EXPECT_EQ(carry_out(second), "Message Skipped suppressed");
  EXPECT_EQ(carry_out(message("cat", "pigeon")), "Message Failed no_channel");
  control->write([&](Connection& c) { c.run("DELETE FROM campaigns"); });
  MessageSender fresh{*control, reader_, world_.reader, access->workspaces, clock, metrics_};
  fresh.add_channel(channel_);
  Intent intent;
  intent.workspace = workspace_;
  intent.subject = first.value;
  EXPECT_EQ(reason_of(fresh.execute(intent, 0)), "Message Skipped campaign_gone");
  EXPECT_TRUE(channel_.addresses.empty());
  Intent unknown;
  unknown.workspace = workspace_;
  unknown.subject = 9'999;
  EXPECT_THROW(sender_.execute(unknown, 0), Error);
}

TEST_F(MessageSenderTest, RecipientsOfABlockAreLookedUpWhenTheyAreSent) {
  struct Person {
    const char* user;
    const char* traits;
    const char* outcome;
  };
  const Person people[] = {
      {"good", R"({"email":"Good@x.y"})", "Message Sent "},
      {"plain", R"({"plan":"pro"})", "Message Skipped no_address"},
      {"broken", R"({"email":"not@an@address"})", "Message Skipped invalid_address"},
      {"twin", R"({"email":"good@x.y"})", "Message Skipped duplicate_address"}};
  LedgerBlock block;
  block.workspace = workspace_;
  block.campaign = campaign_;
  block.due_at = clock.now();
  for (const Person& p : people) {
    world_.collect(std::string(R"({"type":"identify","userId":")") + p.user + R"(","traits":)" +
                       p.traits + "}",
                   workspace_);
    block.recipients.push_back({world_.by("user_id", p.user, workspace_).id, 0});
  }
  std::vector<NewEvent> events;
  events.push_back(make_block_event(block, 0, clock.now()));
  const Offset offset = world_.store(std::move(events));
  for (size_t i = 0; i < std::size(people); ++i) {
    EXPECT_EQ(carry_out(block_message_id(offset, i)), people[i].outcome) << people[i].user;
  }
  EXPECT_EQ(channel_.addresses, (std::vector<std::string>{"good@x.y"}));
  // What ended is not sent again, whoever asks.
  Intent again;
  again.workspace = workspace_;
  again.subject = block_message_id(offset, 0).value;
  EXPECT_TRUE(sender_.execute(again, 0).empty());
}

}  // namespace
}  // namespace rapport
