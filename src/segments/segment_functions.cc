#include "segments/segment_functions.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <tuple>

#include "base/error.h"
#include "runtime/zone_cache.h"
#include "segments/bucket.h"
#include "segments/customer_zone.h"
#include "segments/geo_matcher.h"
#include "segments/sequence_matcher.h"
#include "segments/value_matcher.h"

namespace rapport {
namespace {

using Arguments = std::span<const WarehouseArgument>;

std::string_view text(Arguments arguments, size_t i) {
  return std::get<std::string_view>(arguments[i]);
}
int64_t integer(Arguments arguments, size_t i) {
  return std::get<int64_t>(arguments[i]);
}
std::span<const int64_t> list(Arguments arguments, size_t i) {
  return std::get<std::span<const int64_t>>(arguments[i]);
}

/// What was made of the latest few texts on this thread: a query passes the same text every row.
template <class T, class Make>
const T& prepared(std::string_view key, const Make& make) {
  constexpr size_t kKept = 32;
  struct Entry {
    std::string key;
    std::unique_ptr<const T> value;
  };
  thread_local std::deque<Entry> entries;
  for (size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].key != key) continue;
    if (i > 0) std::swap(entries[i], entries[i - 1]);
    return *entries[i > 0 ? i - 1 : 0].value;
  }
  if (entries.size() == kKept) entries.pop_back();
  entries.push_front({std::string(key), std::make_unique<const T>(make())});
  return *entries.front().value;
}

const TimeZone& zone_named(std::string_view name) {
  static const TimeZone utc;
  thread_local std::string last_name;
  thread_local const TimeZone* last = nullptr;
  if (last == nullptr || last_name != name) {
    last = system_zones().find(name);
    if (last == nullptr) last = &utc;
    last_name = name;
  }
  return *last;
}

WarehouseAnswer meets(Arguments a) {
  const auto& matcher = prepared<ValueMatcher>(
      text(a, 1), [&] { return ValueMatcher(parse_value_test(text(a, 1))); });
  thread_local JsonDocument document;
  const TimeZone& zone = zone_named(text(a, 3));
  return matcher.meets(document.parse(text(a, 0)), {from_micros(integer(a, 2)), &zone, &zone});
}

WarehouseAnswer instant(Arguments a) {
  const auto time = parse_timestamp(text(a, 0));
  if (!time) return std::monostate();
  return to_micros(*time);
}

Period period_named(std::string_view name) {
  return prepared<ValueTest>(name,
                             [&] {
                               return parse_value_test(R"({"op":"in_period","value":")" +
                                                       std::string(name) + "\"}");
                             })
      .period;
}

WarehouseAnswer in_period(Arguments a) {
  struct Latest {
    std::string period;
    std::string zone;
    int64_t at = 0;
    TimeRange range{};
  };
  thread_local Latest latest;
  if (latest.period != text(a, 1) || latest.at != integer(a, 2) || latest.zone != text(a, 3)) {
    latest = {std::string(text(a, 1)), std::string(text(a, 3)), integer(a, 2), {}};
    latest.range =
        period_range(period_named(latest.period), from_micros(latest.at), zone_named(latest.zone));
  }
  return latest.range.holds(from_micros(integer(a, 0)));
}

WarehouseAnswer zone(Arguments a) {
  return customer_zone(text(a, 0), text(a, 1), zone_named(text(a, 2))).name();
}

WarehouseAnswer located(Arguments a) {
  const auto& matcher = prepared<GeoMatcher>(text(a, 1), [&] {
    return GeoMatcher(std::get<GeoCondition>(parse_condition(text(a, 1)).node));
  });
  thread_local JsonDocument document;
  return matcher.meets(document.parse(text(a, 0)));
}

WarehouseAnswer bucket(Arguments a) {
  const auto& hash = prepared<BucketHash>(text(a, 0), [&] { return BucketHash(text(a, 0)); });
  return int64_t{hash.of({std::get<uint64_t>(a[1])})};
}

struct Row {
  int64_t at;
  int64_t offset;
  int64_t mask;
};

/// Rows of three lists side by side, in order of time, then offset.
std::vector<Row>& rows_of(Arguments a) {
  thread_local std::vector<Row> rows;
  rows.clear();
  const auto times = list(a, 0);
  const auto offsets = list(a, 1);
  const auto masks = list(a, 2);
  ENSURE(times.size() == offsets.size() && times.size() == masks.size());
  for (size_t i = 0; i < times.size(); ++i) rows.push_back({times[i], offsets[i], masks[i]});
  std::sort(rows.begin(), rows.end(), [](const Row& x, const Row& y) {
    return std::tie(x.at, x.offset) < std::tie(y.at, y.offset);
  });
  return rows;
}

WarehouseAnswer sequence(Arguments a) {
  SequenceMatcher matcher = prepared<SequenceMatcher>(text(a, 3), [&] {
    return SequenceMatcher(std::get<SequenceCondition>(parse_condition(text(a, 3)).node));
  });
  for (const Row& row : rows_of(a)) {
    matcher.add({from_micros(row.at), static_cast<uint32_t>(row.mask),
                 static_cast<uint32_t>(row.mask >> 32)});
  }
  return matcher.complete();
}

WarehouseAnswer absence(Arguments a) {
  const int64_t length = integer(a, 3);
  const int64_t now = integer(a, 4);
  std::optional<int64_t> ended;  // the nearest later row that ends the wait
  const std::vector<Row>& rows = rows_of(a);
  for (size_t i = rows.size(); i-- > 0;) {
    const Row& row = rows[i];
    if ((row.mask & 1) != 0 && row.at + length <= now && (!ended || *ended > row.at + length)) {
      return true;
    }
    if ((row.mask & 2) != 0) ended = row.at;
  }
  return false;
}

}  // namespace

std::vector<WarehouseFunction> segment_functions() {
  constexpr auto kText = WarehouseType::kText;
  constexpr auto kInteger = WarehouseType::kInteger;
  constexpr auto kList = WarehouseType::kIntegerList;
  constexpr auto kBoolean = WarehouseType::kBoolean;
  return {
      {"segment_meets", {kText, kText, kInteger, kText}, kBoolean, meets},
      {"segment_instant", {kText}, kInteger, instant},
      {"segment_in_period", {kInteger, kText, kInteger, kText}, kBoolean, in_period},
      {"segment_zone", {kText, kText, kText}, kText, zone},
      {"segment_located", {kText, kText}, kBoolean, located},
      {"segment_bucket", {kText, WarehouseType::kId}, kInteger, bucket},
      {"segment_sequence", {kList, kList, kList, kText}, kBoolean, sequence},
      {"segment_absence", {kList, kList, kList, kInteger, kInteger}, kBoolean, absence},
  };
}

}  // namespace rapport
