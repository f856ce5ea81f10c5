#include "segments/condition_generator.h"

#include <gtest/gtest.h>

namespace rapport::segments_test {
namespace {

constexpr std::string_view kEvents[] = {"A", "B", "C", "AB"};
constexpr std::string_view kMessages[] = {"Message Sent", "Message Opened"};
constexpr std::string_view kStanding[] = {"List Added",        "List Removed", "Consent Given",
                                          "Consent Withdrawn", "Unsubscribed", "Consent Given"};
constexpr std::string_view kTraits[] = {"p", "q", "born", "home", "timezone", "time_zone"};

}  // namespace

Timestamp Generator::time() {
  // Half days, single hours and the edges of windows, so that ends meet.
  return now_ - std::chrono::hours(24) * int64_t(random_.below(12)) +
         std::chrono::hours(12) * int64_t(random_.below(3)) +
         std::chrono::hours(chance(20) ? int64_t(random_.below(24)) : 0);
}

std::string_view Generator::zone() {
  return one_of({"UTC", "Asia/Ho_Chi_Minh", "America/New_York", "Europe/London",
                 "Pacific/Kiritimati", "Pacific/Pago_Pago", "America/Havana", "Asia/Kathmandu"});
}

std::string Generator::value() {
  static const std::string_view kValues[] = {R"("VN")",
                                             R"("vn")",
                                             R"("Đà Nẵng")",
                                             R"("da nang")",
                                             R"("")",
                                             "42",
                                             R"("42")",
                                             "42.0",
                                             R"("042")",
                                             "-7.5",
                                             "0",
                                             R"("-0")",
                                             "0.1",
                                             "0.2",
                                             "1e300",
                                             "12345678901234567",
                                             "true",
                                             "false",
                                             R"("true")",
                                             "null",
                                             "[]",
                                             "{}",
                                             R"(["VN",42,true,null,"42",["VN"]])",
                                             R"(["vn","Đà Nẵng"])",
                                             R"({"city":"Hà Nội","zip":null,"n":[1,{"k":"VN"}]})",
                                             R"({"city":"VN","a.b":42,"a/b~c":true})",
                                             R"("a\"b\\")",
                                             R"("x\u0000y")",
                                             R"("\u00e9")",
                                             R"("2026-02-25")",
                                             R"("2026-02-25T00:00:00.000Z")",
                                             R"("2026-02-25T07:00:00+07:00")",
                                             R"("2026-02-30")",
                                             R"("2026-02-24 23:59:60")",
                                             "{bad",
                                             R"("\ud800")",
                                             " 42 "};
  return chance(15) ? date() : std::string(pick(kValues));
}

std::string Generator::date() {
  if (chance(10)) return R"("1996-02-29")";
  const Timestamp t = time() + std::chrono::hours(24) * (int64_t(random_.below(14)) - 7) -
                      std::chrono::hours(24) * 365 * int64_t(chance(30) ? 0 : random_.below(3));
  const std::string text = format_timestamp(t);
  return "\"" + (chance(60) ? text.substr(0, 10) : text) + "\"";
}

std::string Generator::location() {
  const double lat = 10 + double(random_.below(8)) / 4;
  const double lon = 106 + double(random_.below(8)) / 4;
  switch (random_.below(4)) {
    case 0:
      return fmt::format(R"({{"latitude":"{}","lng":{}}})", lat, lon);
    case 1:
      return fmt::format(R"({{"type":"Point","coordinates":[{},{}]}})", lon, lat);
    case 2:
      return fmt::format(R"("{}, {}")", lat, lon);
    default:
      return fmt::format(R"({{"lat":{},"lon":{}}})", lat, chance(90) ? lon : 999.0);
  }
}

std::string Generator::properties(std::string_view name) {
  if (name.starts_with("Message")) {
    return fmt::format(R"({{"campaign_id":"{}","channel":"{}","topic_id":"{}"}})",
                       one_of({"cmp_0000000000001", "cmp_0000000000002"}), one_of({"email", "sms"}),
                       one_of({"top_1", "top_2"}));
  }
  if (name.starts_with("List")) {
    return fmt::format(R"({{"list_id":"{}"}})", one_of({"lst_0000000000001", "lst_0000000000002"}));
  }
  if (name.starts_with("Consent") || name == "Unsubscribed") {
    const std::string_view channel = one_of({R"("")", R"("email")", R"("sms")"});
    if (name == "Unsubscribed" && chance(50)) return fmt::format(R"({{"channel":{}}})", channel);
    return fmt::format(R"({{"topic_id":"{}","channel":{}}})",
                       one_of({"top_1", "top_1", "top_2", "all"}), channel);
  }
  return fmt::format(R"({{"p":{},"q":{}}})", value(), chance(50) ? value() : "1.5");
}

std::optional<TopicFacts> Generator::topic() {
  if (chance(20)) return std::nullopt;
  static const std::vector<std::string> kChannels[] = {{"email"}, {"email", "sms"}, {"push"}};
  static const TopicKind kKinds[] = {TopicKind::kOptIn, TopicKind::kOptOut, TopicKind::kOptOut,
                                     TopicKind::kAlways};
  return TopicFacts{pick(kKinds), pick(kChannels)};
}

std::string Generator::trait_value(std::string_view name) {
  if (chance(8)) return "null";
  if (name == "born") return date();
  if (name == "home") return location();
  if (name == "timezone" || name == "time_zone") {
    return chance(80) ? fmt::format("\"{}\"", zone()) : R"("Mars/Olympus")";
  }
  return value();
}

History Generator::history(WorkspaceId workspace) {
  History h{workspace, {}, {}, {}, {}};
  const uint64_t customers = 4 + random_.below(16);
  for (uint64_t id = 1; id <= customers; ++id) h.created[{id}] = time();
  for (uint64_t id = 2; id <= customers; ++id) {
    // Path-compressed, as identity resolution keeps it: a survivor is never merged itself.
    const CustomerId survivor{1 + random_.below(id - 1)};
    if (chance(25) && h.root(survivor) == survivor) h.successors[{id}] = survivor;
  }
  const auto customer = [&] { return CustomerId{1 + random_.below(customers)}; };
  for (uint64_t n = 40 + random_.below(120); n > 0; --n) {
    const std::string_view name = chance(75)   ? pick(kEvents)
                                  : chance(50) ? pick(kMessages)
                                               : pick(kStanding);
    const bool own = chance(name.find(' ') == std::string_view::npos ? 10 : 75);
    h.events.push_back({customer(), time(), std::string(name), properties(name), own});
  }
  for (uint64_t n = 20 + random_.below(80); n > 0; --n) {
    const std::string_view name = pick(kTraits);
    h.traits.push_back({customer(), time(), std::string(name), trait_value(name)});
  }
  return h;
}

std::string Generator::path(std::initializer_list<std::string_view> choices) {
  static const std::string_view kTails[] = {"",   "",       "",          "",       ".city", ".zip",
                                            ".0", ".n.1.k", R"(.a\\.b)", ".a/b~c", ".5"};
  return fmt::format(R"("{}{}")", one_of(choices), pick(kTails));
}

std::string Generator::literal(bool with_booleans) {
  static const std::string_view kLiterals[] = {
      R"("VN")",       R"("")",       R"("42")", R"("2026-02-25")",   R"("2026-02-25T00:00:00Z")",
      R"("x\u0000y")", R"("a\"b\\")", R"("é")",  R"("DA NANG")",      "42",
      "-7.5",          "0",           "1e300",   "12345678901234567", "true",
      "false"};
  return std::string(kLiterals[random_.below(std::size(kLiterals) - (with_booleans ? 0 : 2))]);
}

std::string Generator::duration() {
  return std::string(one_of({"1d", "12h", "36h", "2d", "5d", "1w", "30d"}));
}

std::string Generator::date_test() {
  const std::string zone = chance(50) ? R"(,"zone":"customer")" : "";
  switch (random_.below(4)) {
    case 0:
      return fmt::format(R"("op":"{}","value":{})", one_of({"before", "after"}),
                         one_of({R"("2026-02-25")", R"("2026-03-08T06:30:00Z")"}));
    case 1:
      return fmt::format(R"("op":"{}","value":"{}")",
                         one_of({"within_last", "not_within_last", "within_next"}), duration());
    case 2:
      return fmt::format(R"("op":"{}","value":"{}d"{})",
                         one_of({"anniversary_within_next", "anniversary_within_last"}),
                         one_of({"1", "3", "7", "30", "366"}), zone);
    default:
      return fmt::format(R"("op":"in_period","value":"{}_{}"{})", one_of({"this", "last", "next"}),
                         one_of({"day", "week", "month", "quarter", "year"}), zone);
  }
}

std::string Generator::text_test() {
  const std::string fold =
      std::string(one_of({"", R"(,"case_insensitive":true)", R"(,"accent_insensitive":true)",
                          R"(,"case_insensitive":true,"accent_insensitive":true)"}));
  switch (random_.below(4)) {
    case 0:
      return fmt::format(R"("op":"matches","value":"{}"{})", one_of({"^V", "[0-9]+$", "n.n", "a*"}),
                         one_of({"", R"(,"case_insensitive":true)"}));
    case 1:
      return fmt::format(R"("op":"{}","value":{}{})", one_of({"starts_with", "ends_with"}),
                         one_of({R"("V")", R"("da")", R"("Nẵng")", R"("")"}), fold);
    case 2:
      return fmt::format(R"("op":"{}","value":{}{})",
                         one_of({"eq", "ne", "contains", "not_contains", "includes"}),
                         literal(true), fold);
    default:
      return fmt::format(R"("op":"{}","value":[{},{}]{})",
                         one_of({"in", "not_in", "includes_any", "includes_all"}), literal(true),
                         literal(true), fold);
  }
}

std::string Generator::test() {
  const uint64_t form = random_.below(10);
  if (form < 2) return date_test();
  if (form < 5) return text_test();
  if (form == 5) {
    return chance(50) ? R"("op":"between","value":[-8,42])"
                      : R"("op":"between","value":["2026-02-20","2026-03-05"])";
  }
  const std::string_view op = one_of({"eq", "ne", "gt", "gte", "lt", "lte", "contains",
                                      "not_contains", "exists", "not_exists", "includes"});
  if (op.ends_with("exists")) return fmt::format(R"("op":"{}")", op);
  const bool ordering = op[0] == 'g' || op[0] == 'l';
  return fmt::format(R"("op":"{}","value":{})", op, literal(!ordering));
}

std::string Generator::where() {
  std::string out = fmt::format(R"("where":[{{"property":{},{}}})", path({"p", "q", "r"}), test());
  if (chance(30)) out += fmt::format(R"(,{{"property":{},{}}})", path({"p", "q"}), test());
  return out + "]";
}

std::string Generator::names() {
  return std::string(one_of({R"("A")", R"("B")", R"("C")", R"(["A","C"])", R"({"prefix":"A"})"}));
}

std::string Generator::window() {
  const std::string zone = chance(50) ? R"(,"zone":"customer")" : "";
  switch (random_.below(9)) {
    case 0:
    case 1:
    case 2:
      return fmt::format(R"(,"within":"{}")", duration());
    case 3:
      return fmt::format(R"(,"older_than":"{}")", one_of({"1d", "36h", "3d"}));
    case 4:
      return R"(,"between":["2026-02-25","2026-03-07T12:00:00Z"])";
    case 5:
      return fmt::format(R"(,"between_ago":["{}","{}"])", one_of({"5d", "1w", "30d"}),
                         one_of({"1d", "36h", "2d"}));
    case 6:
      return fmt::format(R"(,"in_period":"{}_{}"{})", one_of({"this", "last", "next"}),
                         one_of({"day", "week", "month", "quarter", "year"}), zone);
    default:
      return "";
  }
}

std::string Generator::count() {
  return std::string(
      one_of({"", "", R"(,"count":{"gte":2})", R"(,"count":{"eq":0})", R"(,"count":{"lt":3})",
              R"(,"count":{"ne":1})", R"(,"count":{"gte":1,"lte":2})",
              R"(,"count":{"between":[0,2]})", R"(,"count":{"between":[2,4]})"}));
}

std::string Generator::numbers() {
  return fmt::format(R"(,"{}":{{"property":"{}","{}":{}}})",
                     one_of({"sum", "avg", "min", "max", "distinct"}), one_of({"p", "q", "r"}),
                     one_of({"eq", "ne", "gt", "gte", "lt", "lte"}),
                     one_of({"0", "1.5", "2", "3", "42", "0.3"}));
}

std::string Generator::event() {
  std::string out = fmt::format(R"({{"event":{})", names());
  if (chance(50)) out += "," + where();
  out += window();
  switch (random_.below(6)) {
    case 0: {
      std::string inner = window();
      if (!inner.empty()) inner.erase(0, 1);
      if (inner.empty() || chance(40)) inner += (inner.empty() ? "" : ",") + where();
      out += fmt::format(R"(,"{}":{{{}}})", one_of({"first", "last"}), inner);
      break;
    }
    case 1:
      out += fmt::format(R"(,"not_followed_by":{{"event":{},"within":"{}"{}}})", names(),
                         one_of({"1d", "36h", "3d"}), chance(40) ? "," + where() : "");
      break;
    case 2:
      out += numbers() + (chance(30) ? count() : "");
      break;
    default:
      out += count();
  }
  return out + "}";
}

std::string Generator::sequence() {
  std::string steps;
  const uint64_t length = 2 + random_.below(2);
  for (uint64_t i = 0; i < length; ++i) {
    steps += fmt::format(R"({}{{"event":{}{})", i == 0 ? "" : ",", names(),
                         chance(25) ? "," + where() : "");
    if (i > 0 && chance(40)) steps += fmt::format(R"(,"max_gap":"{}")", duration());
    if (i > 0 && chance(40)) {
      steps +=
          fmt::format(R"(,"without":{{"event":{}{}}})", names(), chance(30) ? "," + where() : "");
    }
    steps += "}";
  }
  return fmt::format(R"({{"sequence":[{}]{}}})", steps, window());
}

std::string Generator::relation() {
  switch (random_.below(6)) {
    case 0:
      return fmt::format(R"({{"message":"{}"{}{}{}{}}})", one_of({"sent", "opened"}),
                         one_of({"", R"(,"campaign":"cmp_0000000000001")"}),
                         one_of({"", R"(,"channel":"sms")"}), count(), window());
    case 1:
      return R"({"list":"lst_0000000000001"})";
    case 2:
      return fmt::format(R"({{"topic":"top_1"{},"subscribed":{}}})",
                         one_of({"", R"(,"channel":"email")"}), one_of({"true", "false"}));
    case 3:
      return fmt::format(R"({{"location":"home","near":{{"lat":10.8,"lon":106.7,"km":{}}}}})",
                         one_of({"30", "70", "150"}));
    case 4:
      return R"({"location":"home","inside":[{"lat":9.9,"lon":105.9},{"lat":9.9,"lon":107.1},)"
             R"({"lat":11.3,"lon":107.1},{"lat":11.1,"lon":105.9}]})";
    default:
      return fmt::format(R"({{"bucket":{{"salt":"{}","from":{},"to":{}}}}})", one_of({"a", "b"}),
                         one_of({"0", "12.5"}), one_of({"50", "75.25"}));
  }
}

std::string Generator::leaf() {
  switch (random_.below(8)) {
    case 0:
    case 1:
      return fmt::format(R"({{"trait":{},{}}})", path({"p", "q", "utm"}), test());
    case 2:
      return fmt::format(R"({{"trait":"born",{}}})", date_test());
    case 3:
      return relation();
    case 4:
      return sequence();
    default:
      return event();
  }
}

std::string Generator::condition(int depth) {
  const uint64_t form = random_.below(depth > 0 ? 10 : 5);
  if (form < 5) return leaf();
  if (form == 5) return fmt::format(R"({{"not":{}}})", condition(depth - 1));
  std::string children;
  for (uint64_t n = 1 + random_.below(3); n > 0; --n) {
    children += (children.empty() ? "" : ",") + condition(depth - 1);
  }
  return fmt::format(R"({{"{}":[{}]}})", form < 8 ? "all" : "any", children);
}

TEST(ConditionGenerator, RepeatsItself) {
  const Timestamp now = from_micros(1'772'000'000'000'000);
  Generator a(7, now);
  Generator b(7, now);
  EXPECT_EQ(a.history({1}).events.size(), b.history({1}).events.size());
  for (int i = 0; i < 50; ++i) EXPECT_EQ(a.condition(3), b.condition(3));
}

}  // namespace rapport::segments_test
