#include "segments/condition_sentence.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace rapport {
namespace {

constexpr auto kEnglish = SentenceLanguage::kEnglish;

TEST(ConditionSentence, ReadsInEnglish) {
  struct Case {
    std::string_view condition;
    std::string_view sentence;
  };
  const Case cases[] = {
      {R"({"all":[]})", "everyone"},
      {R"({"trait":"country","op":"eq","value":"VN"})", "“country” is “VN”"},
      {R"({"event":"Order Completed","count":{"gte":3},"within":"90d","where":[{"property":"total","op":"gte","value":50}]})",
       "did at least 3 times “Order Completed” in the last 90 days where “total” is at least 50"},
      {R"({"all":[{"event":"A"},{"any":[{"event":"B"},{"not":{"event":"C","within":"1d"}}]}]})",
       "did “A” and (did “B” or not (did “C” in the last 1 day))"},
      {R"({"event":"A","sum":{"property":"total","gte":1000},"within":"365d"})",
       "the sum of “total” over “A” in the last 365 days ≥ 1000"},
      {R"({"event":"A","last":{"older_than":"90d"}})", "the last “A” was more than 90 days ago"},
      {R"({"sequence":[{"event":"A"},{"event":"B","max_gap":"1d"}],"within":"7d"})",
       "did in this order: “A”, then “B” within 1 day in the last 7 days"},
      {R"({"event":"A","within":"7d","not_followed_by":{"event":"B","within":"2d"}})",
       "did “A” in the last 7 days and then not “B” within 2 days"},
      {R"({"trait":"birthday","op":"anniversary_within_next","value":"7d","zone":"customer"})",
       "the yearly day of “birthday” is within 7 days in the customer's time zone from today on"},
      {R"({"bucket":{"salt":"x","from":0,"to":12.5}})", "is in the 0–12.5 percent bucket of “x”"},
      {R"({"segment":"seg_0000000000001"})", "is in segment “seg_0000000000001”"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(sentence_of(parse_condition(c.condition), kEnglish), c.sentence);
  }
  EXPECT_EQ(sentence_of(parse_condition(R"({"segment":"seg_0000000000001"})"), kEnglish,
                        [](SegmentId) { return "Buyers"; }),
            "is in segment “Buyers”");
}

TEST(ConditionSentence, HasEveryFormInEveryLanguage) {
  const std::string_view forms[] = {
      R"({"event":["A","B"],"between_ago":["60d","30d"],"count":{"between":[1,2]}})",
      R"({"event":{"prefix":"A"},"avg":{"property":"p","between":[1,2]}})",
      R"({"event":"A","first":{"in_period":"last_month","zone":"customer"}})",
      R"({"message":"opened","campaign":"c","journey":"j","channel":"sms","topic":"t","within":"1h"})",
      R"({"list":"lst_0000000000001"})",
      R"({"topic":"news","subscribed":false})",
      R"({"location":"home","near":{"lat":1,"lon":2,"km":3}})",
      R"({"location":"home","inside":[{"lat":1,"lon":2},{"lat":3,"lon":4},{"lat":5,"lon":2.5}]})",
      R"({"trait":"a","op":"in","value":["x",2,true,"y","z","w"],"case_insensitive":true})",
      R"({"not":{"trait":"d","op":"in_period","value":"next_week"}})",
      R"({"sequence":[{"event":"A"},{"event":"B","without":{"event":"X"}}],"older_than":"90s"})",
  };
  for (const std::string_view form : forms) {
    std::vector<std::string> seen;
    for (int i = 0; i < 4; ++i) {
      const auto sentence = sentence_of(parse_condition(form), static_cast<SentenceLanguage>(i));
      EXPECT_FALSE(sentence.empty());
      EXPECT_EQ(sentence.find('{'), std::string::npos) << sentence;
      EXPECT_EQ(std::count(seen.begin(), seen.end(), sentence), 0) << sentence;
      seen.push_back(sentence);
    }
  }
}

TEST(ConditionSentence, ChoosesTheLanguage) {
  EXPECT_EQ(choose_language("vi", "en"), SentenceLanguage::kVietnamese);
  EXPECT_EQ(choose_language("", "fr, zh-TW;q=0.9, en"), SentenceLanguage::kTraditionalChinese);
  EXPECT_EQ(choose_language("", "zh-CN"), SentenceLanguage::kSimplifiedChinese);
  EXPECT_EQ(choose_language("zh-Hant", ""), SentenceLanguage::kTraditionalChinese);
  EXPECT_EQ(choose_language("", ""), kEnglish);
}

}  // namespace
}  // namespace rapport
