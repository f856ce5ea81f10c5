#include "messaging/permission/recipient_zone.h"

#include <gtest/gtest.h>

#include "messaging/permission/country_zones.h"

namespace rapport {
namespace {

bool knows(std::string_view name) {
  static ZoneTable table;
  return table.find(name) != nullptr;
}

TEST(RecipientZone, TheBestEvidenceCounts) {
  struct Case {
    ZoneEvidence evidence;
    const char* zone;
    ZoneSource source;
  };
  const Case cases[]{
      {{"Asia/Kolkata", "Europe/Paris", "VN", "UTC"}, "Asia/Kolkata", ZoneSource::kTrait},
      {{" Asia/Kolkata ", "", "", ""}, "Asia/Kolkata", ZoneSource::kTrait},
      {{"+0530", "", "", ""}, "+05:30", ZoneSource::kTrait},
      {{"UTC+7", "", "", ""}, "+07:00", ZoneSource::kTrait},
      {{"Mars/Olympus", "Europe/Paris", "VN", ""}, "Europe/Paris", ZoneSource::kLastSeen},
      {{"../../etc/passwd", "-03:30", "VN", ""}, "-03:30", ZoneSource::kLastSeen},
      {{"", "", "VN", "Europe/Paris"}, "Asia/Ho_Chi_Minh", ZoneSource::kCountry},
      {{"", "", "vietnam", "Europe/Paris"}, "Asia/Ho_Chi_Minh", ZoneSource::kCountry},
      {{"", "+99:00", "中国", "Europe/Paris"}, "Asia/Shanghai", ZoneSource::kCountry},
      {{"", "", "Atlantis", "Europe/Paris"}, "Europe/Paris", ZoneSource::kWorkspace},
      {{"", "", "", ""}, "UTC", ZoneSource::kDefault},
      {{std::string(5'000, 'x'), "", "", "no zone"}, "UTC", ZoneSource::kDefault},
  };
  for (const Case& c : cases) {
    const RecipientZone zone = choose_recipient_zone(c.evidence, knows);
    EXPECT_EQ(zone.name, c.zone) << c.evidence.trait;
    EXPECT_EQ(zone_source_name(zone.source), zone_source_name(c.source)) << c.evidence.trait;
  }
}

TEST(RecipientZone, Offsets) {
  const std::pair<std::string_view, std::optional<int>> cases[]{
      {"+07:00", 420}, {"-0330", -210}, {"+7", 420},           {"UTC+7", 420}, {"gmt-3:30", -210},
      {"+05:45", 345}, {"+14:00", 840}, {"-00:00", 0},         {"+15:01", {}}, {"+7:5", {}},
      {"+", {}},       {"7", {}},       {"UTC", {}},           {"+07:60", {}}, {"+a7", {}},
      {"+123456", {}}, {"", {}},        {"Europe/London", {}},
  };
  for (const auto& [text, minutes] : cases) {
    EXPECT_EQ(parse_utc_offset(text), minutes) << text;
    if (minutes) {
      EXPECT_EQ(parse_utc_offset(format_utc_offset(*minutes)), minutes);
    }
  }
}

TEST(RecipientZone, EveryCountryHasAZoneThatIsInstalled) {
  size_t known = 0;
  for (char a = 'A'; a <= 'Z'; ++a) {
    for (char b = 'A'; b <= 'Z'; ++b) {
      const std::string_view zone = main_zone_of_country(std::string{a, b});
      if (zone.empty()) continue;
      ++known;
      EXPECT_TRUE(knows(zone)) << zone;
    }
  }
  EXPECT_GT(known, 240u);
  const std::pair<std::string_view, std::string_view> cases[]{
      {"US", "America/New_York"},
      {"usa", "America/New_York"},
      {"RU", "Europe/Moscow"},
      {"au", "Australia/Sydney"},
      {"Brazil", "America/Sao_Paulo"},
      {"TW", "Asia/Taipei"},
      {"香港", "Asia/Hong_Kong"},
      {"Việt Nam", "Asia/Ho_Chi_Minh"},
      {"", ""},
      {"XX", ""},
      {"zzz", ""},
      {"India", "Asia/Kolkata"},
  };
  for (const auto& [country, zone] : cases) EXPECT_EQ(main_zone_of_country(country), zone);
}

TEST(RecipientZone, EvidenceComesFromTraits) {
  Customer customer;
  customer.traits = {{"address", R"({"city":"Huế","country":"VN"})"},
                     {"timezone", R"("Asia/Tokyo")"}};
  const ZoneEvidence evidence = zone_evidence(customer, "+01:00", "UTC");
  EXPECT_EQ(evidence.trait, "Asia/Tokyo");
  EXPECT_EQ(evidence.country, "VN");
  EXPECT_EQ(evidence.last_seen, "+01:00");
  customer.traits = {{"address", "[1]"}, {"country", R"("FR")"}, {"timezone", "7"}};
  EXPECT_EQ(zone_evidence(customer, "", "").country, "FR");
  EXPECT_EQ(zone_evidence(customer, "", "").trait, "");
}

// Changes of the clock in both hemispheres, and zones of half and quarter hours.
TEST(RecipientZone, TheNextLocalHour) {
  struct Case {
    const char* zone;
    const char* after;
    int minute;
    const char* at;
  };
  const Case cases[]{
      {"Asia/Ho_Chi_Minh", "2026-11-25T00:00:00Z", 9 * 60, "2026-11-25T02:00:00Z"},
      {"Asia/Ho_Chi_Minh", "2026-11-25T02:00:00Z", 9 * 60, "2026-11-25T02:00:00Z"},
      {"Asia/Ho_Chi_Minh", "2026-11-25T02:00:00.000001Z", 9 * 60, "2026-11-26T02:00:00Z"},
      {"Asia/Kolkata", "2026-11-25T00:00:00Z", 9 * 60, "2026-11-25T03:30:00Z"},
      {"Asia/Kathmandu", "2026-11-25T00:00:00Z", 9 * 60, "2026-11-25T03:15:00Z"},
      {"-03:30", "2026-11-25T00:00:00Z", 8 * 60, "2026-11-25T11:30:00Z"},
      // Clocks go forward on 29 March in Berlin: 02:30 does not exist that day.
      {"Europe/Berlin", "2026-03-28T12:00:00Z", 150, "2026-03-29T01:30:00Z"},
      {"Europe/Berlin", "2026-03-29T02:00:00Z", 8 * 60, "2026-03-29T06:00:00Z"},
      // And back on 25 October: 02:30 comes twice, the first counts.
      {"Europe/Berlin", "2026-10-24T12:00:00Z", 150, "2026-10-25T00:30:00Z"},
      {"Europe/Berlin", "2026-10-25T00:30:01Z", 150, "2026-10-26T01:30:00Z"},
      // The southern summer begins on 4 October and ends on 5 April.
      {"Australia/Sydney", "2026-10-03T12:00:00Z", 8 * 60, "2026-10-03T21:00:00Z"},
      {"Australia/Sydney", "2026-04-04T12:00:00Z", 8 * 60, "2026-04-04T22:00:00Z"},
      // Lord Howe Island changes by half an hour.
      {"Australia/Lord_Howe", "2026-10-03T12:00:00Z", 8 * 60, "2026-10-03T21:00:00Z"},
      {"Australia/Lord_Howe", "2026-04-04T12:00:00Z", 8 * 60, "2026-04-04T21:30:00Z"},
      {"America/St_Johns", "2026-03-07T12:00:00Z", 8 * 60, "2026-03-08T10:30:00Z"},
      {"Pacific/Kiritimati", "2026-11-25T00:00:00Z", 9 * 60, "2026-11-25T19:00:00Z"},
  };
  ZoneTable table;
  for (const Case& c : cases) {
    const auto zone = table.find(c.zone);
    ASSERT_TRUE(zone) << c.zone;
    EXPECT_EQ(format_timestamp(next_local_time(*zone, *parse_timestamp(c.after), c.minute)),
              format_timestamp(*parse_timestamp(c.at)))
        << c.zone << " " << c.after;
  }
}

TEST(RecipientZone, ATableForgetsRatherThanGrows) {
  ZoneTable table;
  for (int i = 0; i < 3'000; ++i) EXPECT_FALSE(table.find("No/Zone" + std::to_string(i)));
  EXPECT_TRUE(table.find("Asia/Tokyo"));
  EXPECT_EQ(table.zone_of({"", "", "", ""})->name(), "UTC");
}

}  // namespace
}  // namespace rapport
