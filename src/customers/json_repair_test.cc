#include "customers/json_repair.h"

#include <gtest/gtest.h>

#include "stream/payload.h"

namespace rapport {
namespace {

struct Case {
  std::string json;
  std::string repaired;
};

TEST(JsonRepair, MendsWhatClientsSend) {
  const std::vector<Case> cases{
      {R"({"a":"plain","b":[1,-2.5e3,true,null]})", R"({"a":"plain","b":[1,-2.5e3,true,null]})"},
      {R"(["hi \ud83d"])", R"(["hi \ufffd"])"},
      {R"(["\ud83d\ude00"])", R"(["\ud83d\ude00"])"},
      {R"(["\ude00\ud83d"])", R"(["\ufffd\ufffd"])"},
      {R"(["\uD83D\u0041"])", R"(["\ufffd\u0041"])"},
      {R"(["\\ud83d"])", R"(["\\ud83d"])"},
      {R"(["\"\ud83d\""])", R"(["\"\ufffd\""])"},
      {R"([1e400,-1e400,1e-400])", R"([null,null,1e-400])"},
      {R"([18446744073709551615,18446744073709551616])",
       R"([18446744073709551615,18446744073709551616.0])"},
      {R"([-9223372036854775808,-9223372036854775809])",
       R"([-9223372036854775808,-9223372036854775809.0])"},
      {R"(["18446744073709551616 1e400"])", R"(["18446744073709551616 1e400"])"},
      {"[\"a\xFFz\"]", "[\"a\xEF\xBF\xBDz\"]"},
      {"[\"\xC3\xA4\xF0\x9F\x98\x80\"]", "[\"\xC3\xA4\xF0\x9F\x98\x80\"]"},
      {"[\"cut\xF0\x9F\"]", "[\"cut\xEF\xBF\xBD\xEF\xBF\xBD\"]"},
      // What is no JSON for another reason stays so.
      {R"([1.2.3e9])", R"([1.2.3e9])"},
      {R"(["open)", R"(["open)"},
      {R"(["\ud8)", R"(["\ud8)"},
      {"\\", "\\"},
      {"", ""},
  };
  for (const Case& c : cases) EXPECT_EQ(repair_json(c.json), c.repaired) << c.json;
}

TEST(JsonRepair, WhatIsMendedParses) {
  Payload payload;
  const std::string item = R"({"x":"a\udc00b","n":1e999,"big":123456789012345678901234567890})";
  EXPECT_TRUE(has_surrogate_escape(item));
  ASSERT_TRUE(payload.parse(repair_json(item)));
  EXPECT_EQ(payload.text("x"),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(payload.json("n"), "null");
}

}  // namespace
}  // namespace rapport
