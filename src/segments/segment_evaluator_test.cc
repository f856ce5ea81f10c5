#include "segments/segment_evaluator.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "runtime/clock.h"
#include "runtime/random.h"
#include "segments/segment_functions.h"
#include "segments/segments_test_util.h"

namespace rapport {
namespace {

using segments_test::History;

constexpr WorkspaceId kWorkspace{7};
const Timestamp kNow = *parse_timestamp("2026-03-01T12:00:00Z");

std::vector<uint64_t> numbers(const std::vector<CustomerId>& ids) {
  std::vector<uint64_t> out;
  for (const CustomerId id : ids) out.push_back(id.value);
  return out;
}

std::vector<CustomerId> all_members(const SegmentEvaluator& evaluator, WorkspaceId workspace,
                                    const Condition& condition, std::optional<Timestamp> as_of) {
  std::vector<CustomerId> out;
  evaluator.each_member(
      workspace, condition, [&](CustomerId id) { out.push_back(id); }, as_of);
  return out;
}

/// Each stored value is the trait `v` of one customer and the property `v` of one event of theirs.
struct ValueCase {
  std::string_view stored;  // JSON
  std::string_view path;
  std::string_view test;  // "op" and "value" members
  bool meets;
};

constexpr ValueCase kValueCases[] = {
    // Text: bytes, case matters, no trimming.
    {R"("VN")", "v", R"("op":"eq","value":"VN")", true},
    {R"("vn")", "v", R"("op":"eq","value":"VN")", false},
    {R"("VN ")", "v", R"("op":"eq","value":"VN")", false},
    {R"("")", "v", R"("op":"eq","value":"")", true},
    {R"("H\u00e0 N\u1ed9i")", "v", R"("op":"eq","value":"Hà Nội")", true},
    {R"("a\"b\\c\nd")", "v", R"("op":"eq","value":"a\"b\\c\nd")", true},
    {R"("x\u0000y")", "v", R"("op":"eq","value":"x\u0000y")", true},
    {R"("x\u0000y")", "v", R"("op":"eq","value":"x")", false},
    {R"("b")", "v", R"("op":"gt","value":"a")", true},
    {R"("B")", "v", R"("op":"gt","value":"a")", false},
    {R"("é")", "v", R"("op":"gt","value":"z")", true},
    {R"("10")", "v", R"("op":"lt","value":"9")", true},
    {R"("")", "v", R"("op":"lt","value":"a")", true},
    // Numbers, also in text, but only when the condition holds a number.
    {"42", "v", R"("op":"eq","value":42)", true},
    {"42.0", "v", R"("op":"eq","value":42)", true},
    {"4.2e1", "v", R"("op":"eq","value":42)", true},
    {R"("42")", "v", R"("op":"eq","value":42)", true},
    {R"("42.0")", "v", R"("op":"eq","value":42)", true},
    {R"("4.2e1")", "v", R"("op":"eq","value":42)", true},
    {R"(" 42")", "v", R"("op":"eq","value":42)", false},
    {R"("+42")", "v", R"("op":"eq","value":42)", false},
    {R"("042")", "v", R"("op":"eq","value":42)", false},
    {R"("42.")", "v", R"("op":"eq","value":42)", false},
    {R"("4_2")", "v", R"("op":"eq","value":42)", false},
    {R"("0x2A")", "v", R"("op":"eq","value":42)", false},
    {R"("42 years")", "v", R"("op":"gte","value":1)", false},
    {R"("inf")", "v", R"("op":"gt","value":1)", false},
    {R"("NaN")", "v", R"("op":"ne","value":1)", true},
    {"42", "v", R"("op":"eq","value":"42")", false},
    {"42", "v", R"("op":"gt","value":"1")", false},
    {R"("00123")", "v", R"("op":"eq","value":"00123")", true},
    {R"("00123")", "v", R"("op":"eq","value":123)", false},
    {"0.1", "v", R"("op":"eq","value":0.1)", true},
    {"0.30000000000000004", "v", R"("op":"eq","value":0.3)", false},
    {"-0", "v", R"("op":"eq","value":0)", true},
    {"-5", "v", R"("op":"lt","value":-4.5)", true},
    {"1e999", "v", R"("op":"gt","value":1e300)", true},
    {"123456789012345678901234567890", "v", R"("op":"gt","value":1e29)", true},
    {"17", "v", R"("op":"gte","value":18)", false},
    {"18", "v", R"("op":"gte","value":18)", true},
    {"18", "v", R"("op":"gt","value":18)", false},
    {"18", "v", R"("op":"lte","value":18)", true},
    {"true", "v", R"("op":"eq","value":1)", false},
    // Booleans, also in text.
    {"true", "v", R"("op":"eq","value":true)", true},
    {"false", "v", R"("op":"eq","value":true)", false},
    {R"("true")", "v", R"("op":"eq","value":true)", true},
    {R"("True")", "v", R"("op":"eq","value":true)", false},
    {"1", "v", R"("op":"eq","value":true)", false},
    {"true", "v", R"("op":"eq","value":"true")", false},
    {"false", "v", R"("op":"exists")", true},
    // Absent: null, missing, nowhere. Negations hold for it.
    {"null", "v", R"("op":"exists")", false},
    {"null", "v", R"("op":"not_exists")", true},
    {"null", "v", R"("op":"ne","value":"x")", true},
    {"null", "v", R"("op":"not_in","value":["x"])", true},
    {"null", "v", R"("op":"not_contains","value":"x")", true},
    {"null", "v", R"("op":"lt","value":5)", false},
    {R"("null")", "v", R"("op":"exists")", true},
    {R"("")", "v", R"("op":"exists")", true},
    {"{}", "v", R"("op":"exists")", true},
    {"[]", "v", R"("op":"exists")", true},
    {R"({"a":null})", "v.a", R"("op":"exists")", false},
    {R"({"a":1})", "v.b", R"("op":"exists")", false},
    {R"("text")", "v.a", R"("op":"exists")", false},
    {R"({"a":1})", "v.a.b", R"("op":"ne","value":1)", true},
    // Nested values, awkward names, arrays.
    {R"({"city":"Huế"})", "v.city", R"("op":"eq","value":"Huế")", true},
    {R"({"a":{"b":{"c":3}}})", "v.a.b.c", R"("op":"eq","value":3)", true},
    {R"({"a.b":1})", "v.a\\.b", R"("op":"eq","value":1)", true},
    {R"({"a.b":1})", "v.a.b", R"("op":"exists")", false},
    {R"({"a\\b":1})", "v.a\\\\b", R"("op":"eq","value":1)", true},
    {R"({"a/b~c":1})", "v.a/b~c", R"("op":"eq","value":1)", true},
    {R"({"$.x\"; DROP":1})", "v.$\\.x\"; DROP", R"("op":"eq","value":1)", true},
    {R"({"*":1})", "v.*", R"("op":"eq","value":1)", true},
    {R"({"a":1})", "v.*", R"("op":"exists")", false},
    {R"([{"sku":"A"},{"sku":"B"}])", "v.1.sku", R"("op":"eq","value":"B")", true},
    {R"([1,2])", "v.-1", R"("op":"exists")", false},
    {R"([1,2])", "v.01", R"("op":"exists")", false},
    {R"([1,2])", "v.2", R"("op":"exists")", false},
    {R"({"0":1})", "v.0", R"("op":"eq","value":1)", true},
    {R"(["VN"])", "v", R"("op":"eq","value":"VN")", false},
    {R"({"a":1})", "v", R"("op":"eq","value":1)", false},
    // Lists of values.
    {R"("b")", "v", R"("op":"in","value":["a","b"])", true},
    {R"("c")", "v", R"("op":"in","value":["a","b"])", false},
    {R"("c")", "v", R"("op":"not_in","value":["a","b"])", true},
    {"2", "v", R"("op":"in","value":["1",2])", true},
    {"1", "v", R"("op":"in","value":["1",2])", false},
    {"true", "v", R"("op":"in","value":["x",false,true])", true},
    {R"("2026-01-05T00:00:00.000Z")", "v", R"("op":"in","value":["x","2026-01-05"])", true},
    // Contains: text in text, an equal element in an array.
    {R"("Nguyễn Văn An")", "v", R"("op":"contains","value":"Văn")", true},
    {R"("Nguyễn")", "v", R"("op":"contains","value":"nguyễn")", false},
    {R"("abc")", "v", R"("op":"contains","value":"")", true},
    {R"("100%")", "v", R"("op":"contains","value":"%")", true},
    {R"("abc")", "v", R"("op":"contains","value":"%")", false},
    {R"("abc")", "v", R"("op":"contains","value":"_")", false},
    {"123", "v", R"("op":"contains","value":"2")", false},
    {R"("123")", "v", R"("op":"contains","value":2)", false},
    {R"(["a","b"])", "v", R"("op":"contains","value":"b")", true},
    {R"(["ab"])", "v", R"("op":"contains","value":"b")", false},
    {R"([1,"2"])", "v", R"("op":"contains","value":2)", true},
    {R"([true])", "v", R"("op":"contains","value":true)", true},
    {R"([["b"]])", "v", R"("op":"contains","value":"b")", false},
    {R"([null])", "v", R"("op":"contains","value":"null")", false},
    {R"(["2026-01-05T07:00:00+07:00"])", "v", R"("op":"contains","value":"2026-01-05")", true},
    {R"({"b":1})", "v", R"("op":"contains","value":"b")", false},
    {R"(["a"])", "v", R"("op":"not_contains","value":"b")", true},
    // Times compare as instants when both sides are times.
    {R"("2026-01-05")", "v", R"("op":"eq","value":"2026-01-05T00:00:00Z")", true},
    {R"("2026-01-05T07:00:00+07:00")", "v", R"("op":"eq","value":"2026-01-05")", true},
    {R"("2026-01-04T19:30-0430")", "v", R"("op":"eq","value":"2026-01-05")", true},
    {R"("2026-01-05 10:20:30,25")", "v", R"("op":"eq","value":"2026-01-05T10:20:30.250Z")", true},
    {R"("2026-01-05T10:20:30.1234567Z")", "v", R"("op":"eq","value":"2026-01-05T10:20:30.123456Z")",
     true},
    {R"("2026-01-05T00:00:60Z")", "v", R"("op":"eq","value":"2026-01-05T00:01:00Z")", true},
    {R"("2026-01-05t00:00z")", "v", R"("op":"eq","value":"2026-01-05")", true},
    {R"("2026-1-5")", "v", R"("op":"eq","value":"2026-01-05")", false},
    {R"("2026-01-06")", "v", R"("op":"gt","value":"2026-01-05T23:59:59Z")", true},
    {R"("2026-01-05T23:30:00-01:00")", "v", R"("op":"gt","value":"2026-01-06")", true},
    {R"("2026-02-30")", "v", R"("op":"gt","value":"2026-01-05")", false},
    {R"("2026-02-30")", "v", R"("op":"lt","value":"2026-01-05")", false},
    {R"("zzz")", "v", R"("op":"gt","value":"2026-01-05")", false},
    {R"("0000-01-01")", "v", R"("op":"lt","value":"2026-01-05")", false},
    {R"("0001-01-01")", "v", R"("op":"lt","value":"2026-01-05")", true},
    {R"("9999-12-31T23:59:59.999999Z")", "v", R"("op":"gt","value":"2026-01-05")", true},
    {R"("1969-12-31T23:59:59Z")", "v", R"("op":"lt","value":"1970-01-01")", true},
    {R"("2024-02-29")", "v", R"("op":"gte","value":"2024-02-29")", true},
    {"1767571200", "v", R"("op":"eq","value":"2026-01-05")", false},
    // Broken text is absent; space around a value does not matter.
    {R"("\ud800")", "v", R"("op":"exists")", false},
    {"{bad", "v", R"("op":"not_exists")", true},
    {" \n42 ", "v", R"("op":"eq","value":42)", true},
    {R"( {"a" : [ 1 , 2 ] } )", "v.a", R"("op":"contains","value":2)", true},
};

TEST(SegmentEvaluator, FollowsTheTypeRules) {
  const auto warehouse = open_duckdb_warehouse("", {.functions = segment_functions()});
  History history{kWorkspace, {}, {}, {}, {}};
  uint64_t next = 0;
  for (const ValueCase& c : kValueCases) {
    const CustomerId id{++next};
    history.created[id] = kNow;
    history.traits.push_back({id, kNow, "v", std::string(c.stored)});
    history.events.push_back({id, kNow, "E", fmt::format(R"({{"v":{}}})", c.stored)});
  }
  history.append_to(*warehouse, 0);
  const ManualClock clock(kNow);
  const SegmentEvaluator evaluator(*warehouse, clock);

  next = 0;
  for (const ValueCase& c : kValueCases) {
    const CustomerId id{++next};
    std::string path;
    for (const char ch : c.path) path += (ch == '"' || ch == '\\' ? "\\" : "") + std::string(1, ch);
    const auto holds = [&](const std::string& json) {
      const auto found = evaluator.members(kWorkspace, parse_condition(json), {id.value - 1}, 1);
      return !found.empty() && found.front() == id;
    };
    EXPECT_EQ(holds(fmt::format(R"({{"trait":"{}",{}}})", path, c.test)), c.meets)
        << "trait " << c.stored << " " << path << " " << c.test;
    EXPECT_EQ(
        holds(fmt::format(R"({{"event":"E","where":[{{"property":"{}",{}}}]}})", path, c.test)),
        c.meets)
        << "property " << c.stored << " " << path << " " << c.test;
  }
}

Timestamp days_ago(double days) {
  return kNow - Micros(static_cast<int64_t>(days * 86'400e6));
}

/// Five customers; 4 and 5 became parts of 3. Customer 6 is of another workspace.
History small_shop() {
  History h{kWorkspace, {}, {}, {}, {}};
  for (uint64_t id = 1; id <= 5; ++id) h.created[{id}] = days_ago(100 - 10 * double(id));
  const auto order = [&](uint64_t customer, double days, int total) {
    h.events.push_back(
        {{customer}, days_ago(days), "Order Completed", fmt::format(R"({{"total":{}}})", total)});
  };
  order(1, 10, 20);
  order(1, 5, 60);
  order(3, 30, 50);  // exactly the edge of a 30-day window
  order(4, 3, 70);
  order(5, 2, 80);
  order(2, -0.5, 90);  // half a day ahead: a client's clock runs fast
  h.traits.push_back({{1}, days_ago(40), "plan", R"("free")"});
  h.traits.push_back({{1}, days_ago(20), "plan", R"("pro")"});
  h.traits.push_back({{1}, days_ago(30), "plan", R"("trial")"});  // arrives late
  h.traits.push_back({{3}, days_ago(9), "plan", R"("free")"});
  h.traits.push_back({{4}, days_ago(8), "plan", R"("pro")"});
  h.traits.push_back({{5}, days_ago(8), "plan", "null"});  // same time, later in the log
  h.traits.push_back({{2}, days_ago(-0.5), "plan", R"("pro")"});
  h.successors = {{{4}, {3}}, {{5}, {3}}};
  return h;
}

TEST(SegmentEvaluator, CountsAndWindows) {
  const auto warehouse = open_duckdb_warehouse("", {.functions = segment_functions()});
  small_shop().append_to(*warehouse, 0);
  History other{{8}, {{{6}, days_ago(50)}}, {}, {}, {{{1}, {6}}}};
  other.events.push_back({{6}, days_ago(1), "Order Completed", "{}"});
  other.append_to(*warehouse, 1'000);
  const ManualClock clock(kNow);
  const SegmentEvaluator evaluator(*warehouse, clock);

  struct Case {
    std::string_view condition;
    std::optional<Timestamp> as_of;
    std::vector<uint64_t> members;
  };
  const std::optional<Timestamp> now;
  const Case cases[] = {
      {R"({"all":[]})", now, {1, 2, 3}},
      {R"({"not":{"all":[]}})", now, {}},
      {R"({"event":"Order Completed"})", now, {1, 2, 3}},
      {R"({"event":"order completed"})", now, {}},
      {R"({"event":"Order Completed"})", kNow, {1, 3}},
      {R"({"event":"Order Completed","count":{"gte":3}})", now, {3}},
      {R"({"event":"Order Completed","count":{"gte":2,"lt":3}})", now, {1}},
      {R"({"event":"Order Completed","count":{"eq":0}})", kNow, {2}},
      {R"({"event":"Order Completed","count":{"lt":3}})", kNow, {1, 2}},
      {R"({"event":"Order Completed","count":{"ne":2}})", kNow, {2, 3}},
      {R"({"event":"Order Completed","count":{"lte":0}})", kNow, {2}},
      {R"({"event":"Order Completed","count":{"gt":1}})", kNow, {1, 3}},
      {R"({"event":"Order Completed","count":{"gte":0}})", kNow, {1, 2, 3}},
      {R"({"event":"Order Completed","within":"30d","count":{"eq":3}})", kNow, {}},
      {R"({"event":"Order Completed","within":"30d","count":{"eq":3}})", kNow - Micros(1), {3}},
      {R"({"event":"Order Completed","within":"720h","count":{"eq":2}})", kNow, {1, 3}},
      {R"({"event":"Order Completed","within":"5d"})", kNow, {3}},
      {R"({"event":"Order Completed"})", days_ago(10), {1, 3}},
      {R"({"event":"Order Completed"})", days_ago(10) - Micros(1), {3}},
      {R"({"event":"Order Completed","where":[{"property":"total","op":"gte","value":60}]})",
       kNow,
       {1, 3}},
      {R"({"event":"Order Completed","count":{"gte":2},"where":[{"property":"total","op":"gte","value":60}]})",
       kNow,
       {3}},
      {R"({"event":"Order Completed","where":[{"property":"total","op":"gte","value":60},{"property":"total","op":"lt","value":70}]})",
       kNow,
       {1}},
      {R"({"event":"Order Completed","count":{"eq":0},"where":[{"property":"total","op":"gte","value":65}]})",
       kNow,
       {1, 2}},
      {R"({"event":"Order Completed","where":[{"property":"total","op":"ne","value":20}]})",
       kNow,
       {1, 3}},
      {R"({"trait":"plan","op":"eq","value":"pro"})", now, {1, 2}},
      {R"({"trait":"plan","op":"eq","value":"pro"})", kNow, {1}},
      {R"({"trait":"plan","op":"not_exists"})", kNow, {2, 3}},
      {R"({"trait":"plan","op":"eq","value":"free"})", days_ago(8) - Micros(1), {3}},
      {R"({"trait":"plan","op":"eq","value":"trial"})", days_ago(25), {1}},
      {R"({"trait":"plan","op":"ne","value":"pro"})", kNow, {2, 3}},
      {R"({"all":[]})", days_ago(75), {1, 2}},
      {R"({"all":[]})", days_ago(85), {1}},
      {R"({"all":[]})", days_ago(95), {}},
      {R"({"all":[{"trait":"plan","op":"eq","value":"pro"},{"event":"Order Completed","within":"7d"}]})",
       kNow,
       {1}},
      {R"({"any":[{"trait":"plan","op":"eq","value":"pro"},{"event":"Order Completed","count":{"gte":3}}]})",
       kNow,
       {1, 3}},
      {R"({"any":[{"not":{"event":"Order Completed"}},{"trait":"plan","op":"eq","value":"pro"}]})",
       kNow,
       {1, 2}},
  };
  for (const Case& c : cases) {
    const Condition condition = parse_condition(c.condition);
    EXPECT_EQ(numbers(all_members(evaluator, kWorkspace, condition, c.as_of)), c.members)
        << c.condition << " at " << format_timestamp(c.as_of.value_or(kNow));
    EXPECT_EQ(evaluator.count(kWorkspace, condition, c.as_of), c.members.size()) << c.condition;
  }
  EXPECT_EQ(numbers(all_members(evaluator, {8}, parse_condition(R"({"all":[]})"), now)),
            std::vector<uint64_t>{6});
  EXPECT_EQ(evaluator.count({9}, parse_condition(R"({"all":[]})")), 0u);
}

TEST(SegmentEvaluator, PagesAndPreviewsByIdOrder) {
  const auto warehouse = open_duckdb_warehouse("", {.functions = segment_functions()});
  History h{kWorkspace, {}, {}, {}, {}};
  for (uint64_t id = 1; id <= 25; ++id) h.created[{id * 3}] = kNow;
  h.append_to(*warehouse, 0);
  const ManualClock clock(kNow);
  const SegmentEvaluator evaluator(*warehouse, clock);
  const Condition everyone = parse_condition(R"({"all":[]})");

  std::vector<uint64_t> seen;
  CustomerId after{0};
  for (;;) {
    const auto page = evaluator.members(kWorkspace, everyone, after, 10);
    for (const CustomerId id : page) seen.push_back(id.value);
    if (page.size() < 10) break;
    after = page.back();
  }
  ASSERT_EQ(seen.size(), 25u);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));

  const auto preview = evaluator.preview(kWorkspace, everyone, 10);
  EXPECT_EQ(preview.count, 25u);
  EXPECT_EQ(numbers(preview.sample), std::vector<uint64_t>(seen.begin(), seen.begin() + 10));
  const auto none = evaluator.preview(kWorkspace, parse_condition(R"({"event":"X"})"), 10);
  EXPECT_EQ(none.count, 0u);
  EXPECT_TRUE(none.sample.empty());
}

}  // namespace
}  // namespace rapport
