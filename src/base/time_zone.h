// One IANA time zone: the offset at a UTC instant, and the UTC instant of a local wall-clock time.
//
// Built from the bytes of a compiled TZif file (RFC 8536, versions 1 to 4), with the POSIX rule of
// its footer for times after the last listed transition. Immutable, so free to share between
// threads; a look-up is a binary search. Leap-second records are ignored, as POSIX time has none.
// Reading the file is the caller's (see runtime/zoneinfo.h).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace rapport {

/// Wall-clock time in some zone, in microseconds; a type of its own so that it cannot pass for UTC.
using LocalTime = std::chrono::local_time<Micros>;

/// True for the shape of an IANA name: "Europe/London", "Etc/GMT+5", "UTC"; no "..", at most 64
/// bytes.
bool is_time_zone_name(std::string_view name);

class TimeZone {
 public:
  /// UTC itself.
  TimeZone();
  /// Throws Error(kCorrupted) when `tzif` is not a compiled zone.
  static TimeZone parse(std::string name, std::string_view tzif);
  /// A zone that is always `offset` east of UTC.
  static TimeZone fixed(std::string name, std::chrono::seconds offset);

  const std::string& name() const { return name_; }
  /// Seconds east of UTC at the instant.
  std::chrono::seconds offset_at(Timestamp utc) const;
  LocalTime to_local(Timestamp utc) const;
  /// A time that occurs twice (clocks set back) is the first of the two; one that does not occur
  /// (clocks set forward) is read with the offset before the change, so it lands after the gap.
  Timestamp to_utc(LocalTime local) const;

 private:
  struct Transition {
    int64_t at_s;
    int32_t offset_s;
  };
  /// One date of a POSIX rule.
  struct RuleDate {
    char form = 'M';  // 'M' month.week.day, 'J' day 1..365 without 29 February, 'N' day 0..365
    int month = 0, week = 0, day = 0;
    int32_t time_s = 7200;
  };
  struct Rule {
    bool present = false;
    bool has_dst = false;
    int32_t standard_s = 0;
    int32_t dst_s = 0;
    RuleDate dst_begins;
    RuleDate dst_ends;
  };

  static Rule parse_rule(std::string_view text);
  static RuleDate parse_rule_date(std::string_view& text);
  static int64_t rule_second(const RuleDate& date, int year);
  int32_t rule_offset(int64_t utc_s) const;
  int32_t offset_seconds(int64_t utc_s) const;

  std::string name_;
  int32_t first_offset_s_ = 0;  // before the first transition
  std::vector<Transition> transitions_;
  Rule rule_;
};

}  // namespace rapport
