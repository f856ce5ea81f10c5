// A SELECT of events with what a condition needs of each: the customer as merged today, time,
// offset and chosen properties. For the compiler; built in one go, one thread at a time.
//
// Three levels: read rows and cut properties out; give texts and the customer's zone; filter and
// compute. Levels that nothing needs are left out.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "segments/calendar.h"
#include "segments/condition.h"
#include "segments/moment.h"
#include "segments/sql_binder.h"
#include "segments/value_sql.h"

namespace rapport {

/// What all parts of one statement share.
struct SqlScope {
  SqlBinder& binder;
  Moment moment;
  AskedAt asked;         // the customer's zone is the workspace's here
  std::string within{};  // SQL of the customers that matter; empty: all

  /// SELECT of (c, zone): customers whose traits tell a zone.
  std::string zones();
};

class EventRows {
 public:
  explicit EventRows(SqlScope& scope) : scope_(scope) {}

  /// Only events of this name or names; several calls: any of them.
  void read(const EventNames& names);
  /// Only those that the program itself wrote.
  void only_own() { own_ = true; }
  /// Only events in `window`; without a call, all that the moment may see.
  void within(const Window& window);

  /// Only events from the beginning of `window` on: what it holds, and what follows.
  void since(const Window& window);

  /// Predicates on a row, for `filter` and columns; never null.
  std::string named(const EventNames& names);
  std::string matches(const EventFilter& filter, bool name_too);
  std::string meets(const std::vector<PropertyTest>& tests);
  std::string in(const Window& window);
  /// That a time lies in a window of the workspace's clock.
  std::string bounded(const Window& window, std::string_view time);
  ValueSql property(const ValuePath& path);

  void filter(const std::string& predicate);
  /// A column beside `c`; expressions may name t (time), o (offset) and what the above gave.
  void column(const std::string& expression, std::string_view alias);

  std::string sql();

 private:
  std::string bounds(const TimeRange& range, std::string_view time);
  TimeRange widest(const Window& window) const;
  AskedSql asked();

  SqlScope& scope_;
  std::string names_;
  bool own_ = false;
  std::string times_;
  std::map<std::string, size_t> properties_;  // by pointer: one that is tested twice is read once
  bool name_column_ = false;
  bool zone_column_ = false;
  std::string filter_;
  std::string columns_;
};

}  // namespace rapport
