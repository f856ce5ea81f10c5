#include "customers/import/mapping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "customers/import/cell_values.h"
#include "runtime/zoneinfo.h"

namespace rapport {
namespace {

TimeZone zone_of(std::string_view name) {
  return load_time_zone(name);
}

Mapping parse(const std::string& text) {
  return parse_mapping(text, &zone_of);
}

TEST(Mapping, ErrorsNameTheMember) {
  const std::string head = R"({"name":"m","user_id":"id","event":"E",)";
  const std::pair<std::string, const char*> cases[] = {
      {"", "mapping"},
      {"[]", "mapping"},
      {R"({"name":"m",})", "mapping"},
      {R"({"user_id":"id","event":"E"})", "name"},
      {R"({"name":7,"user_id":"id","event":"E"})", "name"},
      {R"({"name":"m","event":"E"})", "user_id"},
      {R"({"name":"m","user_id":"id"})", "events"},
      {R"({"name":"m","user_id":{"column":"id","cast":"number"},"event":"E"})", "user_id"},
      {head + R"("tme_zone":"UTC"})", "tme_zone"},
      {head + R"("time_zone":"Mars/Base"})", "time_zone"},
      {head + R"("format":"xml"})", "format"},
      {head + R"("csv":{"delimiter":"\""}})", "csv.delimiter"},
      {head + R"("csv":{"columns":["a",""]}})", "csv.columns[1]"},
      {head + R"("required":[{"column":"c"}]})", "required[0].reason"},
      {head + R"("required":[{"column":"c","reason":"r"},{"column":1,"reason":"r"}]})",
       "required[1].column"},
      {head + R"("timestamp":{"column":"t","format":"%Q"}})", "timestamp.format"},
      {head + R"("group_by":[]})", "group_by"},
      {head + R"("max_open_groups":0})", "max_open_groups"},
      {head + R"("group_by":"g","message_id":"x"})", "message_id"},
      {head + R"("properties":{"p":{"column":"c","cast":"money"}}})", "properties.p.cast"},
      {head + R"("properties":{"p":{"column":"c","constant":1}}})", "properties.p"},
      {head + R"("properties":{"p":{"column":"c","pick":"middle"}}})", "properties.p.pick"},
      {head + R"("properties":{"p":{"column":"c","negate":true}}})", "properties.p.negate"},
      {head + R"("properties":{"p":{"sum_of":["a","b"],"round":13}}})", "properties.p.round"},
      {head + R"("properties":{"p":{"sum_of":["a","b","c"]}}})", "properties.p.sum_of"},
      {head + R"("properties":{"p":{"list":{"q":{"count":true}}}}})", "properties.p.list.q.count"},
      {head + R"("properties":{"p":{"list":{"q":{"list":{}}}}}})", "properties.p.list.q.list"},
      {head + R"("traits":{"p":3}})", "traits.p"},
      {head + R"("events":[]})", "events"},
      {R"({"name":"m","user_id":"id","events":[{"name":"A"},{}]})", "events[1]"},
      {R"({"name":"m","user_id":"id","events":[{"name":"A","when":{"column":"c"}}]})",
       "events[0].when"},
      {R"({"name":"m","user_id":"id","events":[{"name":"A","when":[{"column":"c","less_than":"x"}]}]})",
       "events[0].when[0].less_than"},
      {R"({"name":"m","user_id":"id","events":[{"name":"A","when":{"column":"c","is":"x"}}]})",
       "events[0].when"},
  };
  for (const auto& [text, field] : cases) {
    try {
      parse(text);
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
      ASSERT_EQ(error.fields().size(), 1u) << text;
      EXPECT_EQ(error.fields()[0].field, field) << text;
    }
  }
}

TEST(Mapping, ReadsEveryMember) {
  const Mapping mapping = parse(R"({
    "name":"shop","format":"csv","csv":{"delimiter":";","columns":["id","when","what","n","p"]},
    "time_zone":"Asia/Tokyo","required":[{"column":"id","reason":"nobody"}],
    "user_id":{"column":"id","cast":"integer_text"},"anonymous_id":"device",
    "identifiers":{"email":"mail"},"timestamp":{"column":"when","format":"%d/%m/%Y"},
    "group_by":["what"],"max_open_groups":5,"properties":{"a":"n","b":{"constant":{"x":[1]}}},
    "events":[{"name":"A","when":{"column":"n","less_than":0},"properties":{"a":{"count":true}}},
              {"name_column":"what"}],
    "traits":{"c":{"column":"p","pick":"last"}}})");
  EXPECT_THAT(mapping.columns,
              testing::ElementsAre("id", "device", "mail", "when", "what", "n", "p"));
  EXPECT_EQ(mapping.delimiter, ';');
  EXPECT_EQ(mapping.time_zone.name(), "Asia/Tokyo");
  EXPECT_EQ(mapping.max_open_groups, 5u);
  ASSERT_EQ(mapping.events.size(), 2u);
  ASSERT_EQ(mapping.events[0].properties.size(), 2u);
  EXPECT_EQ(mapping.events[0].properties[0].kind, ValueRule::Kind::kCount);
  EXPECT_EQ(mapping.events[1].properties[0].kind, ValueRule::Kind::kColumn);
  EXPECT_EQ(mapping.events[1].properties[1].constant, R"({"x":[1]})");
  EXPECT_TRUE(mapping.traits[0].last);
}

TEST(CellValues, Casts) {
  struct Case {
    Cast cast;
    const char* cell;
    const char* out;  // "!" and the problem
  };
  const Case cases[] = {
      {Cast::kText, " a\"b ", "\" a\\\"b \""},
      {Cast::kNumber, " 02.50", "2.5"},
      {Cast::kNumber, "1e3", "!not a number"},
      {Cast::kInteger, "6.0", "6"},
      {Cast::kInteger, "6.5", "!not an integer"},
      {Cast::kIntegerText, "17850.0", "\"17850\""},
      {Cast::kIntegerText, "x", "!not an integer"},
      {Cast::kBoolean, "Yes", "true"},
      {Cast::kBoolean, "0", "false"},
      {Cast::kBoolean, "maybe", "!not true or false"},
      {Cast::kTimestamp, "2011-07-01 12:00", "\"2011-07-01T11:00:00.000Z\""},
      {Cast::kTimestamp, "2011-07-01T12:00Z", "\"2011-07-01T12:00:00.000Z\""},
      {Cast::kTimestamp, "soon", "!not a date and time"},
      {Cast::kJson, R"({ "a" : [1, 2] })", R"({"a":[1,2]})"},
      {Cast::kJson, "{", "!not valid JSON"},
  };
  const TimeZone london = load_time_zone("Europe/London");
  for (const Case& c : cases) {
    ValueRule rule;
    rule.cast = c.cast;
    std::string out;
    const auto problem = append_cell(c.cell, rule, london, out);
    EXPECT_EQ(problem.empty() ? out : "!" + std::string(problem), c.out) << c.cell;
  }
}

TEST(CellValues, Times) {
  const std::tuple<const char*, const char*, const char*> cases[] = {
      {"iso", "2011-07-01", "2011-06-30T23:00:00.000Z"},
      {"iso", "2011-07-01 08:26:00", "2011-07-01T07:26:00.000Z"},
      {"iso", "2011-07-01T08:26:00+02:00", "2011-07-01T06:26:00.000Z"},
      {"unix", "1300000000", "2011-03-13T07:06:40.000Z"},
      {"unix", "1300000000.25", "2011-03-13T07:06:40.250Z"},
      {"unix_ms", "1300000000250", "2011-03-13T07:06:40.250Z"},
      {"unix", "1e300", "-"},
      {"unix", "", "-"},
      {"%m/%d/%Y %H:%M", "12/1/2010 8:26", "2010-12-01T08:26:00.000Z"},
      {"%d.%m.%y %I:%M %p", "1.7.11 12:05 am", "2011-06-30T23:05:00.000Z"},
      {"%d.%m.%y %I:%M %p", "1.7.11 13:05 am", "-"},
      {"%d/%m/%Y", "31/02/2011", "-"},
      {"%d/%m/%Y", "01/02/2011x", "-"},
  };
  const TimeZone london = load_time_zone("Europe/London");
  for (const auto& [format, cell, expected] : cases) {
    const auto time = parse_cell_time(cell, format, london);
    EXPECT_EQ(time ? format_timestamp(*time) : "-", expected) << format << " " << cell;
  }
}

TEST(CellValues, Conditions) {
  using Op = RowCondition::Op;
  const std::tuple<Op, const char*, const char*, bool> cases[] = {
      {Op::kEquals, "a", "a", true},        {Op::kEquals, "a", "A", false},
      {Op::kNotEquals, "a", "b", true},     {Op::kIn, "a", "a", true},
      {Op::kIn, "a", "b", false},           {Op::kStartsWith, "C", "C536379", true},
      {Op::kStartsWith, "C5", "C", false},  {Op::kEmpty, "", " ", true},
      {Op::kNotEmpty, "", "x", true},       {Op::kLessThan, "0", "-0.01", true},
      {Op::kLessThan, "0", "0", false},     {Op::kGreaterThan, "1.5", "1.51", true},
      {Op::kGreaterThan, "1.5", "x", false}};
  for (const auto& [op, value, cell, expected] : cases) {
    EXPECT_EQ(condition_holds({0, op, {value}}, cell), expected) << value << " " << cell;
  }
}

}  // namespace
}  // namespace rapport
