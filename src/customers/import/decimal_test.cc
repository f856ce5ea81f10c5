#include "customers/import/decimal.h"

#include <gtest/gtest.h>

namespace rapport {
namespace {

std::string text_of(std::string_view text) {
  const auto value = Decimal::parse(text);
  return value ? value->text() : "refused";
}

TEST(Decimal, ParsesAndPrintsTheShortestForm) {
  const std::pair<const char*, const char*> cases[] = {{"0", "0"},
                                                       {"-0", "0"},
                                                       {"0.00", "0"},
                                                       {"12", "12"},
                                                       {"+12.50", "12.5"},
                                                       {"-0.05", "-0.05"},
                                                       {"3.", "3"},
                                                       {".5", "0.5"},
                                                       {"17850.0", "17850"},
                                                       {"100", "100"},
                                                       {"000000000000000000000001", "1"},
                                                       {"999999999999999999", "999999999999999999"},
                                                       {"9999999999999999999", "refused"},
                                                       {"0.1234567890123", "refused"},
                                                       {"", "refused"},
                                                       {".", "refused"},
                                                       {"-", "refused"},
                                                       {"1e5", "refused"},
                                                       {"1,000", "refused"},
                                                       {"0x10", "refused"},
                                                       {"1.2.3", "refused"},
                                                       {" 1", "refused"},
                                                       {"NaN", "refused"}};
  for (const auto& [text, expected] : cases) EXPECT_EQ(text_of(text), expected) << text;
}

TEST(Decimal, SumsOfProductsAreExact) {
  Decimal sum;
  for (int i = 0; i < 1000; ++i) {
    sum = sum.plus(Decimal::parse("3")->times(*Decimal::parse("0.1")).value()).value();
  }
  EXPECT_EQ(sum.text(), "300");
  EXPECT_EQ(sum.plus(*Decimal::parse("-300.001"))->text(), "-0.001");
}

TEST(Decimal, RoundsHalfAwayFromZero) {
  const std::tuple<const char*, int, const char*> cases[] = {
      {"1.005", 2, "1.01"}, {"1.0049", 2, "1"},   {"-1.005", 2, "-1.01"}, {"2.5", 0, "3"},
      {"-2.5", 0, "-3"},    {"2.4999", 0, "2"},   {"7", 2, "7"},          {"0.995", 2, "1"},
      {"-0.004", 2, "0"},   {"149.5", 2, "149.5"}};
  for (const auto& [text, places, expected] : cases) {
    EXPECT_EQ(Decimal::parse(text)->rounded(places).text(), expected) << text;
  }
}

TEST(Decimal, OverflowIsReported) {
  const Decimal large = *Decimal::parse("999999999999999999");
  const auto square = large.times(large);
  ASSERT_TRUE(square);
  EXPECT_EQ(square->text(), "999999999999999998000000000000000001");
  EXPECT_FALSE(square->times(large));
  Decimal fine = *square;
  for (int i = 0; i < 10; ++i) {
    const auto next = fine.plus(fine);
    if (!next) return;
    fine = *next;
  }
  FAIL() << "no overflow seen";
}

TEST(Decimal, KnowsIntegers) {
  EXPECT_TRUE(Decimal::parse("17850.0")->is_integer());
  EXPECT_FALSE(Decimal::parse("17850.1")->is_integer());
}

}  // namespace
}  // namespace rapport
