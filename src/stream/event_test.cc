#include "stream/event.h"

#include <gtest/gtest.h>

#include "runtime/random.h"
#include "storage/storage_test_util.h"

namespace rapport {
namespace {

Event full_event() {
  Event event;
  event.workspace = WorkspaceId{7};
  event.type = EventType::kGroup;
  event.origin = EventOrigin::kImport;
  event.customer = CustomerId{UINT64_MAX};
  event.timestamp = from_micros(-62'135'596'800'000'000);  // year 1
  event.received_at = from_micros(1'700'000'000'123'456);
  event.original_timestamp = from_micros(-1);
  event.sent_at = from_micros(0);
  event.message_id = "m-1";
  event.name = "Đơn hàng";
  event.user_id = std::string_view("u\0x", 3);
  event.anonymous_id = "a";
  event.related_id = "g";
  event.ip = "203.0.113.7";
  event.body = R"({"properties":{"total":1}})";
  event.shared_context = R"({"library":{"name":"x"}})";
  return event;
}

void expect_equal(const Event& a, const Event& b) {
  EXPECT_EQ(a.workspace, b.workspace);
  EXPECT_EQ(a.type, b.type);
  EXPECT_EQ(a.origin, b.origin);
  EXPECT_EQ(a.customer, b.customer);
  EXPECT_EQ(a.timestamp, b.timestamp);
  EXPECT_EQ(a.received_at, b.received_at);
  EXPECT_EQ(a.original_timestamp, b.original_timestamp);
  EXPECT_EQ(a.sent_at, b.sent_at);
  EXPECT_EQ(a.message_id, b.message_id);
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.user_id, b.user_id);
  EXPECT_EQ(a.anonymous_id, b.anonymous_id);
  EXPECT_EQ(a.related_id, b.related_id);
  EXPECT_EQ(a.ip, b.ip);
  EXPECT_EQ(a.body, b.body);
  EXPECT_EQ(a.shared_context, b.shared_context);
}

TEST(Event, ComesBackAsItWas) {
  const Event full = full_event();
  const std::string record = encode_event(full);
  expect_equal(decode_event(record), full);
  EXPECT_EQ(encode_event(decode_event(record)), record);

  Event bare;
  bare.workspace = WorkspaceId{1};
  expect_equal(decode_event(encode_event(bare)), bare);

  for (const auto type :
       {EventType::kTrack, EventType::kIdentify, EventType::kPage, EventType::kScreen,
        EventType::kGroup, EventType::kAlias, EventType::kRejected}) {
    bare.type = type;
    expect_equal(decode_event(encode_event(bare)), bare);
  }
}

TEST(Event, RandomEventsComeBack) {
  SeededRandom random(5);
  const auto text = [&] { return random.bytes(random.below(300)); };
  for (int round = 0; round < 2'000; ++round) {
    Event event = full_event();
    const std::string id = text(), name = text(), user = text(), body = text(), shared = text();
    event.workspace.value = random.next();
    event.customer.value = random.next() >> random.below(64);
    event.timestamp = from_micros(static_cast<int64_t>(random.next()));
    if (random.below(2) == 0) event.original_timestamp.reset();
    if (random.below(2) == 0) event.sent_at.reset();
    event.message_id = id;
    event.name = name;
    event.user_id = user;
    event.body = body;
    event.shared_context = shared;
    const std::string record = encode_event(event);
    expect_equal(decode_event(record), event);
  }
}

TEST(Event, DamagedRecordsAreRefused) {
  const std::string record = encode_event(full_event());
  for (size_t size = 0; size < record.size(); ++size) {
    EXPECT_EQ(code_of([&] { decode_event(std::string_view(record).substr(0, size)); }),
              ErrorCode::kCorrupted)
        << size;
  }
  EXPECT_EQ(code_of([&] { decode_event(record + "x"); }), ErrorCode::kCorrupted);
  const std::pair<size_t, char> wrong[]{{0, 2}, {1, 0}, {1, 99}, {2, 0}, {2, 4}, {3, 4}};
  for (const auto& [at, byte] : wrong) {
    std::string damaged = record;
    damaged[at] = byte;
    EXPECT_EQ(code_of([&] { decode_event(damaged); }), ErrorCode::kCorrupted)
        << at << " " << int(byte);
  }
  // A number of more than 64 bits.
  std::string endless = record.substr(0, 4) + std::string(9, '\xFF') + '\x7F' + record.substr(5);
  EXPECT_EQ(code_of([&] { decode_event(endless); }), ErrorCode::kCorrupted);
}

TEST(Event, DamagedBytesNeverReadOutside) {
  SeededRandom random(6);
  const std::string record = encode_event(full_event());
  int refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string damaged = record;
    for (uint64_t n = 0; n <= random.below(4); ++n) {
      damaged[random.below(damaged.size())] = static_cast<char>(random.next());
    }
    try {
      const Event event = decode_event(damaged);
      EXPECT_LE(event.body.size(), damaged.size());
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kCorrupted);
      ++refused;
    }
  }
  EXPECT_GT(refused, 0);
}

TEST(Event, TypeNames) {
  for (const std::string_view name : {"track", "identify", "page", "screen", "group", "alias"}) {
    const auto type = parse_event_type(name);
    ASSERT_TRUE(type) << name;
    EXPECT_EQ(event_type_name(*type), name);
  }
  EXPECT_EQ(event_type_name(EventType::kRejected), "rejected");
  for (const std::string_view name : {"rejected", "", "Track", "tracks", "merge"}) {
    EXPECT_FALSE(parse_event_type(name)) << name;
  }
}

}  // namespace
}  // namespace rapport
