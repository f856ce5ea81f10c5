#include "runtime/log.h"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <atomic>
#include <memory>

#include "base/text.h"
#include "base/time.h"

namespace rapport {
namespace {

constexpr std::array<std::string_view, 5> kLevelNames{"debug", "info", "warning", "error", "off"};

std::atomic<LogLevel> g_level{LogLevel::kInfo};
std::atomic<LogFormat> g_format{LogFormat::kText};

std::string_view level_name(LogLevel level) {
  return kLevelNames.at(static_cast<size_t>(level));
}

spdlog::logger& sink() {
  // Leaked on purpose: records may come while static objects are being destroyed.
  static auto* const logger = [] {
    auto* made = new spdlog::logger("rapport", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%v");
    made->set_level(spdlog::level::trace);
    return made;
  }();
  return *logger;
}

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    default:
      return spdlog::level::err;
  }
}

bool is_plain(std::string_view value) {
  if (value.empty()) return false;
  for (const char c : value) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._:/@+{}*,").find(c) != std::string_view::npos;
    if (!plain) return false;
  }
  return true;
}

// A byte that is not UTF-8 would make the JSON line unreadable for every tool that follows.
std::string quoted(std::string_view value) {
  if (is_valid_utf8(value)) return json_quote(value);
  std::string cleaned(value);
  for (char& c : cleaned) {
    if (static_cast<unsigned char>(c) >= 0x80) c = '?';
  }
  return json_quote(cleaned);
}

}  // namespace

LogField::LogField(std::string_view n, double v) : name(n), value(fmt::format("{}", v)) {
  bare = parse_number(value).has_value();
}

void configure_logging(LogLevel level, LogFormat format) {
  g_level = level;
  g_format = format;
}

bool parse_log_level(std::string_view text, LogLevel* level) {
  for (size_t i = 0; i < kLevelNames.size(); ++i) {
    if (kLevelNames[i] == text) {
      *level = static_cast<LogLevel>(i);
      return true;
    }
  }
  return false;
}

bool log_enabled(LogLevel level) {
  return level >= g_level.load(std::memory_order_relaxed);
}

std::string format_log_line(LogFormat format, std::string_view time_text, LogLevel level,
                            std::string_view event, LogFields fields) {
  std::string line;
  if (format == LogFormat::kJson) {
    line = fmt::format(R"({{"time":"{}","level":"{}","event":{})", time_text, level_name(level),
                       quoted(event));
    for (const LogField& field : fields) {
      line +=
          fmt::format(",{}:{}", quoted(field.name), field.bare ? field.value : quoted(field.value));
    }
    line += '}';
    return line;
  }
  line = fmt::format("{} {:<7} {}", time_text, level_name(level),
                     is_plain(event) ? std::string(event) : quoted(event));
  for (const LogField& field : fields) {
    line += fmt::format(" {}={}", field.name,
                        is_plain(field.value) ? field.value : quoted(field.value));
  }
  return line;
}

void log_record(LogLevel level, std::string_view event, LogFields fields) {
  // The log's own time is the machine's: a record of a rehearsal is still written today.
  const auto now = std::chrono::floor<Micros>(std::chrono::system_clock::now());
  sink().log(spdlog_level(level), format_log_line(g_format.load(std::memory_order_relaxed),
                                                  format_timestamp(now), level, event, fields));
}

}  // namespace rapport
