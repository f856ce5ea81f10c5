#include "stream/payload.h"

#include <gtest/gtest.h>

#include <map>

namespace rapport {
namespace {

constexpr std::string_view kJson = R"({
  "userId": "u1", "n": 42, "big": 18446744073709551615, "d": 1.50, "yes": true, "no": null,
  "empty": "", "text": "a\"b\u00e9",
  "context": {"traits": {"email": "A@b.c", "age": 30}, "list": [1, {"a": 2}], "none": {}},
  "items": [{"type": "x", "id": 1}, 7, {"id": true}, {"id": {"deep": 1}}],
  "twice": 1, "twice": 2})";

TEST(Payload, FindsByPath) {
  Payload payload;
  ASSERT_TRUE(payload.parse(kJson));
  const std::pair<std::string_view, std::optional<std::string>> texts[]{
      {"userId", "u1"},
      {"n", "42"},
      {"big", "18446744073709551615"},
      {"d", "1.5"},
      {"yes", "true"},
      {"no", std::nullopt},
      {"empty", ""},
      {"text", "a\"b\u00e9"},
      {"context", std::nullopt},
      {"context.traits.email", "A@b.c"},
      {"context.traits.age", "30"},
      {"context.list", std::nullopt},
      {"context.list.0", std::nullopt},
      {"userId.x", std::nullopt},
      {"missing", std::nullopt},
      {"context.missing.deeper", std::nullopt},
      {"twice", "1"},
      {".", std::nullopt},
      {"context.", std::nullopt},
      {"", std::nullopt},
  };
  for (const auto& [path, expected] : texts) EXPECT_EQ(payload.text(path), expected) << path;
  EXPECT_EQ(payload.number("n"), 42.0);
  EXPECT_EQ(payload.number("userId"), std::nullopt);
  EXPECT_EQ(payload.boolean("yes"), true);
  EXPECT_EQ(payload.boolean("n"), std::nullopt);
  EXPECT_EQ(payload.json("context.list"), R"([1,{"a":2}])");
  EXPECT_EQ(payload.json("no"), "null");
  EXPECT_EQ(payload.json("missing"), std::nullopt);
}

TEST(Payload, VisitsMembersAndElements) {
  Payload payload;
  ASSERT_TRUE(payload.parse(kJson));
  std::map<std::string, std::string> members;
  payload.each("context.traits", [&](auto key, auto json) { members.emplace(key, json); });
  EXPECT_EQ(members, (std::map<std::string, std::string>{{"email", R"("A@b.c")"}, {"age", "30"}}));
  int calls = 0;
  for (const std::string_view path : {"userId", "items", "missing", "context.none"}) {
    payload.each(path, [&](auto, auto) { ++calls; });
  }
  EXPECT_EQ(calls, 0);

  std::vector<std::optional<std::string>> ids;
  payload.each_object("items", [&](const auto& field) { ids.push_back(field("id")); });
  EXPECT_EQ(ids, (std::vector<std::optional<std::string>>{"1", "true", std::nullopt}));
  payload.each_object("context", [&](const auto&) { ++calls; });
  EXPECT_EQ(calls, 0);
}

TEST(Payload, TakesOnlyOneObject) {
  Payload payload;
  for (const std::string_view json : {"", "1", "[]", "{", "null", "{} {}", "{\"a\":\"\xFF\"}"}) {
    EXPECT_FALSE(payload.parse(json)) << json;
    EXPECT_EQ(payload.text("a"), std::nullopt);
    payload.each("", [](auto, auto) { FAIL(); });
  }
  EXPECT_TRUE(payload.parse("{}"));
  EXPECT_TRUE(payload.parse(R"({"a":1})"));
  EXPECT_EQ(payload.text("a"), "1");
}

TEST(Payload, MergesBeneath) {
  struct Case {
    std::string_view over, under, merged;
  };
  const Case cases[]{
      {"{}", "{}", "{}"},
      {R"({"a":1})", "{}", R"({"a":1})"},
      {"{}", R"({"a":1})", R"({"a":1})"},
      {R"({"a":1})", R"({"a":2,"b":3})", R"({"a":1,"b":3})"},
      {R"({"a":{"x":1}})", R"({"a":{"x":2,"y":3}})", R"({"a":{"x":1,"y":3}})"},
      {R"({"a":{"x":1}})", R"({"a":5})", R"({"a":{"x":1}})"},
      {R"({"a":null})", R"({"a":{"x":1}})", R"({"a":null})"},
      {R"({"a":[1]})", R"({"a":[2]})", R"({"a":[1]})"},
      {R"({"a\"":1})", R"({"a\"":2})", R"({"a\"":1})"},
      {"[]", R"({"a":1})", R"({"a":1})"},
      {R"({"a":1})", "not json", R"({"a":1})"},
  };
  for (const Case& c : cases) EXPECT_EQ(merge_json_under(c.over, c.under), c.merged) << c.over;
}

}  // namespace
}  // namespace rapport
