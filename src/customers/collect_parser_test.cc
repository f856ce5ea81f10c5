#include "customers/collect_parser.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "base/text.h"
#include "storage/storage_test_util.h"
#include "stream/payload.h"

namespace rapport {
namespace {

constexpr Timestamp kReceived = from_micros(1'770'000'000'000'000);  // 2026-02-02T02:40:00Z

std::optional<WorkspaceId> resolve(std::string_view key) {
  if (key == "wk_good") return WorkspaceId{7};
  if (key == "wk_other") return WorkspaceId{8};
  return std::nullopt;
}

class CollectParserTest : public testing::Test {
 protected:
  CollectResult parse(std::string_view body, std::optional<EventType> type = std::nullopt) {
    source_.type = type;
    return parser_.parse(body, source_, resolve, random_);
  }
  CollectResult batch(const std::string& items, const std::string& more = "") {
    return parse(R"({"batch":[)" + items + "]" + more + "}");
  }
  /// The event of a batch of one, which must be good.
  Event good(const std::string& item, const std::string& more = "") {
    result_ = batch(item, more);
    EXPECT_EQ(result_.good, 1u) << item;
    if (result_.good != 1) return {};
    return decode_event(result_.events[0].record);
  }
  /// "field: reason" of a batch of one, which must be refused.
  std::string refusal(const std::string& item) {
    result_ = batch(item);
    if (result_.rejections.size() != 1 || result_.good != 0) return "accepted";
    return result_.rejections[0].field + ": " + result_.rejections[0].reason;
  }

  CollectSource source_ = [] {
    CollectSource source;
    source.received_at = kReceived;
    source.header_key = "wk_good";
    return source;
  }();
  SeededRandom random_{1};
  CollectParser parser_;
  CollectResult result_;
};

TEST_F(CollectParserTest, FindsTheKeyWhereverItIs) {
  struct Case {
    std::string_view header, body;
    bool single;
    std::optional<uint64_t> workspace;
  };
  const Case cases[]{
      {"wk_good", R"({"userId":"u","event":"E"})", true, 7},
      {"", R"({"writeKey":"wk_good","userId":"u","event":"E"})", true, 7},
      {"wk_other", R"({"writeKey":"wk_good","userId":"u","event":"E"})", true, 8},
      {"wk_wrong", R"({"writeKey":"wk_good","userId":"u","event":"E"})", true, 7},
      {"wk_wrong", R"({"userId":"u","event":"E"})", true, std::nullopt},
      {"", R"({"writeKey":"wk_wrong","userId":"u","event":"E"})", true, std::nullopt},
      {"", R"({"writeKey":"wk_good","batch":[]})", false, 7},
      {"", R"({"batch":[{"writeKey":"wk_good"}]})", false, 7},
      {"", R"({"writeKey":"wk_wrong","batch":[{"writeKey":"wk_good"}]})", false, 7},
      {"", R"({"batch":[{"writeKey":"wk_wrong"}]})", false, std::nullopt},
  };
  for (const Case& c : cases) {
    source_.header_key = c.header;
    const auto result = parse(c.body, c.single ? std::optional(EventType::kTrack) : std::nullopt);
    EXPECT_EQ(result.known_key, c.workspace.has_value()) << c.body;
    if (!c.workspace) {
      EXPECT_TRUE(result.events.empty()) << c.body;
    }
    if (c.workspace && c.single) {
      EXPECT_EQ(decode_event(result.events.at(0).record).workspace.value, *c.workspace);
    }
  }
  source_.header_key = "";
  for (const std::string_view body : {R"({"batch":[]})", R"({"batch":[{"userId":"u"}]})",
                                      R"({"batch":[1]})", R"({"writeKey":null,"batch":[]})"}) {
    EXPECT_EQ(code_of([&] { parse(body); }), ErrorCode::kInvalidArgument) << body;
  }
}

TEST_F(CollectParserTest, BodiesThatAreNone) {
  for (const std::string_view body :
       {"", " ", "[]", "1", "null", "\"x\"", "{", R"({"batch":[})", "{}{}", "{\"a\":\"\xC3\"}",
        R"({"batch":{}})", R"({"batch":null})", R"({})", R"({"batch":"x"})"}) {
    EXPECT_EQ(code_of([&] { parse(body); }), ErrorCode::kInvalidArgument) << body;
  }
}

TEST_F(CollectParserTest, RequiredFieldsOfEveryType) {
  const std::string ids = R"("userId":"u","anonymousId":"a")";
  const std::pair<std::string, std::string> cases[]{
      {R"({"type":"track",)" + ids + R"(,"event":"E"})", "accepted"},
      {R"({"type":"track","userId":"u","event":"E"})", "accepted"},
      {R"({"type":"track","anonymousId":"a","event":"E"})", "accepted"},
      {R"({"type":"track","userId":null,"anonymousId":"a","event":"E"})", "accepted"},
      {R"({"type":"track","userId":7,"event":"E"})", "accepted"},
      {R"({"type":"track","userId":"u","event":7})", "accepted"},
      {R"({"type":"track","userId":"u"})", "event: is required"},
      {R"({"type":"track","userId":"u","event":""})", "event: is required"},
      {R"({"type":"track","userId":"u","event":null})", "event: is required"},
      {R"({"type":"track","event":"E"})", "userId: userId or anonymousId is required"},
      {R"({"type":"track","userId":"","anonymousId":"","event":"E"})",
       "userId: userId or anonymousId is required"},
      {R"({"type":"track","userId":"  ","event":"E"})",
       "userId: userId or anonymousId is required"},
      {R"({"type":"track","userId":{},"event":"E"})", "userId: userId or anonymousId is required"},
      {R"({"type":"track","userId":true,"event":"E"})",
       "userId: userId or anonymousId is required"},
      {R"({"type":"identify","userId":"u"})", "accepted"},
      {R"({"type":"identify"})", "userId: userId or anonymousId is required"},
      {R"({"type":"page","anonymousId":"a"})", "accepted"},
      {R"({"type":"screen","anonymousId":"a","name":"Home"})", "accepted"},
      {R"({"type":"group","userId":"u","groupId":"g"})", "accepted"},
      {R"({"type":"group","userId":"u","groupId":5})", "accepted"},
      {R"({"type":"group","userId":"u"})", "groupId: is required"},
      {R"({"type":"group","userId":"u","groupId":""})", "groupId: is required"},
      {R"({"type":"group","groupId":"g"})", "userId: userId or anonymousId is required"},
      {R"({"type":"alias","userId":"u","previousId":"a"})", "accepted"},
      {R"({"type":"alias","userId":"u"})", "previousId: is required"},
      {R"({"type":"alias","previousId":"a"})", "userId: is required"},
      {R"({"type":"alias","anonymousId":"x","previousId":"a"})", "userId: is required"},
      {R"({"userId":"u","event":"E"})",
       "type: must be one of track, identify, page, screen, group, alias"},
      {R"({"type":"Track","userId":"u","event":"E"})",
       "type: must be one of track, identify, page, screen, group, alias"},
      {R"({"type":"rejected","userId":"u","event":"E"})",
       "type: must be one of track, identify, page, screen, group, alias"},
      {"1", ": must be an object"},
      {"null", ": must be an object"},
      {"[]", ": must be an object"},
      {R"("text")", ": must be an object"},
      {R"({"type":"track","userId":"u","event":"E","properties":[]})",
       "properties: must be an object"},
      {R"({"type":"track","userId":"u","event":"E","properties":null})", "accepted"},
      {R"({"type":"identify","userId":"u","traits":"x"})", "traits: must be an object"},
      {R"({"type":"track","userId":"u","event":"E","context":1})", "context: must be an object"},
      {R"({"type":"track","userId":"u","event":"E","integrations":1,"_metadata":{"a":[]}})",
       "accepted"},
      {R"({"type":"track","userId":"u","event":"E","timestamp":"yesterday"})",
       "timestamp: is not an ISO 8601 time"},
      {R"({"type":"track","userId":"u","event":"E","timestamp":{}})",
       "timestamp: is not an ISO 8601 time"},
      {R"({"type":"track","userId":"u","event":"E","sentAt":"x"})",
       "sentAt: is not an ISO 8601 time"},
      {R"({"type":"track","userId":"u","event":"E","timestamp":null})", "accepted"},
  };
  for (const auto& [item, expected] : cases) EXPECT_EQ(refusal(item), expected) << item;
}

TEST_F(CollectParserTest, IdsAreTexts) {
  const Event event =
      good(R"({"type":"track","userId":12345678901,"anonymousId":1.5,"messageId":42,"event":"E"})");
  EXPECT_EQ(event.user_id, "12345678901");
  EXPECT_EQ(event.anonymous_id, "1.5");
  EXPECT_EQ(event.message_id, "42");
  EXPECT_EQ(good(R"({"type":"track","userId":null,"anonymousId":"a","event":"E"})").user_id, "");
  const Event group = good(R"({"type":"group","userId":"u","groupId":9})");
  EXPECT_EQ(group.related_id, "9");
}

TEST_F(CollectParserTest, TheRouteNamesTheTypeOfASingleEvent) {
  const auto result = parse(R"({"type":"identify","userId":"u","event":"E"})", EventType::kTrack);
  EXPECT_EQ(decode_event(result.events.at(0).record).type, EventType::kTrack);
  EXPECT_EQ(result.good, 1u);
  EXPECT_EQ(parse(R"({"userId":"u"})", EventType::kTrack).rejections.size(), 1u);
  EXPECT_EQ(parse(R"({"userId":"u","name":"Home"})", EventType::kPage).good, 1u);
}

TEST_F(CollectParserTest, ABadEventCostsOnlyItself) {
  const auto result = batch(
      R"({"type":"track","userId":"u","event":"A","messageId":"m1"},
         {"type":"dance","messageId":"m2","secret":"x"}, 17,
         {"type":"track","userId":"u","event":"B","messageId":"m3"})");
  EXPECT_EQ(result.good, 2u);
  ASSERT_EQ(result.events.size(), 4u);
  ASSERT_EQ(result.rejections.size(), 2u);
  EXPECT_EQ(result.rejections[0].index, 1u);
  EXPECT_EQ(result.rejections[0].message_id, "m2");
  EXPECT_EQ(result.rejections[1].index, 2u);
  EXPECT_EQ(result.rejections[1].message_id, "");
  const Event kept = decode_event(result.events[2].record);
  EXPECT_EQ(kept.type, EventType::kRejected);
  EXPECT_EQ(kept.workspace.value, 7u);
  EXPECT_EQ(kept.related_id, "type");
  EXPECT_EQ(kept.anonymous_id, "m2");
  EXPECT_EQ(kept.body, R"({"type":"dance","messageId":"m2","secret":"x"})");
  EXPECT_EQ(kept.received_at, kReceived);
  EXPECT_NE(kept.message_id, decode_event(result.events[3].record).message_id);
}

TEST_F(CollectParserTest, MessageIds) {
  const auto id = [&](const std::string& member) {
    return std::string(
        good(R"({"type":"track","userId":"u","event":"E")" + member + "}").message_id);
  };
  EXPECT_EQ(id(R"(,"messageId":"m")"), "m");
  const std::string longest(limits::kMaxMessageIdBytes, 'm');
  EXPECT_EQ(id(R"(,"messageId":")" + longest + R"(")"), longest);
  std::string made[]{id(""), id(R"(,"messageId":"")"), id(R"(,"messageId":null)")};
  for (const std::string& made_id : made) EXPECT_EQ(made_id.size(), 36u) << made_id;
  EXPECT_NE(made[0], made[1]);
  EXPECT_EQ(
      refusal(R"({"type":"track","userId":"u","event":"E","messageId":"x)" + longest + R"("})"),
      "messageId: is longer than 100 bytes");
}

TEST_F(CollectParserTest, Limits) {
  const auto text = [](size_t n) { return std::string(n, 'x'); };
  const auto track = [](const std::string& more) {
    return R"({"type":"track","userId":"u","event":"E")" + more + "}";
  };
  EXPECT_EQ(refusal(R"({"type":"track","userId":")" + text(500) + R"(","event":"E"})"), "accepted");
  EXPECT_EQ(refusal(R"({"type":"track","userId":")" + text(501) + R"(","event":"E"})"),
            "userId: is longer than 500 bytes");
  EXPECT_EQ(refusal(R"({"type":"track","anonymousId":")" + text(501) + R"(","event":"E"})"),
            "anonymousId: is longer than 500 bytes");
  EXPECT_EQ(refusal(R"({"type":"group","userId":"u","groupId":")" + text(501) + R"("})"),
            "groupId: is longer than 500 bytes");
  EXPECT_EQ(refusal(R"({"type":"alias","userId":"u","previousId":")" + text(501) + R"("})"),
            "previousId: is longer than 500 bytes");
  EXPECT_EQ(refusal(R"({"type":"track","userId":"u","event":")" + text(200) + R"("})"), "accepted");
  EXPECT_EQ(refusal(R"({"type":"track","userId":"u","event":")" + text(201) + R"("})"),
            "event: is longer than 200 bytes");
  EXPECT_EQ(refusal(R"({"type":"page","userId":"u","name":")" + text(201) + R"("})"),
            "name: is longer than 200 bytes");

  // 32 KB an event, measured without the white space between its members.
  const std::string frame = track(R"(,"properties":{"p":""})");
  const std::string fits =
      track(R"(,"properties":{"p":")" + text(limits::kMaxEventBytes - frame.size()) + R"("})");
  ASSERT_EQ(fits.size(), limits::kMaxEventBytes);
  EXPECT_EQ(refusal(fits), "accepted");
  EXPECT_EQ(refusal(track(R"(,"properties":{"p":")" +
                          text(limits::kMaxEventBytes - frame.size() + 1) + R"("})")),
            ": is larger than 32 KB");
  EXPECT_EQ(refusal("{" + std::string(40'000, ' ') + track("").substr(1)), "accepted");
  EXPECT_EQ(code_of([&] { parse(fits + " ", EventType::kTrack); }), ErrorCode::kInvalidArgument);

  const auto nested = [&](size_t depth) {
    return track(R"(,"properties":{"p":)" + std::string(depth, '[') + std::string(depth, ']') +
                 "}");
  };
  EXPECT_EQ(refusal(nested(limits::kMaxJsonDepth - 2)), "accepted");
  EXPECT_EQ(refusal(nested(limits::kMaxJsonDepth - 1)), ": is nested deeper than 32");
  EXPECT_EQ(refusal(nested(500)), ": is nested deeper than 32");
  std::string wide = R"(,"properties":{"p":[)";
  for (int i = 0; i < 100; ++i) wide += i == 0 ? "{}" : ",{}";
  EXPECT_EQ(refusal(track(wide + "]}")), "accepted");

  const auto members = [](size_t n) {
    std::string json = "{";
    for (size_t i = 0; i < n; ++i) json += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":1";
    return json + "}";
  };
  EXPECT_EQ(refusal(R"({"type":"identify","userId":"u","traits":)" + members(300) + "}"),
            "accepted");
  EXPECT_EQ(refusal(R"({"type":"identify","userId":"u","traits":)" + members(301) + "}"),
            "traits: has more than 300 members");

  EXPECT_EQ(code_of([&] { batch("\"" + text(limits::kMaxBatchBytes) + "\""); }),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of([&] {
              batch(track(""), R"(,"context":{"c":")" + text(limits::kMaxEventBytes) + R"("})");
            }),
            ErrorCode::kInvalidArgument);
}

TEST_F(CollectParserTest, EventsBeyondTheLimitOfABatch) {
  const auto many = [&](size_t n) {
    std::string items;
    for (size_t i = 0; i < n; ++i) {
      items += (i == 0 ? "" : ",") + std::string(R"({"type":"page","userId":"u","messageId":"m)") +
               std::to_string(i) + R"("})";
    }
    return batch(items);
  };
  EXPECT_EQ(many(2'500).good, 2'500u);
  const auto over = many(2'503);
  EXPECT_EQ(over.good, 2'500u);
  ASSERT_EQ(over.rejections.size(), 3u);
  EXPECT_EQ(over.rejections[2].index, 2'502u);
  EXPECT_EQ(over.rejections[2].field, "batch");
  EXPECT_EQ(over.rejections[2].message_id, "m2502");

  // Tiny items by the hundred thousand do not become as many records.
  std::string zeros = "0";
  while (zeros.size() < 400'000) zeros += ",0";
  const auto flood = batch(zeros);
  EXPECT_EQ(flood.good, 0u);
  EXPECT_EQ(flood.events.size(), 2 * limits::kMaxBatchEvents);
  EXPECT_NE(flood.rejections.back().reason.find("195001 after it"), std::string::npos)
      << flood.rejections.back().reason;
}

TEST_F(CollectParserTest, RejectedEventsAreKeptShort) {
  const auto result = batch(R"({"type":"x","text":")" + std::string(20'000, 'x') + R"("})");
  EXPECT_EQ(decode_event(result.events.at(0).record).body.size(), limits::kMaxRejectedBytes);
  std::string wide = R"({"type":"x","text":")";
  while (wide.size() < limits::kMaxRejectedBytes + 10) wide += "é";
  const auto cut = batch(wide + R"("})");
  EXPECT_TRUE(is_valid_utf8(decode_event(cut.events.at(0).record).body));
}

TEST_F(CollectParserTest, ClockSkew) {
  struct Case {
    std::string_view times;
    std::string_view expected;
    bool clamped;
  };
  // Received at 02:40:00.
  const Case cases[]{
      {"", "2026-02-02T02:40:00.000Z", false},
      {R"(,"timestamp":"2026-02-02T01:00:00Z")", "2026-02-02T01:00:00.000Z", false},
      {R"(,"timestamp":"2026-02-02T01:00:00Z","sentAt":"2026-02-02T01:10:00Z")",
       "2026-02-02T02:30:00.000Z", false},
      {R"(,"originalTimestamp":"2026-02-02T01:00:00Z","sentAt":"2026-02-02T01:10:00Z")",
       "2026-02-02T02:30:00.000Z", false},
      {R"(,"originalTimestamp":"2026-02-02T01:00:00Z","timestamp":"2020-01-01T00:00:00Z")",
       "2026-02-02T01:00:00.000Z", false},
      {R"(,"sentAt":"2026-02-02T01:10:00Z")", "2026-02-02T02:40:00.000Z", false},
      // A clock three years off.
      {R"(,"timestamp":"2029-02-02T01:00:00Z","sentAt":"2029-02-02T01:00:05Z")",
       "2026-02-02T02:39:55.000Z", false},
      {R"(,"timestamp":"2030-01-01T00:00:00Z")", "2026-02-02T02:40:00.000Z", true},
      {R"(,"timestamp":"2026-02-02T01:10:00Z","sentAt":"2026-02-02T01:00:00Z")",
       "2026-02-02T02:40:00.000Z", true},
      {R"(,"timestamp":"2026-02-02T08:00:00+07:00")", "2026-02-02T01:00:00.000Z", false},
      {R"(,"timestamp":"2026-02-02")", "2026-02-02T00:00:00.000Z", false},
      {R"(,"timestamp":1769994000000)", "2026-02-02T01:00:00.000Z", false},
      {R"(,"timestamp":1769994000000.5)", "2026-02-02T01:00:00.000500Z", false},
      {R"(,"timestamp":"0001-01-01T00:00:00Z","sentAt":"9999-12-31T00:00:00Z")",
       "0001-01-01T00:00:00.000Z", false},
      {R"(,"timestamp":"9999-12-31T00:00:00Z","sentAt":"0001-01-01T00:00:00Z")",
       "2026-02-02T02:40:00.000Z", true},
  };
  for (const Case& c : cases) {
    const Event event =
        good(R"({"type":"track","userId":"u","event":"E")" + std::string(c.times) + "}");
    EXPECT_EQ(format_timestamp(event.timestamp), c.expected) << c.times;
    EXPECT_EQ(result_.clamped, c.clamped ? 1u : 0u) << c.times;
    EXPECT_EQ(event.received_at, kReceived);
  }
}

TEST_F(CollectParserTest, AllFourTimesAreKept) {
  const Event event = good(
      R"({"type":"track","userId":"u","event":"E","timestamp":"2026-02-02T01:00:00Z",
          "sentAt":"2026-02-02T01:10:00Z"})");
  EXPECT_EQ(event.original_timestamp, parse_timestamp("2026-02-02T01:00:00Z"));
  EXPECT_EQ(event.sent_at, parse_timestamp("2026-02-02T01:10:00Z"));
}

TEST_F(CollectParserTest, TheBatchGivesWhatItsItemsLack) {
  const std::string item = R"({"type":"track","userId":"u","event":"E",
      "timestamp":"2026-02-02T01:00:00Z")";
  const std::string more = R"(,"sentAt":"2026-02-02T01:10:00Z","context":{"app":{"name":"x"}})";
  Event event = good(item + "}", more);
  EXPECT_EQ(format_timestamp(event.timestamp), "2026-02-02T02:30:00.000Z");
  EXPECT_EQ(event.shared_context, R"({"app":{"name":"x"}})");
  event = good(item + R"(,"sentAt":"2026-02-02T01:05:00Z"})", more);
  EXPECT_EQ(format_timestamp(event.timestamp), "2026-02-02T02:35:00.000Z");
  event = good(item + "}", R"(,"sentAt":"nonsense","context":"nonsense")");
  EXPECT_EQ(format_timestamp(event.timestamp), "2026-02-02T01:00:00.000Z");
  EXPECT_EQ(event.shared_context, "");
}

TEST_F(CollectParserTest, AddressesAreKeptOfClientsOnly) {
  source_.remote_ip = "203.0.113.7";
  const auto ip = [&](const std::string& more, const std::string& batch_members = "") {
    return std::string(
        good(R"({"type":"track","userId":"u","event":"E")" + more + "}", batch_members).ip);
  };
  EXPECT_EQ(ip(""), "");
  EXPECT_EQ(ip(R"(,"channel":"server")"), "");
  EXPECT_EQ(ip(R"(,"context":{"library":{"name":"analytics-node"}})"), "");
  EXPECT_EQ(ip(R"(,"channel":"browser")"), "203.0.113.7");
  EXPECT_EQ(ip(R"(,"channel":"mobile")"), "203.0.113.7");
  EXPECT_EQ(ip(R"(,"context":{"direct":true})"), "203.0.113.7");
  EXPECT_EQ(ip(R"(,"context":{"library":{"name":"analytics.js"}})"), "203.0.113.7");
  EXPECT_EQ(ip("", R"(,"context":{"library":{"name":"analytics.js"}})"), "203.0.113.7");
  source_.client_side = true;
  EXPECT_EQ(ip(""), "203.0.113.7");
  source_.remote_ip = "2001:db8::1";
  EXPECT_EQ(ip(""), "");
}

TEST_F(CollectParserTest, ImportsTakeTimesAsTheyAreAndLargerEvents) {
  source_.origin = EventOrigin::kImport;
  source_.remote_ip = "203.0.113.7";
  source_.client_side = true;
  const Event event = good(
      R"({"type":"track","userId":"u","event":"E","timestamp":"2011-12-09T12:50:00Z",
          "sentAt":"2026-02-02T01:10:00Z","properties":{"p":")" +
      std::string(100'000, 'x') + R"("}})");
  EXPECT_EQ(event.origin, EventOrigin::kImport);
  EXPECT_EQ(format_timestamp(event.timestamp), "2011-12-09T12:50:00.000Z");
  EXPECT_EQ(event.sent_at, std::nullopt);
  EXPECT_EQ(event.ip, "");
  const auto sized = [&](size_t n) {
    return refusal(R"({"type":"track","userId":"u","event":"E","properties":{"p":")" +
                   std::string(n, 'x') + R"("}})");
  };
  EXPECT_EQ(sized(limits::kMaxImportEventBytes - 100), "accepted");
  EXPECT_EQ(sized(limits::kMaxImportEventBytes), ": is larger than 1024 KB");
  EXPECT_EQ(code_of([&] { batch("\"" + std::string(limits::kMaxImportBatchBytes, 'x') + "\""); }),
            ErrorCode::kInvalidArgument);
}

TEST_F(CollectParserTest, NumbersOfAnySizeAreTaken) {
  // 18446744073709552000 is how JavaScript writes 2^64.
  const Event event = good(
      R"({"type":"track","userId":99999999999999999999,"event":"E","properties":{"a":
          18446744073709552000,"b":-9223372036854775809,"c":[123456789012345678901234567890],
          "d":18446744073709551615,"e":-9223372036854775808,"f":0.12345678901234567890123,
          "g":1e+0000000000000000000021,"t":"18446744073709552000 \" 99999999999999999999"}})");
  Payload payload;
  ASSERT_TRUE(payload.parse(event.body)) << event.body;
  EXPECT_EQ(payload.number("properties.a"), 18446744073709551616.0);
  EXPECT_EQ(payload.number("properties.b"), -9223372036854775808.0);
  EXPECT_EQ(payload.json("properties.d"), "18446744073709551615");
  EXPECT_EQ(payload.json("properties.e"), "-9223372036854775808");
  EXPECT_EQ(payload.number("properties.f"), 0.12345678901234567890123);
  EXPECT_EQ(payload.number("properties.g"), 1e21);
  EXPECT_EQ(payload.text("properties.t"), "18446744073709552000 \" 99999999999999999999");
}

TEST_F(CollectParserTest, BodiesOfAnyBytesGiveEventsOrRefusals) {
  SeededRandom random(9);
  const std::string seed =
      R"({"batch":[{"type":"track","userId":"u","event":"E","timestamp":"2026-02-02T01:00:00Z",)"
      R"("properties":{"a":[1,{"b":null}],"c":"\u00e9"},"context":{"library":{"name":"x"}}},)"
      R"({"type":"alias","userId":1,"previousId":"p"}],"context":{"a":1},"sentAt":"2026-02-02"})";
  size_t taken = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string body = seed;
    for (uint64_t n = 0; n <= random.below(3); ++n) {
      const size_t at = random.below(body.size());
      switch (random.below(3)) {
        case 0:
          body[at] = static_cast<char>(random.next());
          break;
        case 1:
          body.erase(at, 1 + random.below(10));
          break;
        default:
          body.insert(at, body.substr(random.below(body.size()), random.below(20)));
      }
    }
    try {
      const auto result = parse(body);
      ++taken;
      EXPECT_EQ(result.good + result.rejections.size(), result.events.size());
      for (const NewEvent& event : result.events) decode_event(event.record);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument) << error.what();
    }
  }
  EXPECT_GT(taken, 1'000u);
}

}  // namespace
}  // namespace rapport
