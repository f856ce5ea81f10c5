// The time zone a recipient lives in, and the instants of a local hour there.
//
// By what is known best: the trait `timezone`, else the zone or offset their own events last told,
// else their country's main zone, else the workspace's. `choose_recipient_zone` is pure;
// `ZoneTable` reads each zone file once. Local times are exact across changes of the clock: an hour
// that does not exist is read with the offset before the change, one that occurs twice is the
// first. Thread-safe.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/limits/permission.h"
#include "base/time_zone.h"
#include "customers/customer_reader.h"

namespace rapport {

/// What is known of where somebody is; empty texts are unknown.
struct ZoneEvidence {
  std::string trait;      // IANA name or offset ("+07:00")
  std::string last_seen;  // the same, of the last event that told
  std::string country;    // code or name
  std::string workspace;  // IANA name
};

enum class ZoneSource : uint8_t { kTrait, kLastSeen, kCountry, kWorkspace, kDefault };
/// "trait", "last_seen", "country", "workspace", "default".
std::string_view zone_source_name(ZoneSource source);

struct RecipientZone {
  std::string name;  // IANA name, or "+07:00" for a zone of which only the offset is known
  ZoneSource source = ZoneSource::kDefault;
  bool operator==(const RecipientZone&) const = default;
};

/// The first of the evidence that names a zone `is_zone` knows; UTC when none does. Offsets are
/// written the same way however they came ("UTC+7", "+0700" are "+07:00").
RecipientZone choose_recipient_zone(const ZoneEvidence& evidence,
                                    const std::function<bool(std::string_view)>& is_zone);

/// Minutes east of UTC of "+07:00", "-0330", "UTC+7", "GMT-3:30"; null when it is no offset of at
/// most 15 hours.
std::optional<int> parse_utc_offset(std::string_view text);
/// "+07:00".
std::string format_utc_offset(int minutes);

/// Traits of a customer that tell a zone or country; `last_seen` and `workspace` are the caller's.
ZoneEvidence zone_evidence(const Customer& customer, std::string last_seen, std::string workspace);

/// Zones by name, each loaded once; holds at most limits::kMaxZonesInMemory.
class ZoneTable {
 public:
  explicit ZoneTable(std::string folder = "/usr/share/zoneinfo") : folder_(std::move(folder)) {}

  /// Null when there is no such zone. Also knows offsets ("+07:00").
  std::shared_ptr<const TimeZone> find(std::string_view name);
  /// The zone of the evidence; never null.
  std::shared_ptr<const TimeZone> zone_of(const ZoneEvidence& evidence);

 private:
  std::string folder_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const TimeZone>, std::less<>> zones_;
};

/// The first instant at or after `after` at which clocks in `zone` show `minute_of_day` (0…1439).
/// Where that time is skipped by a change of the clock it is the instant after the gap.
Timestamp next_local_time(const TimeZone& zone, Timestamp after, int minute_of_day);

}  // namespace rapport
