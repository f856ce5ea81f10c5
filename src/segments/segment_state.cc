#include "segments/segment_state.h"

#include <algorithm>

#include "base/error.h"

namespace rapport {
namespace {

constexpr char kFormat = 1;

void put_varint(std::string& out, uint64_t value) {
  while (value >= 0x80) {
    out += static_cast<char>(value | 0x80);
    value >>= 7;
  }
  out += static_cast<char>(value);
}

uint64_t zigzag(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}

int64_t unzigzag(uint64_t value) {
  return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  uint64_t varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) fail();
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    fail();
  }
  /// A number of things of at least one byte each that follow.
  size_t count() {
    const uint64_t value = varint();
    if (value > rest_.size()) fail();
    return static_cast<size_t>(value);
  }
  std::string_view text() {
    const size_t size = count();
    const std::string_view out = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return out;
  }
  PartId part() { return static_cast<PartId>(varint()); }
  bool at_end() const { return rest_.empty(); }

  [[noreturn]] static void fail() {
    throw Error(ErrorCode::kCorrupted, "The state of a customer's segments cannot be read");
  }

 private:
  std::string_view rest_;
};

void put_ids(std::string& out, std::span<const PartId> sorted) {
  put_varint(out, sorted.size());
  PartId before = 0;
  for (const PartId id : sorted) {
    put_varint(out, id - before);
    before = id;
  }
}

void read_ids(Reader& reader, std::vector<PartId>& out) {
  const size_t count = reader.count();
  out.reserve(count);
  PartId id = 0;
  for (size_t i = 0; i < count; ++i) {
    id += reader.part();
    out.push_back(id);
  }
}

}  // namespace

SegmentState SegmentState::decode(std::string_view bytes) {
  if (bytes.empty() || bytes.front() != kFormat) Reader::fail();
  Reader reader(bytes.substr(1));
  SegmentState state;
  read_ids(reader, state.members_);
  read_ids(reader, state.leaves_);
  const size_t facts = reader.count();
  state.facts_.reserve(facts + 1);
  int64_t at = 0;
  auto offset = int64_t{0};
  for (size_t i = 0; i < facts; ++i) {
    SegmentFact fact;
    at += unzigzag(reader.varint());
    offset += unzigzag(reader.varint());
    fact.at_us = at;
    fact.offset = static_cast<Offset>(offset);
    const uint64_t shape = reader.varint();
    fact.track_count = static_cast<uint32_t>(shape >> 1);
    fact.first_track = static_cast<uint32_t>(state.tracks_.size());
    for (uint32_t t = 0; t < fact.track_count; ++t) state.tracks_.push_back(reader.part());
    fact.first_value = static_cast<uint32_t>(state.values_.size());
    fact.value_count = (shape & 1) != 0 ? static_cast<uint32_t>(reader.count()) : 0;
    for (uint32_t v = 0; v < fact.value_count; ++v) {
      const PartId path = reader.part();
      const std::string_view json = reader.text();
      state.values_.push_back(
          {path, static_cast<uint32_t>(state.text_.size()), static_cast<uint32_t>(json.size())});
      state.text_ += json;
    }
    state.facts_.push_back(fact);
  }
  if (!reader.at_end()) Reader::fail();
  return state;
}

std::string SegmentState::encode() const {
  std::string out(1, kFormat);
  out.reserve(16 + leaves_.size() + members_.size() + facts_.size() * 16);
  put_ids(out, members_);
  put_ids(out, leaves_);
  put_varint(out, facts_.size());
  int64_t at = 0;
  int64_t offset = 0;
  for (const SegmentFact& fact : facts_) {
    put_varint(out, zigzag(fact.at_us - at));
    put_varint(out, zigzag(static_cast<int64_t>(fact.offset) - offset));
    at = fact.at_us;
    offset = static_cast<int64_t>(fact.offset);
    put_varint(out, (uint64_t{fact.track_count} << 1) | (fact.value_count > 0 ? 1 : 0));
    for (const PartId track : tracks_of(fact)) put_varint(out, track);
    if (fact.value_count == 0) continue;
    put_varint(out, fact.value_count);
    for (uint32_t v = 0; v < fact.value_count; ++v) {
      const StoredValue& value = values_[fact.first_value + v];
      put_varint(out, value.path);
      put_varint(out, value.size);
      out.append(text_, value.begin, value.size);
    }
  }
  return out;
}

std::optional<std::string_view> SegmentState::value(const SegmentFact& fact, PartId path) const {
  for (uint32_t v = 0; v < fact.value_count; ++v) {
    const StoredValue& value = values_[fact.first_value + v];
    if (value.path == path) return std::string_view(text_).substr(value.begin, value.size);
  }
  return std::nullopt;
}

// Tracks and values of one fact stand side by side, in the order of their numbers, so that equal
// histories have equal bytes.
void SegmentState::put(SegmentFact& fact, std::span<const PartId> tracks,
                       std::span<const FactValue> values) {
  std::vector<PartId> all(tracks_of(fact).begin(), tracks_of(fact).end());
  all.insert(all.end(), tracks.begin(), tracks.end());
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  fact.first_track = static_cast<uint32_t>(tracks_.size());
  fact.track_count = static_cast<uint32_t>(all.size());
  tracks_.insert(tracks_.end(), all.begin(), all.end());

  std::vector<StoredValue> kept(values_.begin() + fact.first_value,
                                values_.begin() + fact.first_value + fact.value_count);
  for (const FactValue& value : values) {
    const auto same = [&](const StoredValue& v) { return v.path == value.path; };
    if (std::any_of(kept.begin(), kept.end(), same)) continue;
    kept.push_back({value.path, static_cast<uint32_t>(text_.size()),
                    static_cast<uint32_t>(value.json.size())});
    text_ += value.json;
  }
  std::sort(kept.begin(), kept.end(),
            [](const StoredValue& a, const StoredValue& b) { return a.path < b.path; });
  fact.first_value = static_cast<uint32_t>(values_.size());
  fact.value_count = static_cast<uint32_t>(kept.size());
  values_.insert(values_.end(), kept.begin(), kept.end());
}

void SegmentState::add(int64_t at_us, Offset offset, std::span<const PartId> tracks,
                       std::span<const FactValue> values) {
  if (tracks.empty()) return;
  auto place = facts_.end();
  // Events come in order most of the time.
  if (!facts_.empty() &&
      std::pair(facts_.back().at_us, facts_.back().offset) >= std::pair(at_us, offset)) {
    place = std::lower_bound(facts_.begin(), facts_.end(), std::pair(at_us, offset),
                             [](const SegmentFact& fact, const auto& key) {
                               return std::pair(fact.at_us, fact.offset) < key;
                             });
  }
  if (place == facts_.end() || place->at_us != at_us || place->offset != offset) {
    SegmentFact fact;
    fact.at_us = at_us;
    fact.offset = offset;
    place = facts_.insert(place, fact);
  }
  put(*place, tracks, values);
}

void SegmentState::take_over(const SegmentState& other) {
  for (const SegmentFact& fact : other.facts_) {
    std::vector<FactValue> values;
    for (uint32_t v = 0; v < fact.value_count; ++v) {
      const StoredValue& value = other.values_[fact.first_value + v];
      values.push_back({value.path, std::string_view(other.text_).substr(value.begin, value.size)});
    }
    add(fact.at_us, fact.offset, other.tracks_of(fact), values);
  }
}

bool SegmentState::contains(const std::vector<PartId>& sorted, PartId id) {
  return std::binary_search(sorted.begin(), sorted.end(), id);
}

void SegmentState::set(std::vector<PartId>& sorted, PartId id, bool on) {
  const auto place = std::lower_bound(sorted.begin(), sorted.end(), id);
  const bool there = place != sorted.end() && *place == id;
  if (there == on) return;
  if (on) {
    sorted.insert(place, id);
  } else {
    sorted.erase(place);
  }
}

}  // namespace rapport
