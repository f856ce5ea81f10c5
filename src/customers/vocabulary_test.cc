#include "customers/vocabulary.h"

#include "customers/customers_test_support.h"
#include "runtime/clock.h"

namespace rapport {
namespace {

using namespace customers_test;
using Texts = std::vector<std::string>;

class VocabularyTest : public testing::Test {
 protected:
  static Texts names(const std::vector<VocabularyName>& found) {
    Texts texts;
    for (const auto& name : found) texts.push_back(name.name + ":" + name.type);
    return texts;
  }
  static Texts values(const std::vector<VocabularyValue>& found) {
    Texts texts;
    for (const auto& v : found) texts.push_back(v.json);
    return texts;
  }
  void track(const std::string& event, const std::string& properties, WorkspaceId w = kShop) {
    world.collect(R"({"type":"track","userId":"u","event":")" + event + R"(","properties":)" +
                      properties + "}",
                  w);
  }

  World world;
  ManualClock clock{kNow};
  Vocabulary vocabulary{*world.warehouse, clock};
};

TEST_F(VocabularyTest, TraitsAndTheirValues) {
  world.identify("a", R"({"country":"VN","age":31,"vip":true,"since":"2024-05-01",
                          "address":{"city":"Huế","a.b":"x"},"tags":["tea","cake"]})");
  world.identify("b", R"({"country":"VN","tags":["tea"],"age":"old"})");
  world.identify("c", R"({"country":"Vương quốc Anh"})");
  world.collect(R"({"type":"identify","userId":"x","traits":{"secret":"s","country":"FR"}})",
                WorkspaceId{2});
  EXPECT_EQ(names(vocabulary.traits(kShop, "", 10)),
            (Texts{"country:text", "age:mixed", "tags:list", "address:object", "since:time",
                   "vip:boolean", "address.a\\.b:text", "address.city:text"}));
  EXPECT_EQ(names(vocabulary.traits(kShop, "CI", 10)), (Texts{"address.city:text"}));
  EXPECT_EQ(values(vocabulary.trait_values(kShop, "country", "", 10)),
            (Texts{"\"VN\"", "\"Vương quốc Anh\""}));
  EXPECT_EQ(values(vocabulary.trait_values(kShop, "country", "anh", 10)),
            (Texts{"\"Vương quốc Anh\""}));
  EXPECT_EQ(values(vocabulary.trait_values(kShop, "address.city", "hue", 10)), (Texts{"\"Huế\""}));
  EXPECT_EQ(values(vocabulary.trait_values(kShop, "tags", "", 10)), (Texts{"\"tea\"", "\"cake\""}));
  EXPECT_EQ(values(vocabulary.trait_values(kShop, "age", "", 10)), (Texts{"\"old\"", "31"}));
  EXPECT_EQ(values(vocabulary.trait_values(WorkspaceId{2}, "country", "", 10)), (Texts{"\"FR\""}));
  EXPECT_TRUE(vocabulary.trait_values(kShop, "secret", "", 10).empty());
}

TEST_F(VocabularyTest, EventsAndTheirProperties) {
  for (int i = 0; i < 3; ++i) track("Order Completed", R"({"total":5,"coupon":"SPRING"})");
  track("Product Viewed", R"({"name":"Tea","total":1})");
  track("Hidden", R"({"a":1})", WorkspaceId{2});
  EXPECT_EQ(names(vocabulary.events(kShop, "", 10)),
            (Texts{"Order Completed:", "Product Viewed:"}));
  EXPECT_EQ(names(vocabulary.events(kShop, "viewed", 10)), (Texts{"Product Viewed:"}));
  EXPECT_EQ(names(vocabulary.properties(kShop, "Order Completed", "", 10)),
            (Texts{"coupon:text", "total:number"}));
  EXPECT_EQ(names(vocabulary.properties(kShop, "Order Completed", "t", 10)),
            (Texts{"total:number"}));
  EXPECT_EQ(values(vocabulary.property_values(kShop, "Product Viewed", "name", "", 10)),
            (Texts{"\"Tea\""}));
  EXPECT_TRUE(vocabulary.properties(kShop, "Hidden", "", 10).empty());
  EXPECT_TRUE(vocabulary.properties(kShop, "'; DROP TABLE events; --", "", 10).empty());
}

TEST_F(VocabularyTest, AnswersAreRememberedForAWhile) {
  track("First", "{}");
  EXPECT_EQ(vocabulary.events(kShop, "", 10).size(), 1u);
  track("Second", "{}");
  EXPECT_EQ(vocabulary.events(kShop, "", 10).size(), 1u);
  clock.advance(limits::kVocabularyFresh);
  EXPECT_EQ(vocabulary.events(kShop, "", 10).size(), 2u);
}

}  // namespace
}  // namespace rapport
