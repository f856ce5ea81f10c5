#include "runtime/log.h"

#include <gtest/gtest.h>

namespace rapport {
namespace {

TEST(Log, FormatsRecords) {
  struct Case {
    LogFormat format;
    std::string expected;
  };
  const Case cases[] = {
      {LogFormat::kJson,
       R"({"time":"T","level":"warning","event":"it \"broke\"","path":"/a\nb","n":7,"ok":true,)"
       R"("ratio":0.5,"bytes":"??"})"},
      {LogFormat::kText,
       R"(T warning "it \"broke\"" path="/a\nb" n=7 ok=true ratio=0.5 bytes="??")"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(
        format_log_line(
            c.format, "T", LogLevel::kWarning, "it \"broke\"",
            {{"path", "/a\nb"}, {"n", 7}, {"ok", true}, {"ratio", 0.5}, {"bytes", "\xff\xfe"}}),
        c.expected);
  }
}

TEST(Log, KnowsItsLevels) {
  LogLevel level = LogLevel::kInfo;
  EXPECT_TRUE(parse_log_level("error", &level));
  EXPECT_EQ(level, LogLevel::kError);
  EXPECT_FALSE(parse_log_level("loud", &level));
  configure_logging(LogLevel::kError, LogFormat::kText);
  EXPECT_FALSE(log_enabled(LogLevel::kWarning));
  EXPECT_TRUE(log_enabled(LogLevel::kError));
  configure_logging(LogLevel::kInfo, LogFormat::kText);
}

}  // namespace
}  // namespace rapport
