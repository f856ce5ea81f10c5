#include "segments/condition.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/limits/segments.h"

namespace rapport {
namespace {

TEST(Condition, WritesOneCanonicalForm) {
  struct Case {
    std::string_view given;
    std::string_view canonical;
  };
  const Case cases[] = {
      {R"({"all":[]})", R"({"all":[]})"},
      {R"( {"value" : "VN", "op":"eq", "trait":"country"} )",
       R"({"trait":"country","op":"eq","value":"VN"})"},
      {R"({"trait":"age","op":"gte","value":18.0})", R"({"trait":"age","op":"gte","value":18})"},
      {R"({"trait":"age","op":"lt","value":0.1})", R"({"trait":"age","op":"lt","value":0.1})"},
      {R"({"trait":"age","op":"lt","value":1e300})", R"({"trait":"age","op":"lt","value":1e+300})"},
      {R"({"trait":"n","op":"eq","value":18446744073709551615})",
       R"({"trait":"n","op":"eq","value":1.8446744073709552e+19})"},
      {R"({"trait":"vip","op":"ne","value":true})", R"({"trait":"vip","op":"ne","value":true})"},
      {R"({"trait":"plan","op":"in","value":["a",1,false]})",
       R"({"trait":"plan","op":"in","value":["a",1,false]})"},
      {R"({"trait":"email","op":"exists"})", R"({"trait":"email","op":"exists"})"},
      {R"({"trait":"address.city","op":"contains","value":"H\u00e0"})",
       R"({"trait":"address.city","op":"contains","value":"Hà"})"},
      {R"({"trait":"utm\\.source","op":"eq","value":"x"})",
       R"({"trait":"utm\\.source","op":"eq","value":"x"})"},
      {R"({"not":{"any":[{"event":"A"},{"event":"B"}]}})",
       R"({"not":{"any":[{"event":"A"},{"event":"B"}]}})"},
      {R"({"event":"A","within":"2w"})", R"({"event":"A","within":"14d"})"},
      {R"({"event":"A","within":"36h"})", R"({"event":"A","within":"36h"})"},
      {R"({"event":"A","within":"90m"})", R"({"event":"A","within":"90m"})"},
      {R"({"event":"A","within":"86401s"})", R"({"event":"A","within":"86401s"})"},
      {R"({"event":"A","count":{"lte":5,"gte":3}})", R"({"event":"A","count":{"gte":3,"lte":5}})"},
      {R"({"where":[{"property":"total","op":"gte","value":50}],"within":"90d","count":{"gte":3},"event":"Order Completed"})",
       R"({"event":"Order Completed","count":{"gte":3},"within":"90d","where":[{"property":"total","op":"gte","value":50}]})"},
      {R"({"event":"A","where":[]})", R"({"event":"A"})"},
  };
  for (const Case& c : cases) {
    const std::string canonical = to_json(parse_condition(c.given));
    EXPECT_EQ(canonical, c.canonical);
    EXPECT_EQ(to_json(parse_condition(canonical)), canonical);
  }
}

TEST(Condition, WritesTheWholeLanguage) {
  struct Case {
    std::string_view given;
    std::string_view canonical;
  };
  const Case cases[] = {
      {R"({"trait":"a","op":"between","value":[1,2.5]})", ""},
      {R"({"trait":"a","op":"starts_with","value":"x","case_insensitive":true,"accent_insensitive":true})",
       ""},
      {R"({"trait":"a","op":"eq","value":"x","case_insensitive":false})",
       R"({"trait":"a","op":"eq","value":"x"})"},
      {R"({"trait":"a","op":"matches","value":"^a+$","case_insensitive":true})", ""},
      {R"({"trait":"a","op":"includes_any","value":["x",1]})", ""},
      {R"({"trait":"a","op":"before","value":"2026-01-01"})", ""},
      {R"({"trait":"a","op":"within_last","value":"2w"})",
       R"({"trait":"a","op":"within_last","value":"14d"})"},
      {R"({"trait":"a","op":"anniversary_within_next","value":"1w","zone":"customer"})",
       R"({"trait":"a","op":"anniversary_within_next","value":"7d","zone":"customer"})"},
      {R"({"trait":"a","op":"in_period","value":"last_quarter","zone":"workspace"})",
       R"({"trait":"a","op":"in_period","value":"last_quarter"})"},
      {R"({"event":["A","B"]})", ""},
      {R"({"event":["A"]})", R"({"event":"A"})"},
      {R"({"event":{"prefix":"Order "}})", ""},
      {R"({"event":"A","count":{"between":[2,5]}})", ""},
      {R"({"event":"A","older_than":"30d"})", ""},
      {R"({"event":"A","between":["2026-01-01","2026-02-01T00:00:00+07:00"]})",
       R"({"event":"A","between":["2026-01-01T00:00:00.000Z","2026-01-31T17:00:00.000Z"]})"},
      {R"({"event":"A","between_ago":["60d","30d"]})", ""},
      {R"({"event":"A","in_period":"this_month","zone":"customer"})", ""},
      {R"({"event":"Order Completed","sum":{"property":"total","gte":1000},"within":"365d"})",
       R"({"event":"Order Completed","within":"365d","sum":{"property":"total","gte":1000}})"},
      {R"({"event":"A","count":{"gte":2},"avg":{"property":"p","between":[1,2.5]},"distinct":{"property":"q","gte":3}})",
       ""},
      {R"({"event":"A","first":{"within":"30d","where":[{"property":"p","op":"exists"}]}})", ""},
      {R"({"event":"A","last":{"where":[{"property":"p","op":"exists"}]}})", ""},
      {R"({"event":"A","last":{}})", ""},
      {R"({"sequence":[{"event":"Product Viewed"},{"event":"Order Completed","max_gap":"1d"}],"within":"7d"})",
       ""},
      {R"({"sequence":[{"event":"A","where":[{"property":"p","op":"gt","value":1}]},{"event":["B","C"],"without":{"event":{"prefix":"X"}}}]})",
       ""},
      {R"({"event":"Product Added","within":"7d","not_followed_by":{"event":"Order Completed","within":"2d"}})",
       ""},
      {R"({"message":"opened","campaign":"cmp_0000000000001","channel":"email","count":{"gte":2},"within":"30d"})",
       ""},
      {R"({"segment":"seg_0000000000001"})", ""},
      {R"({"list":"lst_0000000000001"})", ""},
      {R"({"topic":"news"})", R"({"topic":"news","subscribed":true})"},
      {R"({"topic":"news","channel":"email","subscribed":false})", ""},
      {R"({"location":"home","near":{"lat":10.77,"lon":106.7,"km":5}})", ""},
      {R"({"location":"home","inside":[{"lat":1,"lon":2},{"lat":3,"lon":4},{"lat":5,"lon":2.5}]})",
       ""},
      {R"({"bucket":{"salt":"s","from":0,"to":12.5}})", ""},
  };
  for (const Case& c : cases) {
    const std::string canonical = to_json(parse_condition(c.given));
    EXPECT_EQ(canonical, c.canonical.empty() ? c.given : c.canonical);
    EXPECT_EQ(to_json(parse_condition(canonical)), canonical);
  }
}

TEST(Condition, ReadsATestAlone) {
  const ValueTest test = parse_value_test(R"({"op":"in","value":["a",1]})");
  EXPECT_EQ(to_json(test), R"("op":"in","value":["a",1])");
  EXPECT_THROW(parse_value_test(R"({"op":"in","value":["a",1],"x":1})"), Error);
}

TEST(Condition, NamesTheFieldItRefuses) {
  struct Case {
    std::string json;
    std::string field;
  };
  const std::string long_name(limits::kMaxTraitNameBytes + 1, 'x');
  const std::string long_text(limits::kMaxConditionTextBytes + 1, 'x');
  const Case cases[] = {
      {"", "condition"},
      {"{", "condition"},
      {"[]", "condition"},
      {"null", "condition"},
      {"{}", "condition"},
      {R"({"all":[]} x)", "condition"},
      {R"({"nope":1})", "condition"},
      {R"({"all":{}})", "condition.all"},
      {R"({"any":[]})", "condition.any"},
      {R"({"all":[],"any":[{"event":"A"}]})", "condition.any"},
      {R"({"all":[],"all":[]})", "condition.all"},
      {R"({"all":[{"event":"A"},7]})", "condition.all[1]"},
      {R"({"all":[{"event":"A"},{"trait":7,"op":"exists"}]})", "condition.all[1].trait"},
      {R"({"not":[]})", "condition.not"},
      {R"({"not":{"event":""}})", "condition.not.event"},
      {R"({"trait":"a"})", "condition.op"},
      {R"({"trait":"a","op":"like","value":"x"})", "condition.op"},
      {R"({"trait":"a","op":"eq"})", "condition.value"},
      {R"({"trait":"a","op":"eq","value":null})", "condition.value"},
      {R"({"trait":"a","op":"eq","value":[1]})", "condition.value"},
      {R"({"trait":"a","op":"eq","value":{}})", "condition.value"},
      {R"({"trait":"a","op":"gt","value":true})", "condition.value"},
      {R"({"trait":"a","op":"in","value":"x"})", "condition.value"},
      {R"({"trait":"a","op":"in","value":[]})", "condition.value"},
      {R"({"trait":"a","op":"in","value":["x",null]})", "condition.value[1]"},
      {R"({"trait":"a","op":"exists","value":true})", "condition.value"},
      {R"({"trait":"a","op":"eq","value":1e999})", "condition"},
      {R"({"trait":"a","op":"eq","value":1,"extra":2})", "condition.extra"},
      {R"({"trait":"","op":"exists"})", "condition.trait"},
      {R"({"trait":"a..b","op":"exists"})", "condition.trait"},
      {R"({"trait":"a.","op":"exists"})", "condition.trait"},
      {R"({"trait":"a\\b","op":"exists"})", "condition.trait"},
      {R"({"trait":"a\\","op":"exists"})", "condition.trait"},
      {R"({"trait":")" + long_name + R"(","op":"exists"})", "condition.trait"},
      {R"({"trait":"a","op":"eq","value":")" + long_text + R"("})", "condition.value"},
      {R"({"event":7})", "condition.event"},
      {R"({"event":"A","count":3})", "condition.count"},
      {R"({"event":"A","count":{}})", "condition.count"},
      {R"({"event":"A","count":{"between":3}})", "condition.count.between"},
      {R"({"event":"A","count":{"gte":-1}})", "condition.count.gte"},
      {R"({"event":"A","count":{"gte":1.5}})", "condition.count.gte"},
      {R"({"event":"A","count":{"gte":"3"}})", "condition.count.gte"},
      {R"({"event":"A","count":{"gte":1000000001}})", "condition.count.gte"},
      {R"({"event":"A","count":{"gte":1,"gte":2}})", "condition.count.gte"},
      {R"({"event":"A","within":"0d"})", "condition.within"},
      {R"({"event":"A","within":90})", "condition.within"},
      {R"({"event":"A","within":"-1d"})", "condition.within"},
      {R"({"event":"A","within":"1y"})", "condition.within"},
      {R"({"event":"A","within":"200000d"})", "condition.within"},
      {R"({"event":"A","where":{}})", "condition.where"},
      {R"({"event":"A","where":[7]})", "condition.where[0]"},
      {R"({"event":"A","where":[{"op":"exists"}]})", "condition.where[0].property"},
      {R"({"event":"A","where":[{"property":"p","op":"x"}]})", "condition.where[0].op"},
      {R"({"event":"A","where":[{"property":"p","op":"eq","value":1,"z":1}]})",
       "condition.where[0].z"},
      {R"({"event":"A","window":"1d"})", "condition.window"},
      {R"({"trait":"a","op":"between","value":[1]})", "condition.value"},
      {R"({"trait":"a","op":"between","value":[1,"x"]})", "condition.value[1]"},
      {R"({"trait":"a","op":"starts_with","value":1})", "condition.value"},
      {R"({"trait":"a","op":"matches","value":"("})", "condition.value"},
      {R"({"trait":"a","op":"matches","value":"(a{1000}){1000}"})", "condition.value"},
      {R"({"trait":"a","op":"matches","value":"a","accent_insensitive":true})",
       "condition.accent_insensitive"},
      {R"({"trait":"a","op":"gt","value":1,"case_insensitive":true})",
       "condition.case_insensitive"},
      {R"({"trait":"a","op":"eq","value":"x","case_insensitive":1})", "condition.case_insensitive"},
      {R"({"trait":"a","op":"before","value":"soon"})", "condition.value"},
      {R"({"trait":"a","op":"within_last","value":"0d"})", "condition.value"},
      {R"({"trait":"a","op":"within_last","value":"7d","zone":"customer"})", "condition.zone"},
      {R"({"trait":"a","op":"anniversary_within_next","value":"36h"})", "condition.value"},
      {R"({"trait":"a","op":"anniversary_within_next","value":"367d"})", "condition.value"},
      {R"({"trait":"a","op":"in_period","value":"last_decade"})", "condition.value"},
      {R"({"trait":"a","op":"in_period","value":"last_day","zone":"mars"})", "condition.zone"},
      {R"({"event":[]})", "condition.event"},
      {R"({"event":["A","A"]})", "condition.event[1]"},
      {R"({"event":{"prefix":""}})", "condition.event.prefix"},
      {R"({"event":{"suffix":"A"}})", "condition.event.suffix"},
      {R"({"event":"A","within":"1d","older_than":"1d"})", "condition.older_than"},
      {R"({"event":"A","older_than":"0s"})", "condition.older_than"},
      {R"({"event":"A","between":["2026-01-02","2026-01-01"]})", "condition.between[1]"},
      {R"({"event":"A","between_ago":["1d","1d"]})", "condition.between_ago[1]"},
      {R"({"event":"A","in_period":"today"})", "condition.in_period"},
      {R"({"event":"A","zone":"customer"})", "condition.zone"},
      {R"({"event":"A","count":{"between":[3,2]}})", "condition.count.between[1]"},
      {R"({"event":"A","sum":{"property":"p"}})", "condition.sum"},
      {R"({"event":"A","sum":{"gte":1}})", "condition.sum.property"},
      {R"({"event":"A","sum":{"property":"p","gte":"1"}})", "condition.sum.gte"},
      {R"({"event":"A","sum":{"property":"p","gte":1e13}})", "condition.sum.gte"},
      {R"({"event":"A","first":{},"last":{}})", "condition.last"},
      {R"({"event":"A","count":{"gte":1},"first":{}})", "condition.first"},
      {R"({"sequence":[{"event":"A"}]})", "condition.sequence"},
      {R"({"sequence":[{"event":"A","max_gap":"1d"},{"event":"B"}]})",
       "condition.sequence[0].max_gap"},
      {R"({"sequence":[{"event":"A"},{"event":"B","max_gap":"0s"}]})",
       "condition.sequence[1].max_gap"},
      {R"({"event":"A","not_followed_by":{"event":"B"}})", "condition.not_followed_by.within"},
      {R"({"event":"A","count":{"gte":1},"not_followed_by":{"event":"B","within":"1d"}})",
       "condition.count"},
      {R"({"message":"read"})", "condition.message"},
      {R"({"message":"opened","campaign":""})", "condition.campaign"},
      {R"({"segment":"cmp_0000000000001"})", "condition.segment"},
      {R"({"list":"x"})", "condition.list"},
      {R"({"topic":""})", "condition.topic"},
      {R"({"topic":"a","subscribed":"yes"})", "condition.subscribed"},
      {R"({"location":"home"})", "condition"},
      {R"({"location":"home","near":{"lat":91,"lon":0,"km":1}})", "condition.near.lat"},
      {R"({"location":"home","near":{"lat":1,"lon":0,"km":0}})", "condition.near.km"},
      {R"({"location":"home","inside":[{"lat":1,"lon":2}]})", "condition.inside"},
      {R"({"bucket":{"salt":"","from":0,"to":1}})", "condition.bucket.salt"},
      {R"({"bucket":{"salt":"s","from":5,"to":5}})", "condition.bucket.to"},
      {R"({"bucket":{"salt":"s","from":0,"to":0.001}})", "condition.bucket.to"},
      {R"({"all":[{"any":[{"not":{"event":"A","within":"x"}}]}]})",
       "condition.all[0].any[0].not.within"},
  };
  for (const Case& c : cases) {
    try {
      parse_condition(c.json);
      ADD_FAILURE() << "accepted " << c.json;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument) << c.json;
      ASSERT_EQ(error.fields().size(), 1u) << c.json;
      EXPECT_EQ(error.fields()[0].field, c.field) << c.json;
    }
  }
}

std::string nested(size_t depth, const std::string& leaf) {
  std::string out = leaf;
  for (size_t i = 1; i < depth; ++i)
    out = i % 2 ? R"({"all":[)" + out + "]}" : R"({"not":)" + out + "}";
  return out;
}

std::string many(size_t count, const std::string& item) {
  std::string out;
  for (size_t i = 0; i < count; ++i) out += (i ? "," : "") + item;
  return out;
}

TEST(Condition, BoundsDepthPartsAndValues) {
  const std::string leaf = R"({"event":"A","where":[{"property":"p","op":"in","value":[1,2]}]})";
  EXPECT_NO_THROW(parse_condition(nested(limits::kMaxConditionDepth, leaf)));
  EXPECT_THROW(parse_condition(nested(limits::kMaxConditionDepth + 1, leaf)), Error);
  EXPECT_THROW(parse_condition(std::string(100'000, '[')), Error);
  std::string all_the_way = R"({"event":"A"})";
  for (int i = 0; i < 10'000; ++i) all_the_way = R"({"all":[)" + all_the_way + "]}";
  EXPECT_THROW(parse_condition(all_the_way), Error);

  const auto list = [&](size_t n) { return R"({"all":[)" + many(n, R"({"event":"A"})") + "]}"; };
  EXPECT_NO_THROW(parse_condition(list(limits::kMaxConditionNodes - 1)));
  EXPECT_THROW(parse_condition(list(limits::kMaxConditionNodes)), Error);

  const auto in = [&](size_t n) {
    return R"({"trait":"a","op":"in","value":[)" + many(n, "1") + "]}";
  };
  EXPECT_NO_THROW(parse_condition(in(limits::kMaxConditionValues)));
  EXPECT_THROW(parse_condition(in(limits::kMaxConditionValues + 1)), Error);
}

TEST(Condition, KnowsWhatHoldsForNothing) {
  struct Case {
    std::string_view json;
    bool holds;
  };
  const Case cases[] = {
      {R"({"all":[]})", true},
      {R"({"trait":"a","op":"eq","value":1})", false},
      {R"({"trait":"a","op":"ne","value":1})", true},
      {R"({"trait":"a","op":"not_exists"})", true},
      {R"({"event":"A"})", false},
      {R"({"event":"A","count":{"lt":3}})", true},
      {R"({"event":"A","count":{"eq":0}})", true},
      {R"({"event":"A","count":{"ne":0}})", false},
      {R"({"not":{"event":"A"}})", true},
      {R"({"all":[{"event":"A"},{"not":{"event":"B"}}]})", false},
      {R"({"any":[{"event":"A"},{"not":{"event":"B"}}]})", true},
  };
  for (const Case& c : cases)
    EXPECT_EQ(holds_for_nothing(parse_condition(c.json)), c.holds) << c.json;
}

}  // namespace
}  // namespace rapport
