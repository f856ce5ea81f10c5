#include "messaging/permission/permission_settings.h"

#include "base/error.h"
#include "base/limits/permission.h"
#include "http/json_schema.h"
#include "mail/address.h"

namespace rapport {
namespace {

constexpr std::string_view kSetting = "permission";
constexpr int64_t kMaxCapLimit = 100'000;
constexpr int64_t kMaxHoldHours = 14 * 24;
constexpr size_t kMaxQuietHours = 10;

struct CapBody {
  std::optional<std::string> channel;
  std::optional<std::string> topic_id;
  int64_t limit = 1;
  std::string window;
};
BOOST_DESCRIBE_STRUCT(CapBody, (), (channel, topic_id, limit, window))

struct QuietBody {
  std::optional<std::string> channel;
  std::string start;
  std::string end;
  std::string mode;
};
BOOST_DESCRIBE_STRUCT(QuietBody, (), (channel, start, end, mode))

struct SettingsBody {
  std::vector<CapBody> caps;
  std::vector<QuietBody> quiet_hours;
  std::string over_cap;
  int64_t max_hold_hours = 72;
  std::string sender;
};
BOOST_DESCRIBE_STRUCT(SettingsBody, (), (caps, quiet_hours, over_cap, max_hold_hours, sender))

std::string place(std::string_view list, size_t index, std::string_view field) {
  return std::string(list) + "[" + std::to_string(index) + "]." + std::string(field);
}

Cap cap_from(const CapBody& body, size_t index) {
  Cap cap;
  cap.channel = body.channel.value_or("");
  if (cap.channel.size() > 32)
    throw Error::invalid(place("caps", index, "channel"), "is no channel");
  if (body.topic_id && !body.topic_id->empty()) {
    const auto topic = parse_id<TopicTag>(*body.topic_id);
    if (!topic) throw Error::invalid(place("caps", index, "topic_id"), "is not a topic's id");
    cap.topic = *topic;
  }
  cap.limit = body.limit;
  if (cap.limit < 1 || cap.limit > kMaxCapLimit) {
    throw Error::invalid(place("caps", index, "limit"), "must be from 1 to 100000");
  }
  const auto window = parse_duration(body.window);
  if (!window || *window < std::chrono::minutes(1) || *window > limits::kMaxCapWindow) {
    throw Error::invalid(place("caps", index, "window"), "must be from 1m to 92d, such as 7d");
  }
  cap.window = *window;
  return cap;
}

QuietHours quiet_from(const QuietBody& body, size_t index) {
  QuietHours hours;
  hours.channel = body.channel.value_or("");
  const auto start = parse_minute_of_day(body.start);
  const auto end = parse_minute_of_day(body.end);
  if (!start) throw Error::invalid(place("quiet_hours", index, "start"), "must be such as 21:00");
  if (!end) throw Error::invalid(place("quiet_hours", index, "end"), "must be such as 08:00");
  if (*start == *end) throw Error::invalid(place("quiet_hours", index, "end"), "is the start too");
  if (body.mode != "hold" && body.mode != "drop") {
    throw Error::invalid(place("quiet_hours", index, "mode"), "must be hold or drop");
  }
  hours.start_minute = *start;
  hours.end_minute = *end;
  hours.hold = body.mode == "hold";
  return hours;
}

SettingsBody present(const PermissionSettings& settings) {
  SettingsBody body;
  for (const Cap& cap : settings.caps) {
    CapBody item;
    if (!cap.channel.empty()) item.channel = cap.channel;
    if (cap.topic.value != 0) item.topic_id = to_public(cap.topic);
    item.limit = cap.limit;
    item.window = format_window(cap.window);
    body.caps.push_back(std::move(item));
  }
  for (const QuietHours& hours : settings.quiet_hours) {
    QuietBody item;
    if (!hours.channel.empty()) item.channel = hours.channel;
    item.start = format_minute_of_day(hours.start_minute);
    item.end = format_minute_of_day(hours.end_minute);
    item.mode = hours.hold ? "hold" : "drop";
    body.quiet_hours.push_back(std::move(item));
  }
  body.over_cap = settings.hold_over_cap ? "hold" : "skip";
  body.max_hold_hours = settings.max_hold_hours;
  body.sender = settings.sender;
  return body;
}

}  // namespace

std::optional<int> parse_minute_of_day(std::string_view text) {
  const auto digit = [&](size_t i) { return text[i] >= '0' && text[i] <= '9'; };
  if (text.size() != 5 || text[2] != ':' || !digit(0) || !digit(1) || !digit(3) || !digit(4)) {
    return std::nullopt;
  }
  const int hours = (text[0] - '0') * 10 + (text[1] - '0');
  const int minutes = (text[3] - '0') * 10 + (text[4] - '0');
  if (hours > 23 || minutes > 59) return std::nullopt;
  return hours * 60 + minutes;
}

std::string format_minute_of_day(int minute) {
  std::string text;
  for (const int part : {minute / 60, minute % 60}) {
    if (!text.empty()) text += ':';
    text += static_cast<char>('0' + part / 10);
    text += static_cast<char>('0' + part % 10);
  }
  return text;
}

std::string format_window(Micros window) {
  const int64_t minutes = std::chrono::floor<std::chrono::minutes>(window).count();
  if (minutes % (24 * 60) == 0) return std::to_string(minutes / (24 * 60)) + "d";
  if (minutes % 60 == 0) return std::to_string(minutes / 60) + "h";
  return std::to_string(minutes) + "m";
}

std::string to_json_text(const PermissionSettings& settings) {
  return to_json(present(settings));
}

std::string permission_settings_schema() {
  return named_schema<SettingsBody>("").json;
}

PermissionSettings parse_permission_settings(std::string_view json) {
  const auto body = parse_json<SettingsBody>(json);
  PermissionSettings settings;
  if (body.caps.size() > limits::kMaxCaps) throw Error::invalid("caps", "has more than 50");
  for (size_t i = 0; i < body.caps.size(); ++i) {
    settings.caps.push_back(cap_from(body.caps[i], i));
  }
  if (body.quiet_hours.size() > kMaxQuietHours) {
    throw Error::invalid("quiet_hours", "has more than 10");
  }
  for (size_t i = 0; i < body.quiet_hours.size(); ++i) {
    settings.quiet_hours.push_back(quiet_from(body.quiet_hours[i], i));
    for (size_t other = 0; other < i; ++other) {
      if (settings.quiet_hours[other].channel == settings.quiet_hours[i].channel) {
        throw Error::invalid(place("quiet_hours", i, "channel"), "is there twice");
      }
    }
  }
  if (body.over_cap != "skip" && body.over_cap != "hold") {
    throw Error::invalid("over_cap", "must be skip or hold");
  }
  settings.hold_over_cap = body.over_cap == "hold";
  settings.max_hold_hours = body.max_hold_hours;
  if (settings.max_hold_hours < 1 || settings.max_hold_hours > kMaxHoldHours) {
    throw Error::invalid("max_hold_hours", "must be from 1 to 336");
  }
  settings.sender = body.sender;
  if (!settings.sender.empty()) parse_mailbox(settings.sender, "sender");
  return settings;
}

std::shared_ptr<const PermissionSettings> PermissionSettingsService::get(
    WorkspaceId workspace) const {
  uint64_t seen = 0;
  {
    const std::lock_guard lock(mutex_);
    if (const auto it = cache_.find(workspace); it != cache_.end()) return it->second;
    seen = changes_;
  }
  const auto stored = settings_.find(workspace, kSetting);
  auto settings = std::make_shared<const PermissionSettings>(
      stored ? parse_permission_settings(stored->value) : PermissionSettings{});
  const std::lock_guard lock(mutex_);
  if (seen == changes_) cache_[workspace] = settings;
  return settings;
}

void PermissionSettingsService::put(WorkspaceId workspace, const PermissionSettings& settings,
                                    const Actor& actor) {
  settings_.put(workspace, kSetting, to_json_text(settings), SecretChange::keep(), actor);
  const std::lock_guard lock(mutex_);
  ++changes_;
  cache_.erase(workspace);
}

}  // namespace rapport
