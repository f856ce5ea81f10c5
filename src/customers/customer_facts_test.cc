#include "customers/customer_facts.h"

#include "customers/customer_export.h"
#include "customers/customers_test_support.h"
#include "storage/storage_test_util.h"

namespace rapport {
namespace {

using namespace customers_test;

class FactsTest : public testing::Test {
 protected:
  Offset order(const std::string& name, const std::string& properties, Timestamp when = kNow) {
    return w.at(when, R"({"type":"track","userId":"u","event":")" + name + R"(","properties":)" +
                          properties + "}");
  }
  CustomerId id() { return w.by("user_id", "u").id; }

  World w;
  CustomerFacts facts{*w.state, *w.warehouse, *w.log};
};

TEST_F(FactsTest, ValueIsRevenueByCurrency) {
  order("Order Completed", R"({"total":0.1,"currency":"GBP"})", minutes(1));
  order("Order Completed", R"({"total":"0.2","currency":"gbp"})", minutes(5));
  order("Order Completed", R"({"revenue":50,"currency":"GBP"})", minutes(3));
  order("Order Refunded", R"({"total":20.05,"currency":"GBP"})", minutes(9));
  order("Order Completed", R"({"value":1000,"currency":"VND"})", minutes(4));
  order("Order Completed", R"({"total":"many"})", minutes(2));
  order("Order Seen", R"({"total":7})");
  const CustomerValue value = facts.value(kShop, id());
  EXPECT_EQ(value.orders, 5);
  EXPECT_EQ(value.refunds, 1);
  ASSERT_EQ(value.revenue.size(), 3u);
  EXPECT_EQ(value.revenue[0].currency + value.revenue[0].amount, "VND1000");
  EXPECT_EQ(value.revenue[1].currency + value.revenue[1].amount, "GBP30.25");
  EXPECT_EQ(value.revenue[2].currency + value.revenue[2].amount, "0");
  EXPECT_EQ(value.first_order_at, minutes(1));
  EXPECT_EQ(value.last_order_at, minutes(5));
  EXPECT_EQ(facts.value(WorkspaceId{2}, id()).orders, 0);
}

TEST_F(FactsTest, ValueFollowsAMerge) {
  w.at(minutes(1), R"({"type":"track","anonymousId":"a","event":"Order Completed",
                       "properties":{"total":5,"currency":"EUR"}})");
  order("Order Completed", R"({"total":7,"currency":"EUR"})");
  w.at(minutes(2), R"({"type":"identify","userId":"u","anonymousId":"a"})");
  const CustomerValue value = facts.value(kShop, id());
  ASSERT_EQ(value.revenue.size(), 1u);
  EXPECT_EQ(value.revenue[0].amount, "12");
}

TEST_F(FactsTest, TraitsTellTheirSource) {
  w.at(minutes(1), R"({"type":"identify","userId":"u","traits":{"plan":"free","city":"Huế"},
       "context":{"library":{"name":"analytics.js"}}})");
  w.at(minutes(2), R"({"type":"identify","userId":"u","traits":{"plan":"pro","gone":null}})");
  const auto all = facts.traits(kShop, id(), "", 10);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].name + all[0].value, "city\"Huế\"");
  EXPECT_EQ(all[0].library, "analytics.js");
  EXPECT_EQ(all[0].event_type, "identify");
  EXPECT_EQ(all[0].origin, "client");
  EXPECT_EQ(all[0].updated_at, minutes(1));
  EXPECT_EQ(all[1].value, "\"pro\"");
  EXPECT_EQ(all[1].updated_at, minutes(2));
  EXPECT_EQ(facts.traits(kShop, id(), "city", 10).size(), 1u);
  EXPECT_TRUE(facts.traits(WorkspaceId{2}, id(), "", 10).empty());
}

TEST(CustomerExportTest, WritesLinesThatSpreadsheetsReadAsText) {
  World w;
  w.identify("u1", R"({"name":"=cmd|' /C calc'!A0","email":"a@x.y","n":1.50,"tags":["a","b"]})");
  w.identify("u2", R"({"name":"Zoë, Baker","phone":"+84 90"})");
  CustomerExport lines(w.reader, kShop, {},
                       parse_export_columns("name,identifier:user_id,trait:n,trait:tags,"
                                            "trait:phone"));
  std::string text;
  for (std::string piece = lines.next(); !piece.empty(); piece = lines.next()) text += piece;
  EXPECT_EQ(text,
            "\xEF\xBB\xBFname,identifier:user_id,trait:n,trait:tags,trait:phone\r\n"
            "\"Zoë, Baker\",u2,,,+84 90\r\n"
            "'=cmd|' /C calc'!A0,u1,1.5,\"[\"\"a\"\",\"\"b\"\"]\",\r\n");
  for (const char* bad : {"names", "trait:", "identifier:", "id,,name"}) {
    EXPECT_EQ(code_of([&] { parse_export_columns(bad); }), ErrorCode::kInvalidArgument) << bad;
  }
}

}  // namespace
}  // namespace rapport
