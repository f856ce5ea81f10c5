#include "messaging/message_stage.h"

#include <gtest/gtest.h>

#include "base/limits/messaging.h"
#include "customers/customers_test_support.h"
#include "messaging/message_reader.h"

namespace rapport {
namespace {

using namespace customers_test;
using S = MessageStep;
using Texts = std::vector<std::string>;

class MessageStageTest : public testing::Test {
 protected:
  CustomerId customer(const std::string& user) { return world_.by("user_id", user).id; }
  MessageFact fact(CustomerId customer, MessageId message = {}, CampaignId campaign = {7}) {
    MessageFact fact;
    fact.workspace = kShop;
    fact.customer = customer;
    fact.message = message;
    fact.campaign = campaign;
    return fact;
  }
  Offset step(S step, const MessageFact& fact, std::string_view occurrence = "",
              Timestamp at = kNow) {
    std::vector<NewEvent> events;
    events.push_back(make_step_event(step, fact, at, occurrence));
    return world_.store(std::move(events));
  }
  MessageId queue(CustomerId customer, CampaignId campaign = {7}) {
    return MessageId{step(S::kQueued, fact(customer, {}, campaign))};
  }
  Message message(MessageId id) {
    auto found = reader_.find(kShop, id);
    EXPECT_TRUE(found);
    return found.value_or(Message{});
  }
  /// "status reason" of the last entry of its history.
  std::string outcome(MessageId id) {
    const Message m = message(id);
    return std::string(step_name(m.status)) + " " + m.history.back().detail;
  }
  bool suppressed(WorkspaceId workspace, const std::string& channel, const std::string& address) {
    Message m;
    m.workspace = workspace;
    m.channel = channel;
    m.address = address;
    return reader_.suppressed(m);
  }
  std::vector<uint64_t> waiting(Timestamp now = kNow) {
    std::vector<uint64_t> subjects;
    world_.state->read([&](Connection& c) {
      c.each(
          "SELECT id FROM messages WHERE lane IS NOT NULL AND due_at <= $1 ORDER BY id",
          [&](Statement& row) { subjects.push_back(row.id(0)); }, now);
    });
    return subjects;
  }

  MessageStage stage_;
  World world_{{&stage_}};
  MessageReader reader_{*world_.state};
};

TEST_F(MessageStageTest, WhoGetsAMessage) {
  world_.identify("good", R"({"email":"Good@X.y"})");
  world_.identify("plain", R"({"plan":"pro"})");
  world_.identify("broken", R"({"email":"not@an@address"})");
  world_.identify("twin", R"({"email":"good@x.y"})");  // the address belongs to "good"
  world_.identify("gone", R"({"email":"gone@x.y"})");
  // Unsubscribed through another campaign.
  const MessageId before = queue(customer("gone"), CampaignId{1});
  step(S::kUnsubscribed, fact(customer("gone"), before, CampaignId{1}));

  const MessageId good = queue(customer("good"));
  EXPECT_EQ(outcome(good), "queued ");
  EXPECT_EQ(message(good).address, "good@x.y");
  EXPECT_EQ(outcome(queue(customer("plain"))), "skipped no_address");
  EXPECT_EQ(outcome(queue(customer("broken"))), "skipped invalid_address");
  EXPECT_EQ(outcome(queue(customer("twin"))), "skipped duplicate_address");
  EXPECT_EQ(outcome(queue(customer("gone"))), "skipped suppressed");
  EXPECT_EQ(outcome(queue(CustomerId{9'999})), "skipped customer_gone");
  // Another campaign may write to the twin.
  EXPECT_EQ(outcome(queue(customer("twin"), CampaignId{8})), "queued ");
  const CampaignCounts counts = reader_.counts(kShop, CampaignId{7});
  EXPECT_EQ(counts.queued, 6);
  EXPECT_EQ(counts.skipped, 5);
  EXPECT_EQ(counts.sent, 0);
  EXPECT_EQ(waiting().size(), 3u);
  EXPECT_TRUE(suppressed(kShop, "email", "GONE@x.y"));
  EXPECT_FALSE(suppressed(kShop, "sms", "gone@x.y"));
  EXPECT_FALSE(suppressed(WorkspaceId{2}, "email", "gone@x.y"));
  // Nor is the address written to as somebody else's. Whether the person may be at another one is
  // a matter of consent.
  world_.identify("gone", R"({"email":"new@x.y"})", minutes(5));
  EXPECT_EQ(outcome(queue(customer("gone"), CampaignId{8})), "queued ");
  world_.identify("heir", R"({"email":"gone@x.y"})");
  EXPECT_EQ(outcome(queue(customer("heir"), CampaignId{8})), "skipped suppressed");
}

TEST_F(MessageStageTest, TheAddressIsTheOneOfThatMoment) {
  world_.identify("u", R"({"email":"old@x.y"})", minutes(1));
  const MessageId first = queue(customer("u"), CampaignId{1});
  world_.identify("u", R"({"email":"new@x.y"})", minutes(2));
  const MessageId second = queue(customer("u"), CampaignId{2});
  EXPECT_EQ(message(first).address, "old@x.y");
  EXPECT_EQ(message(second).address, "new@x.y");
}

TEST_F(MessageStageTest, StepsMoveTheStatusAndKeepTheirHistory) {
  world_.identify("u", R"({"email":"u@x.y"})");
  const MessageId id = queue(customer("u"));
  MessageFact f = fact(customer("u"), id);
  f.reason = "451 later";
  f.retry_at = minutes(5);
  step(S::kDeferred, f, "1", minutes(1));
  EXPECT_EQ(message(id).status, S::kDeferred);
  EXPECT_TRUE(waiting(minutes(4)).empty());
  EXPECT_EQ(waiting(minutes(5)), (std::vector<uint64_t>{id.value}));
  f.reason.clear();
  f.subject = "Xin chào";
  step(S::kSent, f, "", minutes(6));
  EXPECT_TRUE(waiting(minutes(99)).empty());
  step(S::kOpened, f, "o1", minutes(7));
  f.url = "https://x.y";
  step(S::kClicked, f, "c1", minutes(8));
  step(S::kOpened, f, "o2", minutes(9));
  step(S::kClicked, f, "c2", minutes(9));
  const Message m = message(id);
  EXPECT_EQ(m.status, S::kClicked);
  EXPECT_EQ(m.subject, "Xin chào");
  Texts history;
  for (const auto& h : m.history) history.push_back(std::string(step_name(h.step)) + h.detail);
  EXPECT_EQ(history, (Texts{"queued", "deferred451 later", "sent", "opened", "clickedhttps://x.y",
                            "opened", "clickedhttps://x.y"}));
  const CampaignCounts counts = reader_.counts(kShop, CampaignId{7});
  EXPECT_EQ(counts.opened, 1);
  EXPECT_EQ(counts.clicked, 1);
  EXPECT_EQ(counts.sent, 1);
  EXPECT_EQ(counts.last_at, minutes(6));  // when it ended; what recipients do later is not that
}

TEST_F(MessageStageTest, AnOpenMayComeBeforeTheRecordOfSending) {
  world_.identify("u", R"({"email":"u@x.y"})");
  const MessageId id = queue(customer("u"));
  step(S::kOpened, fact(customer("u"), id), "o1");
  EXPECT_EQ(waiting().size(), 1u);  // still to be recorded as sent
  step(S::kSent, fact(customer("u"), id));
  EXPECT_EQ(message(id).status, S::kOpened);
  EXPECT_TRUE(waiting().empty());
  EXPECT_EQ(reader_.counts(kShop, CampaignId{7}).sent, 1);
}

TEST_F(MessageStageTest, MessagesFollowTheirCustomer) {
  world_.identify("u1", R"({"email":"u1@x.y"})");
  const CustomerId one = customer("u1");
  world_.track("", "a1");
  world_.at(kNow, R"({"type":"identify","anonymousId":"a2","traits":{"email":"a2@x.y"}})");
  const CustomerId two = world_.by("anonymous_id", "a2").id;
  const MessageId to_two = queue(two);
  world_.track("u1", "a2");  // two is part of one now
  EXPECT_EQ(message(to_two).customer, one);
  // Both were in the audience: the second is the same person at the same address or another.
  const MessageId again = queue(two, CampaignId{8});
  const MessageId direct = queue(one, CampaignId{8});
  EXPECT_EQ(message(again).customer, one);
  EXPECT_EQ(outcome(direct), "skipped duplicate_address");
  const auto of_one = reader_.list(kShop, {.campaign = {}, .customer = one, .status = {}}, {}, 10);
  EXPECT_EQ(of_one.items.size(), 3u);
  step(S::kOpened, fact(two, to_two), "o");
  EXPECT_EQ(message(to_two).status, S::kOpened);
}

TEST_F(MessageStageTest, BouncesAndComplaintsEndTheAddress) {
  struct Case {
    const char* user;
    S step;
    const char* bounce;
    bool suppressed;
  };
  const Case cases[] = {{"d", S::kDelivered, "", false},   {"h", S::kBounced, "hard", true},
                        {"s", S::kBounced, "soft", false}, {"f", S::kFailed, "hard", true},
                        {"p", S::kFailed, "", false},      {"c", S::kComplained, "", true},
                        {"r", S::kReplied, "", false}};
  for (const Case& c : cases) {
    const std::string address = std::string(c.user) + "@x.y";
    world_.identify(c.user, R"({"email":")" + address + R"("})");
    const MessageId id = queue(customer(c.user));
    MessageFact f = fact(customer(c.user), id);
    if (c.step != S::kFailed) step(S::kSent, f);
    f.bounce = c.bounce;
    step(c.step, f);
    EXPECT_EQ(message(id).status, c.step) << c.user;
    EXPECT_EQ(suppressed(kShop, "email", address), c.suppressed) << c.user;
  }
  const CampaignCounts counts = reader_.counts(kShop, CampaignId{7});
  EXPECT_EQ(counts.delivered, 1);
  EXPECT_EQ(counts.bounced, 2);
  EXPECT_EQ(counts.complained, 1);
  EXPECT_EQ(counts.replied, 1);
}

TEST_F(MessageStageTest, SoftBouncesCountWithinTheirWindow) {
  const auto bounce = [this](uint64_t campaign, const char* user, Timestamp at) {
    const MessageId id = queue(customer(user), CampaignId{campaign});
    MessageFact f = fact(customer(user), id, CampaignId{campaign});
    f.bounce = "soft";
    step(S::kBounced, f, "", at);
  };
  world_.identify("often", R"({"email":"often@x.y"})");
  world_.identify("seldom", R"({"email":"seldom@x.y"})");
  for (int64_t i = 1; i <= limits::kSoftBouncesToSuppress; ++i) {
    EXPECT_FALSE(suppressed(kShop, "email", "often@x.y"));
    bounce(static_cast<uint64_t>(i), "often", kNow + std::chrono::hours(24 * i));
    bounce(static_cast<uint64_t>(i), "seldom", kNow + limits::kSoftBounceWindow * i / 2);
  }
  EXPECT_TRUE(suppressed(kShop, "email", "often@x.y"));
  EXPECT_FALSE(suppressed(kShop, "email", "seldom@x.y"));
}

TEST_F(MessageStageTest, OnlyTheProgramMovesTheLedger) {
  world_.identify("u", R"({"email":"u@x.y"})");
  const MessageId id = queue(customer("u"));
  for (const char* name : {"Message Sent", "Message Queued", "Unsubscribed"}) {
    world_.collect(std::string(R"({"type":"track","userId":"u","event":")") + name +
                   R"(","properties":{"message_id":")" + to_public(id) +
                   R"(","campaign_id":"cmp_0000000000007","channel":"email"}})");
  }
  EXPECT_EQ(message(id).status, S::kQueued);
  EXPECT_EQ(reader_.totals(kShop).queued, 1);
  EXPECT_FALSE(suppressed(kShop, "email", "u@x.y"));
}

TEST_F(MessageStageTest, StepsOfUnknownMessagesAreOnlyEvents) {
  world_.identify("u", R"({"email":"u@x.y"})");
  const MessageId id = queue(customer("u"));
  MessageFact foreign = fact(customer("u"), id);
  foreign.workspace = WorkspaceId{2};
  step(S::kSent, foreign);
  step(S::kSent, fact(customer("u"), MessageId{12'345}));
  step(S::kUnsubscribed, fact(customer("u"), MessageId{12'345}));
  EXPECT_EQ(message(id).status, S::kQueued);
  EXPECT_EQ(reader_.totals(kShop).sent, 0);
}

TEST_F(MessageStageTest, ListsInPagesAndByFilter) {
  world_.hold = true;
  for (int i = 0; i < 9; ++i) {
    const std::string n = std::to_string(i);
    world_.identify("u" + n, R"({"email":"u)" + n + R"(@x.y"})");
  }
  world_.hold = false;
  world_.identify("last", "{}");
  std::vector<MessageId> ids;
  for (int i = 0; i < 9; ++i) ids.push_back(queue(customer("u" + std::to_string(i))));
  step(S::kSent, fact(customer("u3"), ids[3]));
  MessageFilter filter;
  filter.campaign = CampaignId{7};
  std::vector<MessageId> listed;
  MessageId after{};
  while (true) {
    const MessageSlice slice = reader_.list(kShop, filter, after, 4);
    for (const Message& m : slice.items) listed.push_back(m.id);
    if (!slice.next) break;
    after = slice.next->message;
  }
  EXPECT_EQ(listed, ids);
  filter.status = S::kSent;
  EXPECT_EQ(reader_.list(kShop, filter, {}, 10).items.size(), 1u);
  filter.customer = customer("u4");
  EXPECT_TRUE(reader_.list(kShop, filter, {}, 10).items.empty());
  filter.campaign.reset();
  filter.status.reset();
  EXPECT_EQ(reader_.list(kShop, filter, {}, 10).items.size(), 1u);
  EXPECT_EQ(reader_.list(kShop, {}, {}, 10).items.size(), 9u);
  EXPECT_TRUE(reader_.list(WorkspaceId{2}, {}, {}, 10).items.empty());
}

}  // namespace
}  // namespace rapport
