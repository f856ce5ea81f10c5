#include "customers/import/event_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <map>

#include "base/error.h"
#include "customers/import/csv_reader.h"
#include "runtime/zoneinfo.h"

namespace rapport {
namespace {

using testing::ElementsAre;
using testing::Pair;

struct Outcome {
  std::vector<ImportEvent> events;
  std::vector<std::pair<uint64_t, std::string>> refused;
  size_t customers = 0;

  boost::json::object json(size_t index) const {
    return boost::json::parse(events.at(index).json).as_object();
  }
};

Outcome build(const std::string& mapping_text, const std::string& csv) {
  const Mapping mapping =
      parse_mapping(mapping_text, [](std::string_view name) { return load_time_zone(name); });
  auto source = make_text_source(csv);
  CsvReader reader(*source, {});
  Outcome outcome;
  EventBuilder builder(
      mapping, reader.columns(), [&](ImportEvent event) { outcome.events.push_back(event); },
      [&](RefusedRow row) { outcome.refused.emplace_back(row.line, row.reason); });
  while (reader.next()) builder.add(reader);
  builder.finish();
  outcome.customers = builder.customers();
  return outcome;
}

const std::string kOrders = R"({"name":"shop","time_zone":"Europe/London","user_id":"who",
  "timestamp":"when","group_by":"order","event":"Order Completed",
  "properties":{"order_id":"order","total":{"sum_of":["n","price"],"round":2},
    "lines":{"count":true},"first":"sku","last":{"column":"sku","pick":"last"},
    "products":{"list":{"sku":"sku","n":{"column":"n","cast":"integer"}}},
    "currency":{"constant":"GBP"}},
  "traits":{"country":"land"}})";
const std::string kHead = "order,who,when,sku,n,price,land\n";

TEST(EventBuilder, GroupsLinesIntoOneEvent) {
  const Outcome outcome = build(kOrders, kHead +
                                             "1,ann,2011-07-01 10:00,x,3,0.1,UK\n"
                                             "2,bob,2011-07-01 09:00,z,1,5,FR\n"
                                             "1,ann,2011-07-01 10:05,y,2,1.105,UK\n");
  EXPECT_TRUE(outcome.refused.empty());
  ASSERT_EQ(outcome.events.size(), 4u);  // two orders, two customers
  EXPECT_EQ(outcome.customers, 2u);
  // Groups close in the order in which they were last touched.
  EXPECT_EQ(outcome.json(0).at("userId"), "bob");
  EXPECT_EQ(boost::json::serialize(outcome.json(1)),
            R"({"type":"track","event":"Order Completed","messageId":")" +
                outcome.events[1].message_id +
                R"(","userId":"ann","timestamp":"2011-07-01T09:00:00.000Z","properties":{)"
                R"("order_id":"1","total":2.51E0,"lines":2,"first":"x","last":"y",)"
                R"("products":[{"sku":"x","n":3},{"sku":"y","n":2}],"currency":"GBP"}})");
}

TEST(EventBuilder, TheLatestTraitWinsWhateverTheOrder) {
  const Outcome outcome = build(kOrders, kHead +
                                             "2,ann,2011-07-03,z,1,5,DE\n"
                                             "1,ann,2011-07-01,x,1,1,UK\n"
                                             "3,ann,2011-07-05,x,1,1,\n");
  ASSERT_EQ(outcome.events.size(), 4u);
  const auto identify = outcome.json(3);
  EXPECT_EQ(identify.at("type"), "identify");
  EXPECT_EQ(identify.at("traits").at("country"), "DE");
  EXPECT_EQ(identify.at("timestamp"), "2011-07-04T23:00:00.000Z");
}

TEST(EventBuilder, MessageIdsDependOnContentOnly) {
  const std::string rows = "1,ann,2011-07-01,x,1,1,UK\n2,bob,2011-07-02,y,1,1,FR\n";
  const Outcome first = build(kOrders, kHead + rows);
  const Outcome again = build(kOrders, kHead + rows);
  std::map<std::string, std::string> ids;
  for (size_t i = 0; i < first.events.size(); ++i) {
    EXPECT_EQ(first.events[i].message_id, again.events[i].message_id);
    ids[first.events[i].message_id] = first.events[i].json;
  }
  EXPECT_EQ(ids.size(), first.events.size());
  const Outcome longer = build(kOrders, kHead + rows + "3,ann,2011-08-01,x,1,1,UK\n");
  std::vector<std::string> fresh;
  for (const auto& event : longer.events) {
    if (ids.count(event.message_id) == 0) fresh.push_back(event.name);
  }
  EXPECT_THAT(fresh, ElementsAre("Order Completed", "identify"));
}

TEST(EventBuilder, AGroupWithARefusedRowIsRefusedWhole) {
  const Outcome outcome = build(kOrders, kHead +
                                             "1,ann,2011-07-01,x,1,1,UK\n"    // 2
                                             "1,ann,2011-07-01,x,one,1,UK\n"  // 3
                                             "1,ann,2011-07-01,x,1,1,UK\n"    // 4
                                             "2,bob,someday,x,1,1,UK\n"       // 5
                                             "3,cy,2011-07-01,x,1,1,UK\n"     // 6
                                             "3,di,2011-07-01,x,1,1,UK\n"     // 7
                                             "4,,2011-07-01,x,1,1,UK\n"       // 8
                                             "5,eve,2011-07-01,x,1,1\n"       // 9
                                             "6,flo,2011-07-01,x,1,1,UK\n");
  EXPECT_THAT(
      outcome.refused,
      ElementsAre(Pair(3, "n: not a number"), Pair(2, "in a group with a refused row"),
                  Pair(4, "in a group with a refused row"), Pair(5, "when: not a date and time"),
                  Pair(7, "another customer than the rest of its group"),
                  Pair(6, "in a group with a refused row"), Pair(8, "without an identifier"),
                  Pair(9, "fewer cells than columns")));
  EXPECT_EQ(outcome.events.size(), 2u);
  EXPECT_EQ(outcome.customers, 1u);
}

TEST(EventBuilder, GroupsFarApartAreRefusedNotDoubled) {
  std::string mapping = kOrders;
  mapping.insert(1, R"("max_open_groups":2,)");
  const Outcome outcome = build(mapping, kHead +
                                             "1,a,2011-07-01,x,1,1,UK\n2,b,2011-07-01,x,1,1,UK\n"
                                             "1,a,2011-07-01,y,1,1,UK\n3,c,2011-07-01,x,1,1,UK\n"
                                             "2,b,2011-07-01,y,1,1,UK\n");
  EXPECT_THAT(outcome.refused, ElementsAre(Pair(6, "too far from the other rows of its group")));
  EXPECT_EQ(outcome.events.size(), 6u);
}

TEST(EventBuilder, UngroupedRowsChooseTheirEvent) {
  const std::string mapping = R"({"name":"log","anonymous_id":"device","user_id":"who",
    "identifiers":{"email":"mail"},"required":[{"column":"what","reason":"without a name"}],
    "events":[{"name":"Signed Up","when":[{"column":"what","in":["join","signup"]}],
               "properties":{"plan":"extra"}},
              {"name_column":"what","when":{"column":"what","not_equals":"skip"}}]})";
  const Outcome outcome = build(mapping,
                                "device,who,mail,what,extra\n"
                                "d1,,,join,pro\nd1,u1,a@example.com,View,\n,,,View,\n"
                                "d1,u1,,skip,\nd1,u1,,,\nd1,,,join,pro\n");
  EXPECT_THAT(outcome.refused,
              ElementsAre(Pair(4, "without an identifier"), Pair(5, "no event rule matches"),
                          Pair(6, "without a name")));
  ASSERT_EQ(outcome.events.size(), 3u);
  EXPECT_EQ(outcome.events[0].name, "Signed Up");
  EXPECT_EQ(outcome.json(0).at("properties").at("plan"), "pro");
  EXPECT_EQ(outcome.json(0).at("anonymousId"), "d1");
  EXPECT_FALSE(outcome.json(0).contains("timestamp"));
  EXPECT_EQ(outcome.json(1).at("event"), "View");
  EXPECT_EQ(outcome.json(1).at("context").at("externalIds").at(0).at("id"), "a@example.com");
  // An equal row is the same fact.
  EXPECT_EQ(outcome.events[2].message_id, outcome.events[0].message_id);
}

TEST(EventBuilder, ContactsNeedNoEvents) {
  const Outcome outcome = build(R"({"name":"contacts","user_id":"id","traits":{"first_name":"name",
                "age":{"column":"age","cast":"integer"}}})",
                                "id,name,age\n1,Thúy,30\n2,王芳,\n1,Thúy An,\n");
  ASSERT_EQ(outcome.events.size(), 2u);
  EXPECT_EQ(boost::json::serialize(outcome.json(0).at("traits")),
            R"({"first_name":"Thúy An","age":30})");
  EXPECT_EQ(outcome.json(1).at("userId"), "2");
}

TEST(EventBuilder, AMissingColumnIsNamed) {
  try {
    build(kOrders, "order,who\n1,a\n");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fields().at(0).field, "file");
    EXPECT_THAT(error.fields().at(0).message, testing::HasSubstr("when"));
  }
}

}  // namespace
}  // namespace rapport
