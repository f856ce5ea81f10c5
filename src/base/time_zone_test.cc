#include "base/time_zone.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace rapport {
namespace {

std::string big_endian(int64_t value, size_t width) {
  std::string out;
  for (size_t i = width; i-- > 0;) out += static_cast<char>(value >> (8 * i));
  return out;
}

std::string header(char version, int times, int types) {
  std::string out = "TZif";
  out += version;
  out.append(15, '\0');
  for (const int count : {0, 0, 0, times, types, 4}) out += big_endian(count, 4);
  return out;
}

/// One transition from +1 h to +2 h at 1,000,000 s, then the rule.
std::string two_step_zone(const std::string& rule) {
  const auto block = [](size_t width) {
    std::string out = big_endian(1'000'000, width);
    out += '\1';
    out += big_endian(3600, 4) + std::string(2, '\0') + big_endian(7200, 4) + std::string(2, '\0');
    return out + std::string("AAA\0", 4);
  };
  return header('2', 1, 2) + block(4) + header('2', 1, 2) + block(8) + "\n" + rule + "\n";
}

int64_t offset(const TimeZone& zone, int64_t second) {
  return zone.offset_at(Timestamp(std::chrono::seconds(second))).count();
}

TEST(TimeZone, TransitionsThenRule) {
  const TimeZone zone = TimeZone::parse("Test/Zone", two_step_zone("BBB-2CCC,M3.5.0,M10.5.0"));
  EXPECT_EQ(zone.name(), "Test/Zone");
  EXPECT_EQ(offset(zone, 0), 3600);
  EXPECT_EQ(offset(zone, 999'999), 3600);
  EXPECT_EQ(offset(zone, 1'000'000), 7200);
  EXPECT_EQ(offset(zone, 15'552'000), 10800);  // 1970-06-30
}

TEST(TimeZone, RuleForms) {
  struct Case {
    const char* rule;
    const char* utc;
    int64_t offset_s;
  };
  constexpr Case kCases[] = {
      {"<+0330>-3:30", "2040-06-01", 12600},
      {"EST5EDT,J60,J300", "2040-02-29T12:00", -18000},
      {"EST5EDT,J60,J300", "2040-03-01T12:00", -14400},
      {"EST5EDT,59,300/0", "2040-02-29T12:00", -14400},
      {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2040-07-01", -3600},
      {"IST-1GMT0,M10.5.0,M3.5.0/1", "2040-01-01", 0},
  };
  for (const Case& c : kCases) {
    const TimeZone zone = TimeZone::parse("Z", two_step_zone(c.rule));
    EXPECT_EQ(zone.offset_at(parse_timestamp(c.utc).value()).count(), c.offset_s)
        << c.rule << c.utc;
  }
}

TEST(TimeZone, DamagedFilesAreRefused) {
  const std::string good = two_step_zone("BBB-2");
  EXPECT_NO_THROW(TimeZone::parse("Z", good));
  for (size_t length = 0; length + 7 < good.size(); ++length) {
    EXPECT_THROW(TimeZone::parse("Z", good.substr(0, length)), Error) << length;
  }
  for (const char* rule : {"B", "BBB", "BBB-2CCC", "BBB-2CCC,M13.1.0,M1.1.0", "BBB-2CCC,M3.5.0",
                           "BBB-2CCC,M3.5.0,M10.5.0x", "<BBB-2"}) {
    EXPECT_THROW(TimeZone::parse("Z", two_step_zone(rule)), Error) << rule;
  }
}

TEST(TimeZone, NoZoneIsUtc) {
  EXPECT_EQ(offset(TimeZone(), 1'700'000'000), 0);
  EXPECT_EQ(offset(TimeZone::fixed("+05:30", std::chrono::seconds(19800)), 0), 19800);
}

}  // namespace
}  // namespace rapport
