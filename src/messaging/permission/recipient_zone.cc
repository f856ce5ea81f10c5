#include "messaging/permission/recipient_zone.h"

#include <array>

#include "base/error.h"
#include "base/limits/permission.h"
#include "base/text.h"
#include "messaging/permission/country_zones.h"
#include "runtime/zoneinfo.h"
#include "stream/payload.h"

namespace rapport {
namespace {

constexpr int kMaxOffsetMinutes = 15 * 60;
constexpr std::array<std::string_view, 5> kSources{"trait", "last_seen", "country", "workspace",
                                                   "default"};

/// The text of a zone as `choose_recipient_zone` gives it; empty when it names none.
std::string usable_zone(std::string_view text,
                        const std::function<bool(std::string_view)>& is_zone) {
  text = trim(text);
  if (text.empty() || text.size() > 64) return {};
  if (const auto offset = parse_utc_offset(text)) return format_utc_offset(*offset);
  return is_time_zone_name(text) && is_zone(text) ? std::string(text) : std::string();
}

std::optional<int> digits(std::string_view text) {
  if (text.empty() || text.size() > 2) return std::nullopt;
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

/// Text of a member of a JSON object held by a trait ("address": {"country": "VN"}).
std::string member_text(std::string_view json, std::string_view name) {
  Payload payload;
  if (!json.starts_with('{') || !payload.parse(json)) return {};
  return payload.text(name).value_or("");
}

}  // namespace

std::string_view zone_source_name(ZoneSource source) {
  return kSources.at(static_cast<size_t>(source));
}

std::optional<int> parse_utc_offset(std::string_view text) {
  text = trim(text);
  for (const std::string_view prefix : {"UTC", "GMT"}) {
    if (text.size() > 3 && equals_ignore_case(text.substr(0, 3), prefix)) {
      text = trim(text.substr(3));
      break;
    }
  }
  if (text.size() < 2 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const int sign = text[0] == '-' ? -1 : 1;
  text.remove_prefix(1);
  std::string_view hours = text;
  std::string_view minutes = "0";
  if (const size_t colon = text.find(':'); colon != std::string_view::npos) {
    hours = text.substr(0, colon);
    minutes = text.substr(colon + 1);
    if (minutes.size() != 2) return std::nullopt;
  } else if (text.size() > 2) {
    hours = text.substr(0, text.size() - 2);
    minutes = text.substr(text.size() - 2);
  }
  const auto h = digits(hours);
  const auto m = digits(minutes);
  if (!h || !m || *m > 59 || *h * 60 + *m > kMaxOffsetMinutes) return std::nullopt;
  return sign * (*h * 60 + *m);
}

std::string format_utc_offset(int minutes) {
  const int size = minutes < 0 ? -minutes : minutes;
  std::string text(1, minutes < 0 ? '-' : '+');
  for (const int part : {size / 60, size % 60}) {
    if (text.size() > 1) text += ':';
    text += static_cast<char>('0' + part / 10);
    text += static_cast<char>('0' + part % 10);
  }
  return text;
}

RecipientZone choose_recipient_zone(const ZoneEvidence& evidence,
                                    const std::function<bool(std::string_view)>& is_zone) {
  if (auto zone = usable_zone(evidence.trait, is_zone); !zone.empty()) {
    return {std::move(zone), ZoneSource::kTrait};
  }
  if (auto zone = usable_zone(evidence.last_seen, is_zone); !zone.empty()) {
    return {std::move(zone), ZoneSource::kLastSeen};
  }
  const std::string_view country = main_zone_of_country(evidence.country);
  if (!country.empty() && is_zone(country)) return {std::string(country), ZoneSource::kCountry};
  if (auto zone = usable_zone(evidence.workspace, is_zone); !zone.empty()) {
    return {std::move(zone), ZoneSource::kWorkspace};
  }
  return {"UTC", ZoneSource::kDefault};
}

ZoneEvidence zone_evidence(const Customer& customer, std::string last_seen, std::string workspace) {
  ZoneEvidence evidence;
  evidence.last_seen = std::move(last_seen);
  evidence.workspace = std::move(workspace);
  for (const std::string_view name : {"timezone", "time_zone", "timeZone"}) {
    if (evidence.trait.empty()) evidence.trait = customer.text_trait(name);
  }
  for (const std::string_view name : {"country", "country_code", "countryCode"}) {
    if (evidence.country.empty()) evidence.country = customer.text_trait(name);
  }
  if (evidence.country.empty()) {
    for (const auto& [name, json] : customer.traits) {
      if (name == "address") evidence.country = member_text(json, "country");
    }
  }
  return evidence;
}

std::shared_ptr<const TimeZone> ZoneTable::find(std::string_view name) {
  const std::lock_guard lock(mutex_);
  if (const auto it = zones_.find(name); it != zones_.end()) return it->second;
  std::shared_ptr<const TimeZone> zone;
  if (const auto offset = parse_utc_offset(name)) {
    zone = std::make_shared<const TimeZone>(
        TimeZone::fixed(format_utc_offset(*offset), std::chrono::minutes(*offset)));
  } else if (is_time_zone_name(name)) {
    try {
      zone = std::make_shared<const TimeZone>(load_time_zone(name, folder_));
    } catch (const Error&) {
      zone = nullptr;  // a name that clients sent and nobody knows; remembered as such
    }
  }
  // Names come from outside, so what is remembered has a bound.
  if (zones_.size() >= limits::kMaxZonesInMemory) zones_.clear();
  zones_.emplace(std::string(name), zone);
  return zone;
}

std::shared_ptr<const TimeZone> ZoneTable::zone_of(const ZoneEvidence& evidence) {
  const RecipientZone chosen = choose_recipient_zone(
      evidence, [this](std::string_view name) { return find(name) != nullptr; });
  auto zone = find(chosen.name);
  static const auto kUtc = std::make_shared<const TimeZone>();
  return zone ? zone : kUtc;
}

Timestamp next_local_time(const TimeZone& zone, Timestamp after, int minute_of_day) {
  const auto day = std::chrono::floor<std::chrono::days>(zone.to_local(after));
  // The day before counts too: where clocks were set back, its late hours come again.
  for (int n = -1; n <= 2; ++n) {
    const LocalTime wanted = day + std::chrono::days(n) + std::chrono::minutes(minute_of_day);
    const Timestamp at = zone.to_utc(wanted);
    if (at >= after) return at;
  }
  return after;  // not reached: one of the next two days is always later
}

}  // namespace rapport
