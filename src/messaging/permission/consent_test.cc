#include "messaging/permission/consent.h"
#include "base/limits/permission.h"

#include <gtest/gtest.h>

#include "base/error.h"

#include "customers/customers_test_support.h"
#include "messaging/message_stage.h"
#include "messaging/permission/consent_store.h"
#include "messaging/permission/permission_stage.h"
#include "stream/outbox.h"

namespace rapport {
namespace {

using namespace customers_test;
using S = ConsentStatus;
using A = ConsentAnswer;

TEST(JudgeConsent, EveryCombination) {
  Topic opt_in;
  opt_in.id = TopicId{1};
  Topic opt_out = opt_in;
  opt_out.default_consent = TopicDefault::kOptOut;
  Topic receipt = opt_in;
  receipt.message_class = MessageClass::kTransactional;
  const auto state = [](S status, Offset offset) {
    ConsentState s;
    s.status = status;
    s.at = kNow;
    s.offset = offset;
    return s;
  };
  const ConsentState given = state(S::kGiven, 5);
  const ConsentState withdrawn = state(S::kWithdrawn, 5);
  const ConsentState requested = state(S::kRequested, 5);
  const ConsentState all_before = state(S::kWithdrawn, 3);
  const ConsentState all_after = state(S::kWithdrawn, 9);
  struct Case {
    const char* name;
    const Topic* topic;
    const ConsentState* own;
    const ConsentState* all;
    A answer;
  };
  const Case cases[]{
      {"opt-in, nothing said", &opt_in, nullptr, nullptr, A::kNotGiven},
      {"opt-in, given", &opt_in, &given, nullptr, A::kAllowed},
      {"opt-in, withdrawn", &opt_in, &withdrawn, nullptr, A::kUnsubscribed},
      {"opt-in, requested", &opt_in, &requested, nullptr, A::kPending},
      {"opt-out, nothing said", &opt_out, nullptr, nullptr, A::kAllowed},
      {"opt-out, withdrawn", &opt_out, &withdrawn, nullptr, A::kUnsubscribed},
      {"opt-out, a form's request changes nothing", &opt_out, &requested, nullptr, A::kAllowed},
      {"given, then refused all", &opt_in, &given, &all_after, A::kUnsubscribed},
      {"refused all, then given", &opt_in, &given, &all_before, A::kAllowed},
      {"refused all, then asked for", &opt_in, &requested, &all_before, A::kUnsubscribed},
      {"refused all", &opt_out, nullptr, &all_before, A::kUnsubscribed},
      {"no topic", nullptr, nullptr, nullptr, A::kAllowed},
      {"no topic, refused all", nullptr, nullptr, &all_before, A::kUnsubscribed},
      {"transactional, refused all", &receipt, &withdrawn, &all_after, A::kAllowed},
  };
  for (const Case& c : cases) EXPECT_EQ(judge_consent(c.topic, c.own, c.all), c.answer) << c.name;
}

TEST(TopicRules, NameTheField) {
  Topic good;
  good.name = "Offers";
  EXPECT_NO_THROW(check_topic(good));
  const auto field = [&](auto change) {
    Topic topic = good;
    change(topic);
    try {
      check_topic(topic);
    } catch (const Error& error) {
      return error.fields().front().field;
    }
    return std::string();
  };
  EXPECT_EQ(field([](Topic& t) { t.name = " "; }), "name");
  EXPECT_EQ(field([](Topic& t) { t.name = std::string(201, 'x'); }), "name");
  EXPECT_EQ(field([](Topic& t) { t.titles["fr"] = "x"; }), "titles.fr");
  EXPECT_EQ(field([](Topic& t) { t.descriptions["vi"] = std::string(1'001, 'x'); }),
            "descriptions.vi");
  EXPECT_EQ(field([](Topic& t) { t.channels.clear(); }), "channels");
  EXPECT_EQ(field([](Topic& t) { t.channels = {"email", "email"}; }), "channels[1]");
  EXPECT_EQ(field([](Topic& t) { t.channels = {"E-mail"}; }), "channels[0]");
  EXPECT_EQ(field([](Topic& t) { t.priority = 101; }), "priority");
  EXPECT_EQ(field([](Topic& t) {
              t.double_opt_in = true;
              t.default_consent = TopicDefault::kOptOut;
            }),
            "double_opt_in");
  EXPECT_EQ(page_language("zh-TW"), "zh-Hant");
  EXPECT_EQ(page_language("zh_CN"), "zh-Hans");
  EXPECT_EQ(page_language("vi-VN"), "vi");
  EXPECT_EQ(page_language("fr"), "en");
}

class ConsentStageTest : public testing::Test {
 protected:
  CustomerId customer(const std::string& user) { return world_.by("user_id", user).id; }
  Offset say(CustomerId who, S status, Timestamp at = kNow, TopicId topic = {4}) {
    ConsentFact fact;
    fact.workspace = kShop;
    fact.customer = who;
    fact.topic = topic;
    fact.status = status;
    fact.at = at;
    fact.received_at = kNow;
    fact.source = "form";
    fact.text = "Weekly “offers”";
    fact.text_version = 3;
    fact.actor = "customer";
    fact.address = "u@x.y";
    fact.proof = R"({"ip":"10.0.0.1"})";
    std::vector<NewEvent> events;
    events.push_back(make_consent_event(fact, "id" + std::to_string(++ids_)));
    return world_.store(std::move(events));
  }
  S status(CustomerId who, TopicId topic = {4}) {
    return world_.state->read_value([&](Connection& c) {
      const auto state = consent_store::find(c, kShop, who, topic, "email");
      return state ? state->status : S::kNone;
    });
  }
  std::vector<ConsentRecord> history(CustomerId who) {
    return world_.state->read_value(
        [&](Connection& c) { return consent_store::list_history(c, kShop, who, INT64_MAX, 100); });
  }
  int64_t confirmations() {
    return world_.state->read_value([&](Connection& c) {
      return *c.find(
          "SELECT count(*) FROM outbox WHERE kind = $1",
          [](Statement& row) { return row.integer(0); }, kConfirmationIntent);
    });
  }

  int ids_ = 0;
  MessageStage messages_;
  PermissionStage stage_;
  World world_{{&messages_, &stage_}};
};

TEST_F(ConsentStageTest, TheLatestAnswerCountsByItsOwnTime) {
  world_.identify("u", "{}");
  const CustomerId u = customer("u");
  say(u, S::kGiven, minutes(10));
  EXPECT_EQ(status(u), S::kGiven);
  say(u, S::kWithdrawn, minutes(20));
  EXPECT_EQ(status(u), S::kWithdrawn);
  say(u, S::kGiven, minutes(15));  // an import tells an older story
  EXPECT_EQ(status(u), S::kWithdrawn);
  say(u, S::kRequested, minutes(30));  // asking is not answering
  EXPECT_EQ(status(u), S::kWithdrawn);
  say(u, S::kGiven, minutes(40));
  EXPECT_EQ(status(u), S::kGiven);
  const auto all = history(u);
  ASSERT_EQ(all.size(), 5u);
  EXPECT_EQ(all.front().fact.at, minutes(40));
  EXPECT_EQ(all.back().fact.text, "Weekly “offers”");
  EXPECT_EQ(all.back().fact.text_version, 3);
  EXPECT_EQ(all.back().fact.proof, R"({"ip":"10.0.0.1"})");
  EXPECT_EQ(all.back().fact.actor, "customer");
}

TEST_F(ConsentStageTest, ClientsCannotFakeIt) {
  world_.identify("u", "{}");
  for (const char* name : {"Consent Given", "Consent Withdrawn", "Preferences Changed"}) {
    world_.collect(std::string(R"({"type":"track","userId":"u","event":")") + name +
                   R"(","properties":{"topic_id":"top_0000000000004","channel":"email"}})");
  }
  EXPECT_EQ(status(customer("u")), S::kNone);
  EXPECT_TRUE(history(customer("u")).empty());
}

TEST_F(ConsentStageTest, MergedCustomersKeepTheLaterAnswer) {
  world_.identify("u1", "{}");
  world_.track("", "a2");
  const CustomerId one = customer("u1");
  const CustomerId two = world_.by("anonymous_id", "a2").id;
  say(one, S::kGiven, minutes(1));
  say(two, S::kWithdrawn, minutes(2));
  say(two, S::kGiven, minutes(1), TopicId{5});
  world_.track("u1", "a2");
  EXPECT_EQ(status(one), S::kWithdrawn);
  EXPECT_EQ(status(one, TopicId{5}), S::kGiven);
  EXPECT_EQ(history(one).size(), 3u);
  EXPECT_EQ(status(two), S::kNone);
}

TEST_F(ConsentStageTest, RequestsAskForAFewConfirmationsADay) {
  world_.identify("u", R"({"email":"u@x.y"})");
  for (int i = 0; i < 9; ++i) say(customer("u"), S::kRequested);
  EXPECT_EQ(confirmations(), static_cast<int64_t>(limits::kMaxConfirmationsADay));
  EXPECT_EQ(status(customer("u")), S::kRequested);
}

TEST_F(ConsentStageTest, TheZoneIsTheLastOneSeen) {
  const auto zone = [&](const std::string& user) {
    return world_.state->read_value([&](Connection& c) {
      return c
          .find(
              "SELECT zone FROM customer_zones WHERE workspace = $1 AND customer = $2",
              [](Statement& row) { return std::string(row.text(0)); }, kShop, customer(user))
          .value_or("");
    });
  };
  const auto track = [&](const std::string& user, const std::string& more, int64_t minute) {
    world_.at(minutes(minute),
              R"({"type":"track","event":"E","userId":")" + user + "\"" + more + "}");
  };
  track("u", "", 1);
  EXPECT_EQ(zone("u"), "");
  track("u", R"(,"context":{"timezone":"Asia/Tokyo"})", 2);
  EXPECT_EQ(zone("u"), "Asia/Tokyo");
  track("u", R"(,"timestamp":"2026-02-02T03:00:00Z")", 3);
  EXPECT_EQ(zone("u"), "Asia/Tokyo");
  track("v", R"(,"timestamp":"2026-02-02T09:30:00.5+05:30")", 4);
  EXPECT_EQ(zone("v"), "+05:30");
  track("u", R"(,"context":{"timezone":"not a zone; DROP"})", 5);
  EXPECT_EQ(zone("u"), "Asia/Tokyo");
  track("u", R"(,"context":{"timezone":"Europe/Paris"})", 1);  // late
  EXPECT_EQ(zone("u"), "Asia/Tokyo");
}

}  // namespace
}  // namespace rapport
