#include "app/demo/shop_generator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <map>
#include <set>

#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"

namespace rapport::demo {
namespace {

namespace json = boost::json;

ShopOptions small_shop() {
  ShopOptions options;
  options.customers = 500;
  options.days = 60;
  options.now = parse_timestamp("2026-11-22T07:53:59Z").value();
  return options;
}

std::string text(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value ? std::string(value->as_string()) : std::string();
}

TEST(ShopGenerator, SameSeedSameBytes) {
  ShopGenerator a(small_shop()), b(small_shop());
  ShopOptions other = small_shop();
  other.seed = 2;
  ShopGenerator c(other);
  std::string x, y, z;
  bool differs = false;
  while (a.next(x)) {
    ASSERT_TRUE(b.next(y));
    ASSERT_EQ(x, y);
    differs = differs || !c.next(z) || z != x;
  }
  EXPECT_FALSE(b.next(y));
  EXPECT_TRUE(differs);
  EXPECT_GT(a.totals().events, 3'000u);
}

TEST(ShopGenerator, EventsAreValidAndInOrder) {
  ShopGenerator shop(small_shop());
  std::set<std::string> ids;
  std::map<std::string, int> names;
  std::string event;
  std::string last;
  size_t bytes = 0;
  while (shop.next(event)) {
    ASSERT_TRUE(is_valid_utf8(event));
    bytes += event.size();
    const json::object parsed = json::parse(event).as_object();
    const std::string timestamp = text(parsed, "timestamp");
    ASSERT_EQ(timestamp, format_timestamp(shop.time()));
    ASSERT_LE(last, timestamp);
    last = timestamp;
    ASSERT_TRUE(ids.insert(text(parsed, "messageId")).second) << event;
    ASSERT_LE(event.size(), limits::kMaxEventBytes);
    ASSERT_EQ(text(parsed, "anonymousId").size(), 36u);
    ++names[parsed.contains("event") ? text(parsed, "event") : text(parsed, "type")];
  }
  EXPECT_LE(shop.time(), small_shop().now);
  EXPECT_GT(shop.time(), small_shop().now - std::chrono::days(1));
  for (const char* name :
       {"page", "identify", "Products Searched", "Product Viewed", "Product Added",
        "Checkout Started", "Order Completed", "Order Refunded", "Signed Up"}) {
    EXPECT_GT(names[name], 0) << name;
  }
  EXPECT_EQ(shop.totals().events, ids.size());
  EXPECT_EQ(shop.totals().people_seen, 500u);
  EXPECT_EQ(shop.totals().orders, static_cast<uint64_t>(names["Order Completed"]));
  EXPECT_EQ(shop.totals().sign_ups, static_cast<uint64_t>(names["Signed Up"]));
  EXPECT_EQ(shop.totals().refunds, static_cast<uint64_t>(names["Order Refunded"]));
  const size_t mean = bytes / ids.size();
  EXPECT_GT(mean, 350u);
  EXPECT_LT(mean, 700u);
}

TEST(ShopGenerator, PeopleAreAnonymousUntilTheySignUpOrLogIn) {
  ShopGenerator shop(small_shop());
  std::map<std::string, std::set<std::string>> devices_of;  // user → anonymous ids
  std::map<std::string, std::string> user_of;               // device → user
  std::set<std::string> anonymous_first;
  std::map<std::string, double> totals;
  std::string event;
  while (shop.next(event)) {
    const json::object parsed = json::parse(event).as_object();
    const std::string device = text(parsed, "anonymousId");
    const std::string user = text(parsed, "userId");
    if (user.empty()) {
      ASSERT_EQ(user_of.count(device), 0u) << "logged out without a word: " << event;
      anonymous_first.insert(device);
      continue;
    }
    if (user_of.emplace(device, user).second) {
      ASSERT_EQ(text(parsed, "type"), "identify") << event;
      ASSERT_EQ(anonymous_first.count(device), 1u);
      const json::object& traits = parsed.at("traits").as_object();
      ASSERT_EQ(traits.contains("birthday"), devices_of[user].empty());
      ASSERT_TRUE(person_number(text(traits, "email")));
    }
    ASSERT_EQ(user_of[device], user);
    devices_of[user].insert(device);
    const std::string name = text(parsed, "event");
    if (name.rfind("Order ", 0) != 0) continue;
    const json::object& order = parsed.at("properties").as_object();
    const double total = order.at("total").to_number<double>();
    const auto [known, added] = totals.emplace(text(order, "order_id"), total);
    // An order happens once; a refund is of an order, in full.
    ASSERT_EQ(added, name == "Order Completed");
    ASSERT_EQ(known->second, total);
  }
  size_t several = 0;
  for (const auto& [user, devices] : devices_of) several += devices.size() > 1 ? 1 : 0;
  EXPECT_GT(several, devices_of.size() / 10);
  EXPECT_EQ(devices_of.size(), shop.totals().sign_ups);
}

TEST(ShopPerson, IsWhoTheAddressSays) {
  std::set<std::string> languages;
  std::set<std::string> addresses;
  for (uint32_t number = 0; number < 2'000; ++number) {
    const Person person = make_person(7, number);
    languages.insert(std::string(person.country->language));
    EXPECT_EQ(person_number(person.email), number);
    EXPECT_TRUE(addresses.insert(person.email).second);
    EXPECT_THAT(person.email,
                testing::MatchesRegex("[a-z]+\\.[a-z]+\\.[0-9]+@example\\.(com|org|net)"));
    EXPECT_TRUE(parse_timestamp(person.birthday)) << person.birthday;
    EXPECT_TRUE(is_valid_utf8(person.first_name + person.city));
  }
  EXPECT_THAT(languages, testing::IsSupersetOf(
                             {"en", "zh-Hans", "zh-Hant", "vi", "de", "fr", "es", "ja", "ar"}));
  for (const char* email : {"", "x", "a@b", "a.b@c", "a.b.@c", "a.b.1x@c"}) {
    EXPECT_FALSE(person_number(email)) << email;
  }
}

TEST(ShopPerson, AnswersMailByHabit) {
  int opens = 0, clicks = 0, unsubscribes = 0;
  for (uint32_t number = 0; number < 10'000; ++number) {
    const MailAnswer answer = answer_mail(1, number, 99);
    const MailAnswer again = answer_mail(1, number, 99);
    EXPECT_EQ(answer.opens, again.opens);
    EXPECT_TRUE(answer.opens || (!answer.clicks && !answer.unsubscribes));
    opens += answer.opens;
    clicks += answer.clicks;
    unsubscribes += answer.unsubscribes;
  }
  EXPECT_NEAR(opens, 4'500, 300);
  EXPECT_NEAR(clicks, 1'575, 250);
  EXPECT_NEAR(unsubscribes, 216, 120);
}

TEST(ShopGenerator, RefusesSizesOutOfRange) {
  ShopOptions options = small_shop();
  options.customers = 0;
  EXPECT_THROW(ShopGenerator{options}, Error);
  options = small_shop();
  options.days = 4'000;
  EXPECT_THROW(ShopGenerator{options}, Error);
}

}  // namespace
}  // namespace rapport::demo
