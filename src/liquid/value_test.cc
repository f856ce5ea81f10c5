#include "liquid/value.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "liquid/number.h"

namespace rapport::liquid {
namespace {

TEST(Value, JsonRoundTrip) {
  const char* cases[] = {
      "null",
      "true",
      "-9223372036854775808",
      "1.5",
      R"("a\"\\\n\u0001é")",
      R"([1,[2,[3]],{}])",
      R"({"z":1,"a":{"b":[]},"c":null})",
  };
  for (const char* text : cases) EXPECT_EQ(to_json(parse_json_value(text)), text);
  EXPECT_EQ(to_json(parse_json_value(" {\"a\" : 18446744073709551615} ")),
            R"({"a":1.8446744073709552e+19})");
}

TEST(Value, RefusesWhatIsNotJson) {
  for (const std::string& text : {std::string(), std::string("{"), std::string("[1,]"),
                                  std::string("nul"), std::string("1 2"), std::string("\"\xff\""),
                                  std::string(100, '[') + std::string(100, ']')}) {
    EXPECT_THROW(parse_json_value(text), Error) << text;
  }
}

TEST(Value, ObjectKeepsOrderAndFindsMany) {
  Object object;
  for (int i = 0; i < 100; ++i) object.set("key" + std::to_string(i), i);
  object.set("key5", "five");
  EXPECT_EQ(object.size(), 100u);
  EXPECT_EQ(*object.find("key5"), Value("five"));
  EXPECT_EQ(*object.find("key99"), Value(99));
  EXPECT_EQ(object.find("key100"), nullptr);
  EXPECT_EQ(object.begin()->first, "key0");
  const Object copy = object;
  EXPECT_EQ(*copy.find("key50"), Value(50));
}

TEST(Value, Equality) {
  EXPECT_EQ(Value(1), Value(1.0));
  EXPECT_FALSE(Value("1") == Value(1));
  EXPECT_EQ(parse_json_value(R"({"a":1,"b":[2]})"), parse_json_value(R"({"b":[2.0],"a":1})"));
  EXPECT_EQ(Value(Literal::kBlank), Value("  \n"));
  EXPECT_EQ(Value(Array{}), Value(Literal::kEmpty));
  EXPECT_FALSE(Value() == Value(Literal::kEmpty));
  EXPECT_FALSE(Value(Literal::kBlank) == Value(Literal::kEmpty));
  EXPECT_EQ(Value::safe_html("x"), Value("x"));
}

TEST(Number, Text) {
  const std::pair<double, const char*> cases[] = {
      {5, "5.0"},        {0.1, "0.1"},          {-0.0, "-0.0"},     {1e15, "1000000000000000.0"},
      {1e16, "1.0e+16"}, {1.5e300, "1.5e+300"}, {0.0001, "0.0001"}, {0.00001, "1.0e-05"},
  };
  for (const auto& [value, text] : cases) EXPECT_EQ(format_double(value), text);
}

TEST(Number, ReadsLeadingNumbers) {
  EXPECT_EQ(to_number("12 kg"), Value(12));
  EXPECT_EQ(to_number(" -5.25 "), Value(-5.25));
  EXPECT_EQ(to_number("1.2.3"), Value(1));
  EXPECT_EQ(to_number("x"), Value(0));
  EXPECT_EQ(to_number({}), Value(0));
  EXPECT_EQ(to_integer("2.0"), std::nullopt);
}

TEST(Number, IntegersOverflowIntoDoubles) {
  const Value most = INT64_MAX;
  EXPECT_TRUE(add(most, 1).if_double());
  EXPECT_TRUE(multiply(most, 2).if_double());
  EXPECT_TRUE(subtract(INT64_MIN, 1).if_double());
  EXPECT_TRUE(divide(INT64_MIN, -1)->if_double());
  EXPECT_EQ(*modulo(INT64_MIN, -1), Value(0));
  EXPECT_TRUE(absolute(INT64_MIN).if_double());
}

}  // namespace
}  // namespace rapport::liquid
