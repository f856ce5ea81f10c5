#include "stream/event.h"

#include <array>

#include "base/error.h"

namespace rapport {
namespace {

constexpr uint8_t kFormat = 1;
constexpr uint8_t kHasOriginalTimestamp = 1;
constexpr uint8_t kHasSentAt = 2;

struct TypeName {
  EventType type;
  std::string_view name;
};
constexpr std::array kTypeNames{
    TypeName{EventType::kTrack, "track"},      TypeName{EventType::kIdentify, "identify"},
    TypeName{EventType::kPage, "page"},        TypeName{EventType::kScreen, "screen"},
    TypeName{EventType::kGroup, "group"},      TypeName{EventType::kAlias, "alias"},
    TypeName{EventType::kRejected, "rejected"}};

class RecordWriter {
 public:
  explicit RecordWriter(size_t capacity) { out_.reserve(capacity); }
  void byte(uint8_t b) { out_ += static_cast<char>(b); }
  void number(uint64_t v) {
    while (v >= 0x80) {
      byte(static_cast<uint8_t>(v) | 0x80);
      v >>= 7;
    }
    byte(static_cast<uint8_t>(v));
  }
  void signed_number(int64_t v) {
    number((static_cast<uint64_t>(v) << 1) ^ static_cast<uint64_t>(v >> 63));
  }
  void time(Timestamp t) { signed_number(to_micros(t)); }
  void text(std::string_view s) {
    number(s.size());
    out_ += s;
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

class RecordReader {
 public:
  explicit RecordReader(std::string_view in) : in_(in) {}
  uint8_t byte() {
    if (in_.empty()) fail();
    const auto b = static_cast<uint8_t>(in_.front());
    in_.remove_prefix(1);
    return b;
  }
  uint64_t number() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const uint8_t b = byte();
      if (shift == 63 && b > 1) fail();  // more than 64 bits
      value |= static_cast<uint64_t>(b & 0x7F) << shift;
      if ((b & 0x80) == 0) return value;
    }
    fail();
  }
  int64_t signed_number() {
    const uint64_t v = number();
    return static_cast<int64_t>(v >> 1) ^ -static_cast<int64_t>(v & 1);
  }
  Timestamp time() { return from_micros(signed_number()); }
  std::string_view text() {
    const uint64_t size = number();
    if (size > in_.size()) fail();
    const auto s = in_.substr(0, size);
    in_.remove_prefix(size);
    return s;
  }
  bool done() const { return in_.empty(); }
  [[noreturn]] static void fail() {
    throw Error(ErrorCode::kCorrupted, "An event in the log is damaged", "bad event record");
  }

 private:
  std::string_view in_;
};

bool is_known(EventType type) {
  for (const TypeName& row : kTypeNames) {
    if (row.type == type) return true;
  }
  return false;
}

size_t text_size(const Event& e) {
  return e.message_id.size() + e.name.size() + e.user_id.size() + e.anonymous_id.size() +
         e.related_id.size() + e.ip.size() + e.body.size() + e.shared_context.size();
}

}  // namespace

std::string_view event_type_name(EventType type) {
  for (const TypeName& row : kTypeNames) {
    if (row.type == type) return row.name;
  }
  return "unknown";
}

std::optional<EventType> parse_event_type(std::string_view name) {
  for (const TypeName& row : kTypeNames) {
    if (row.name == name && row.type != EventType::kRejected) return row.type;
  }
  return std::nullopt;
}

std::string encode_event(const Event& event) {
  RecordWriter w(text_size(event) + 80);
  w.byte(kFormat);
  w.byte(static_cast<uint8_t>(event.type));
  w.byte(static_cast<uint8_t>(event.origin));
  w.byte((event.original_timestamp ? kHasOriginalTimestamp : 0) | (event.sent_at ? kHasSentAt : 0));
  w.number(event.workspace.value);
  w.number(event.customer.value);
  w.time(event.timestamp);
  w.time(event.received_at);
  if (event.original_timestamp) w.time(*event.original_timestamp);
  if (event.sent_at) w.time(*event.sent_at);
  w.text(event.message_id);
  w.text(event.name);
  w.text(event.user_id);
  w.text(event.anonymous_id);
  w.text(event.related_id);
  w.text(event.ip);
  w.text(event.shared_context);
  w.text(event.body);
  return w.take();
}

Event decode_event(std::string_view record) {
  RecordReader r(record);
  if (r.byte() != kFormat) RecordReader::fail();
  Event e;
  e.type = static_cast<EventType>(r.byte());
  e.origin = static_cast<EventOrigin>(r.byte());
  const uint8_t flags = r.byte();
  const bool known = is_known(e.type) && e.origin >= EventOrigin::kClient &&
                     e.origin <= EventOrigin::kSystem &&
                     (flags & ~(kHasOriginalTimestamp | kHasSentAt)) == 0;
  if (!known) RecordReader::fail();
  e.workspace.value = r.number();
  e.customer.value = r.number();
  e.timestamp = r.time();
  e.received_at = r.time();
  if (flags & kHasOriginalTimestamp) e.original_timestamp = r.time();
  if (flags & kHasSentAt) e.sent_at = r.time();
  e.message_id = r.text();
  e.name = r.text();
  e.user_id = r.text();
  e.anonymous_id = r.text();
  e.related_id = r.text();
  e.ip = r.text();
  e.shared_context = r.text();
  e.body = r.text();
  if (!r.done()) RecordReader::fail();
  return e;
}

}  // namespace rapport
