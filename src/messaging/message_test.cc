#include "messaging/message.h"

#include <gtest/gtest.h>

#include "messaging/message_reader.h"
#include "messaging/message_sender.h"
#include "stream/event.h"
#include "stream/payload.h"

namespace rapport {
namespace {

using S = MessageStep;
constexpr S kAll[]{S::kQueued,     S::kDeferred, S::kSent,         S::kFailed,    S::kSkipped,
                   S::kOpened,     S::kClicked,  S::kUnsubscribed, S::kDelivered, S::kBounced,
                   S::kComplained, S::kReplied,  S::kHeld};

TEST(MessageSteps, NamesComeBack) {
  for (const S step : kAll) {
    EXPECT_EQ(parse_step_event(step_event_name(step)), step);
    EXPECT_EQ(parse_step_name(step_name(step)), step);
  }
  EXPECT_EQ(step_event_name(S::kUnsubscribed), "Unsubscribed");
  EXPECT_EQ(parse_step_event("Order Completed"), std::nullopt);
  EXPECT_EQ(parse_step_event("message sent"), std::nullopt);
  EXPECT_EQ(parse_step_name("Sent"), std::nullopt);
  EXPECT_EQ(parse_step_name(""), std::nullopt);
}

TEST(MessageSteps, WhichOnesAdvance) {
  const auto rank = [](S step) {
    switch (step) {
      case S::kQueued:
        return 0;
      case S::kDeferred:
      case S::kHeld:
        return 1;
      case S::kDelivered:
        return 3;
      case S::kBounced:
        return 4;
      case S::kOpened:
        return 5;
      case S::kClicked:
        return 6;
      case S::kReplied:
        return 7;
      case S::kUnsubscribed:
        return 8;
      case S::kComplained:
        return 9;
      default:
        return 2;  // sent, failed, skipped: the first of them stays
    }
  };
  for (const S from : kAll) {
    for (const S to : kAll) {
      EXPECT_EQ(advances(from, to), rank(to) > rank(from)) << step_name(from) << step_name(to);
    }
  }
}

TEST(MessageSteps, AStepIsAnEventWithAFixedId) {
  MessageFact fact;
  fact.workspace = WorkspaceId{2};
  fact.customer = CustomerId{5};
  fact.campaign = CampaignId{7};
  const Timestamp at = from_micros(1'770'000'000'000'000);
  const NewEvent queued = make_step_event(S::kQueued, fact, at);
  EXPECT_EQ(queued.key, make_step_event(S::kQueued, fact, at + std::chrono::hours(1)).key);
  fact.customer = CustomerId{6};
  EXPECT_NE(queued.key, make_step_event(S::kQueued, fact, at).key);

  fact.message = MessageId{40};
  fact.address = "a\"b@x.y";
  fact.reason = "550 no \"such\" user\x01";
  fact.retry_at = at;
  const NewEvent first = make_step_event(S::kDeferred, fact, at, "1");
  EXPECT_NE(first.key, make_step_event(S::kDeferred, fact, at, "2").key);
  EXPECT_NE(first.key, make_step_event(S::kFailed, fact, at).key);
  const Event event = decode_event(first.record);
  EXPECT_EQ(event.origin, EventOrigin::kSystem);
  EXPECT_EQ(event.type, EventType::kTrack);
  EXPECT_EQ(event.customer.value, 6u);
  EXPECT_EQ(event.name, "Message Deferred");
  EXPECT_EQ(event.timestamp, at);
  Payload payload;
  ASSERT_TRUE(payload.parse(event.body)) << event.body;
  EXPECT_EQ(payload.text("properties.message_id"), to_public(fact.message));
  EXPECT_EQ(payload.text("properties.campaign_id"), to_public(fact.campaign));
  EXPECT_EQ(payload.text("properties.address"), fact.address);
  EXPECT_EQ(payload.text("properties.reason"), fact.reason);
  EXPECT_EQ(payload.text("properties.retry_at"), format_timestamp(at));
  EXPECT_EQ(payload.text("properties.url"), std::nullopt);
}

TEST(MessageSteps, WaitsGrow) {
  const int64_t expected[]{5, 20, 80, 320, 1'280, 5'120, 14'400, 14'400};
  for (int attempts = 0; attempts < 8; ++attempts) {
    EXPECT_EQ(retry_wait(attempts).count(), expected[attempts]);
  }
  EXPECT_EQ(retry_wait(1'000).count(), 14'400);
}

}  // namespace
}  // namespace rapport
