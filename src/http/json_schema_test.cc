#include "http/json_schema.h"

#include <gtest/gtest.h>

#include <map>

namespace rapport {
namespace json_schema_test {

struct ColourWords {
  static std::vector<std::string_view> words() { return {"red", "green"}; }
};

struct Painted {
  OneOf<ColourWords> colour;
  std::optional<OneOf<ColourWords>> lining;
};
BOOST_DESCRIBE_STRUCT(Painted, (), (colour, lining))

TEST(JsonSchema, ClosedListsRefuseOtherWords) {
  const auto value = parse_json<Painted>(R"({"colour":"red"})");
  EXPECT_EQ(value.colour, "red");
  EXPECT_EQ(to_json(value), R"({"colour":"red"})");
  EXPECT_THROW(parse_json<Painted>(R"({"colour":"blue"})"), Error);
  EXPECT_THROW(parse_json<Painted>(R"({"colour":"red","lining":""})"), Error);
  EXPECT_THROW(parse_json<Painted>(R"({"colour":1})"), Error);
  EXPECT_NE(named_schema<Painted>("P").json.find(R"("enum":["red","green"])"), std::string::npos);
}

struct Inner {
  std::string name;
  std::optional<int64_t> count;
};
BOOST_DESCRIBE_STRUCT(Inner, (), (name, count))

struct Outer {
  std::string text;
  bool flag = false;
  int64_t whole = 0;
  uint64_t natural = 0;
  uint16_t small = 0;
  double real = 0;
  Timestamp at;
  Inner inner;
  std::vector<Inner> list;
  std::vector<bool> bits;
  std::map<std::string, double> numbers;
  RawJson raw;
  std::optional<std::string> maybe;
  Nullable<std::string> null_or_text;
  std::string new_;
};
BOOST_DESCRIBE_STRUCT(Outer, (),
                      (text, flag, whole, natural, small, real, at, inner, list, bits, numbers, raw,
                       maybe, null_or_text, new_))

constexpr std::string_view kFull =
    R"({"text":"a\"é","flag":true,"whole":-9223372036854775808,"natural":18446744073709551615,)"
    R"("small":65535,"real":1.5,"at":"2026-11-22T07:53:59.123Z","inner":{"name":"n","count":3},)"
    R"("list":[{"name":"x"},{"name":"y"}],"bits":[true,false],"numbers":{"a":1,"b":0.25},)"
    R"("raw":{"z":[1.10,"s",null,12345678901234567890123]},"null_or_text":null,"new":"k"})";

TEST(JsonSchema, ReadsAndWritesTheSame) {
  const auto value = parse_json<Outer>(kFull);
  EXPECT_EQ(value.small, 65535);
  EXPECT_EQ(value.list.at(1).name, "y");
  EXPECT_FALSE(value.maybe);
  EXPECT_EQ(to_json(value), kFull);
}

TEST(JsonSchema, NullStandsForAbsent) {
  const auto value = parse_json<Inner>(R"({"name":"a","count":null})");
  EXPECT_FALSE(value.count);
  EXPECT_EQ(to_json(value), R"({"name":"a"})");
}

std::map<std::string, std::string> refusals(std::string_view body) {
  try {
    parse_json<Outer>(body);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    std::map<std::string, std::string> out;
    for (const FieldError& field : error.fields()) out[field.field] = field.message;
    return out;
  }
  return {};
}

TEST(JsonSchema, NamesEveryWrongField) {
  struct Case {
    std::string from;
    std::string to;
    std::string field;
  };
  const Case cases[] = {
      {"\"text\":\"a\\\"é\"", "\"text\":1", "text"},
      {"\"flag\":true", "\"flag\":\"true\"", "flag"},
      {"-9223372036854775808", "-9223372036854775809", "whole"},
      {"-9223372036854775808", "1.0", "whole"},
      {"18446744073709551615", "-1", "natural"},
      {"65535", "65536", "small"},
      {"1.5", "\"1.5\"", "real"},
      {"2026-11-22T07:53:59.123Z", "yesterday", "at"},
      {"\"name\":\"n\",", "", "inner.name"},
      {"\"count\":3", "\"count\":\"3\"", "inner.count"},
      {"\"count\":3", "\"count\":3,\"extra\":1", "inner.extra"},
      {"{\"name\":\"y\"}", "{\"name\":[]}", "list[1].name"},
      {"{\"name\":\"y\"}", "7", "list[1]"},
      {"[true,false]", "{}", "bits"},
      {"0.25", "[]", "numbers.b"},
      {"\"raw\"", "\"row\"", "row"},
      {"\"new\":", "\"new_\":", "new"},
  };
  for (const Case& c : cases) {
    std::string body(kFull);
    body.replace(body.find(c.from), c.from.size(), c.to);
    EXPECT_TRUE(refusals(body).contains(c.field)) << body;
  }
  EXPECT_EQ(refusals("{}").size(), 13u);
  EXPECT_TRUE(refusals("[]").contains("body"));
}

TEST(JsonSchema, RefusesWhatIsNotJson) {
  const std::string deep(limits::kMaxApiJsonDepth + 1, '[');
  const std::string wide = "[" + std::string(2 * limits::kMaxJsonNodes, '0') + "]";
  std::string many = "[0";
  for (size_t i = 0; i < limits::kMaxJsonNodes; ++i) many += ",0";
  many += "]";
  for (const std::string& body :
       {std::string(), std::string("{"), std::string("{}x"), std::string("{'a':1}"),
        std::string("{\"a\":01}"), std::string("\"\xff\""), std::string("[1e999]"), deep, wide,
        many}) {
    EXPECT_TRUE(refusals(body).contains("body")) << body.substr(0, 40);
  }
}

TEST(JsonSchema, BoundsTheErrorsItNames) {
  std::string body = "{";
  for (int i = 0; i < 100; ++i) body += "\"f" + std::to_string(i) + "\":1,";
  body.back() = '}';
  EXPECT_EQ(refusals(body).size(), limits::kMaxFieldErrors);
}

TEST(JsonSchema, DescribesTypes) {
  EXPECT_EQ(
      named_schema<Inner>("Inner").json,
      R"({"type":"object","properties":{"name":{"type":"string"},"count":{"type":"integer"}},)"
      R"("required":["name"],"additionalProperties":false})");
  EXPECT_EQ(named_schema<Page<Inner>>("P").json,
            R"({"type":"object","properties":{"items":{"type":"array","items":)" +
                named_schema<Inner>("Inner").json +
                R"(},"next_cursor":{"anyOf":[{"type":"string"},{"type":"null"}]}},)"
                R"("required":["items","next_cursor"],"additionalProperties":false})");
  EXPECT_EQ(to_json(Page<Inner>{}), R"({"items":[],"next_cursor":null})");
}

TEST(JsonSchema, ReadsPages) {
  struct Case {
    std::string limit;
    size_t expected;  // 0: refused
  };
  for (const Case& c : {Case{"1", 1}, Case{"1000", 1000}, Case{"0", 0}, Case{"1001", 0},
                        Case{"-1", 0}, Case{"ten", 0}, Case{"", 0}}) {
    Request request;
    request.query = {{"limit", c.limit}, {"cursor", "abc"}};
    if (c.expected == 0) {
      EXPECT_THROW(parse_page(request), Error) << c.limit;
    } else {
      EXPECT_EQ(parse_page(request).limit, c.expected);
      EXPECT_EQ(parse_page(request).cursor, "abc");
    }
  }
  EXPECT_EQ(parse_page(Request()).limit, limits::kDefaultPage);
}

}  // namespace json_schema_test
}  // namespace rapport
