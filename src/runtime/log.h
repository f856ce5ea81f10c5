// Structured logging: one line a record on standard error, as JSON or as readable text.
//
// A record is a level, an event in a few words and fields. Values are escaped, so nothing from
// outside can forge a line. Thread-safe; a line is written whole. Before `configure_logging` the
// level is info and the format text. Secrets and bodies never belong in a field.
#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

namespace rapport {

enum class LogLevel { kDebug, kInfo, kWarning, kError, kOff };
enum class LogFormat { kText, kJson };

/// One name and value of a record; numbers and booleans stay bare in JSON.
struct LogField {
  LogField(std::string_view n, std::string_view v) : name(n), value(v) {}
  LogField(std::string_view n, const std::string& v) : name(n), value(v) {}
  LogField(std::string_view n, const char* v) : name(n), value(v) {}
  LogField(std::string_view n, bool v) : name(n), value(v ? "true" : "false"), bare(true) {}
  LogField(std::string_view n, std::integral auto v)
      : name(n), value(std::to_string(v)), bare(true) {}
  LogField(std::string_view n, double v);

  std::string_view name;
  std::string value;
  bool bare = false;
};

using LogFields = std::initializer_list<LogField>;

/// May be called again at any time.
void configure_logging(LogLevel level, LogFormat format);
/// "debug", "info", "warning", "error", "off"; false when it is none of them.
bool parse_log_level(std::string_view text, LogLevel* level);
bool log_enabled(LogLevel level);

void log_record(LogLevel level, std::string_view event, LogFields fields);
/// The line without its end, as `log_record` would write it at `time_text`.
std::string format_log_line(LogFormat format, std::string_view time_text, LogLevel level,
                            std::string_view event, LogFields fields);

inline void log_debug(std::string_view event, LogFields fields = {}) {
  if (log_enabled(LogLevel::kDebug)) log_record(LogLevel::kDebug, event, fields);
}
inline void log_info(std::string_view event, LogFields fields = {}) {
  if (log_enabled(LogLevel::kInfo)) log_record(LogLevel::kInfo, event, fields);
}
inline void log_warning(std::string_view event, LogFields fields = {}) {
  if (log_enabled(LogLevel::kWarning)) log_record(LogLevel::kWarning, event, fields);
}
inline void log_error(std::string_view event, LogFields fields = {}) {
  if (log_enabled(LogLevel::kError)) log_record(LogLevel::kError, event, fields);
}

}  // namespace rapport
