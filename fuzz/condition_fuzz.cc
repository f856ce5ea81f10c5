// The condition parser and compiler on any bytes: a condition is refused with a field, or is
// written back to the same text, said in every language, and compiled to SQL made of nothing but
// the compiler's own words: each word of it occurs in the SQL of a few fixed conditions, which hold
// every form. What a person wrote is in the parameters only.
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "segments/condition.h"
#include "segments/condition_sentence.h"
#include "segments/condition_sql.h"

namespace {

using namespace rapport;

void require(bool held) {
  if (!held) std::abort();
}

CompiledCondition compiled(const Condition& condition, bool as_of) {
  static const TimeZone utc;
  const Timestamp at = from_micros(1'772'366'400'000'000);
  return compile_condition(WorkspaceId{1}, condition, as_of ? Moment::as_of(at) : Moment::live(at),
                           utc);
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/// Runs of letters, and single other characters; digits are left out, as columns are numbered.
std::set<std::string> words_of(std::string_view sql) {
  std::set<std::string> out;
  std::string word;
  for (const char c : sql) {
    if (is_word(c)) {
      word += c;
      continue;
    }
    if (!word.empty()) out.insert(std::exchange(word, {}));
    if (c < '0' || c > '9') out.insert(std::string(1, c));
  }
  if (!word.empty()) out.insert(word);
  return out;
}

const std::set<std::string>& own_words() {
  static const std::set<std::string> words = [] {
    std::set<std::string> out;
    for (
        const std::string_view form :
        {R"({"all":[{"any":[{"not":{"event":"a"}},{"event":["a","b"]},{"event":{"prefix":"a"}}]}]})",
         R"({"all":[]})", R"({"not":{"any":[{"trait":"a","op":"ne","value":"x"}]}})",
         R"({"all":[{"trait":"a.b","op":"in","value":["x",1,true,false,"2026-01-01"]},{"trait":"a","op":"exists"},{"trait":"a","op":"between","value":[1,2]},{"trait":"a","op":"starts_with","value":"x"},{"trait":"a","op":"ends_with","value":"x"},{"trait":"a","op":"contains","value":"x"},{"trait":"a","op":"gt","value":1},{"trait":"a","op":"lte","value":"x"},{"trait":"a","op":"before","value":"2026-01-01"},{"trait":"a","op":"within_next","value":"1d"},{"trait":"a","op":"gte","value":1},{"trait":"a","op":"lt","value":1}]})",
         R"({"trait":"a","op":"in_period","value":"this_day","zone":"customer"})",
         R"({"event":"a","count":{"eq":0,"ne":3,"between":[0,9]},"within":"1d","where":[{"property":"p","op":"not_in","value":["x"]},{"property":"p","op":"matches","value":"x"}]})",
         R"({"event":"a","sum":{"property":"p","gt":1},"avg":{"property":"p","between":[1,2]},"min":{"property":"p","lte":1},"max":{"property":"p","ne":1},"distinct":{"property":"p","lt":1}})",
         R"({"event":"a","last":{"in_period":"this_day","zone":"customer"}})",
         R"({"event":"a","first":{"between":["2026-01-01","2026-01-02"],"where":[{"property":"p","op":"exists"}]}})",
         R"({"event":"a","not_followed_by":{"event":"b","within":"1d"}})",
         R"({"sequence":[{"event":"a"},{"event":{"prefix":"b"},"without":{"event":["x","y"]}}]})",
         R"({"topic":"t","subscribed":false})", R"({"topic":"t"})",
         R"({"location":"l","near":{"lat":1,"lon":1,"km":1}})",
         R"({"bucket":{"salt":"s","from":0,"to":1}})"}) {
      for (const bool as_of : {true, false}) {
        out.merge(words_of(compiled(parse_condition(form), as_of).sql));
      }
    }
    return out;
  }();
  return words;
}

bool names_segments(const Condition& condition) {
  return to_json(condition).find(R"({"segment":)") != std::string::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  try {
    const Condition condition = parse_condition(input);
    const std::string canonical = to_json(condition);
    require(to_json(parse_condition(canonical)) == canonical);
    for (int language = 0; language < 4; ++language) {
      require(!sentence_of(condition, static_cast<SentenceLanguage>(language)).empty());
    }
    if (names_segments(condition)) return 0;  // only a resolved one is compiled
    for (const bool as_of : {true, false}) {
      for (const std::string& word : words_of(compiled(condition, as_of).sql)) {
        require(own_words().count(word) == 1);
      }
    }
  } catch (const Error& error) {
    require(error.code() == ErrorCode::kInvalidArgument && error.fields().size() == 1);
    require(error.fields().front().field.starts_with("condition"));
  }
  return 0;
}
