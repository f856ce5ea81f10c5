// What a workspace decides about restraint: caps, quiet hours, how long messages may be held, and
// the sender of confirmations. A setting of the workspace ("permission"); every change is audited.
// Thread-safe; calls block, except `get` of settings in memory, which change with them.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "access/settings_service.h"
#include "messaging/permission/decision.h"

namespace rapport {

struct PermissionSettings {
  std::vector<Cap> caps;
  std::vector<QuietHours> quiet_hours;
  bool hold_over_cap = false;  // wait for a free place under a cap, else skip
  int64_t max_hold_hours = 72;
  std::string sender;  // "Shop <hello@shop.example>": of confirmations; empty: the last campaign's

  Micros max_hold() const { return std::chrono::hours(max_hold_hours); }
};

/// "21:00" as minutes of the day; null when it is not of that form.
std::optional<int> parse_minute_of_day(std::string_view text);
std::string format_minute_of_day(int minute);
/// "7d", "24h": the largest unit that gives a whole number.
std::string format_window(Micros window);

/// As JSON for the API and the store; `parse` throws kInvalidArgument naming the field.
std::string to_json_text(const PermissionSettings& settings);
PermissionSettings parse_permission_settings(std::string_view json);
/// Its JSON Schema.
std::string permission_settings_schema();

class PermissionSettingsService {
 public:
  explicit PermissionSettingsService(SettingsService& settings) : settings_(settings) {}

  std::shared_ptr<const PermissionSettings> get(WorkspaceId workspace) const;
  void put(WorkspaceId workspace, const PermissionSettings& settings, const Actor& actor);

 private:
  SettingsService& settings_;
  mutable std::mutex mutex_;
  mutable uint64_t changes_ = 0;  // under mutex_
  mutable std::map<WorkspaceId, std::shared_ptr<const PermissionSettings>> cache_;
};

}  // namespace rapport
