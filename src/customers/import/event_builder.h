// Rows in, events out: applies a mapping, groups rows, and keeps each customer's latest traits.
//
// Used by one thread; results leave through the two callbacks during `add` and `finish`. Rows of
// one group may stand apart as long as no more than max_open_groups groups (and kMaxImportOpenBytes
// bytes) are open; the group untouched for longest is then closed, and a later row of it is
// refused. A group with a refused row is refused whole, since half an order is a wrong order.
// Traits are held for every customer until the end: about 200 bytes each.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/time.h"
#include "customers/import/decimal.h"
#include "customers/import/mapping.h"
#include "customers/import/row_reader.h"

namespace rapport {

struct ImportEvent {
  std::string name;  // of the track event, or "identify"
  std::string message_id;
  std::string json;   // one event of the Segment specification
  uint64_t line = 0;  // first line it was made of
};

struct RefusedRow {
  uint64_t line = 0;
  std::string reason;
  std::vector<std::string> cells;  // empty when the row could not be split
};

class EventBuilder {
 public:
  using OnEvent = std::function<void(ImportEvent)>;
  using OnRefused = std::function<void(RefusedRow)>;

  /// `mapping` must outlive the builder. Throws Error(kInvalidArgument) when `file_columns` lacks
  /// a column of the mapping.
  EventBuilder(const Mapping& mapping, const std::vector<std::string>& file_columns,
               OnEvent on_event, OnRefused on_refused);
  ~EventBuilder();

  void add(const RowReader& row);
  /// Closes all groups and emits the identify events.
  void finish();
  /// Distinct customers of the rows that were taken.
  size_t customers() const { return customers_.size(); }

 private:
  /// One output value while its rows come in.
  struct Partial {
    std::string text;
    Decimal sum;
    uint64_t count = 0;
  };
  struct Group {
    std::string key;
    const EventRule* event = nullptr;
    std::string event_name;
    std::string user_id;
    std::string anonymous_id;
    std::string external_ids;  // JSON members of the array
    std::optional<Timestamp> time;
    uint64_t line = 0;
    std::vector<uint64_t> lines;  // of all rows
    std::vector<Partial> properties;
    std::vector<Partial> traits;
    size_t bytes = 0;
    std::string broken;  // why the group is refused
  };
  struct Latest {
    std::string text;
    std::optional<Timestamp> time;
  };
  struct Customer {
    bool anonymous = false;
    std::optional<Timestamp> time;
    uint64_t line = 0;
    std::vector<Latest> traits;
  };

  std::string_view cell(ColumnIndex column) const;
  std::string problem(ColumnIndex column, std::string_view what) const;
  bool identify_row(Group& row);
  bool choose_event(Group& row);
  void add_single(Group row);
  void add_to_group(Group row);
  Group& open_group(Group row, std::string key);
  void close_oldest();
  void break_group(Group& group, std::string reason);
  bool accumulate(const std::vector<ValueRule>& rules, std::vector<Partial>& into, Group& group);
  bool accumulate_sum(const ValueRule& rule, Partial& into);
  bool append_item(const ValueRule& list, std::string& out);
  std::optional<Decimal> product(const ValueRule& rule);
  bool emit(Group& group, std::string_view key);
  void remember(Group& group);
  void emit_identify(const std::string& id, Customer& customer);
  std::string whole_row_key() const;
  std::string message_id(std::string_view kind, std::string_view key) const;
  void refuse(std::string reason);

  const Mapping& mapping_;
  OnEvent on_event_;
  OnRefused on_refused_;
  std::vector<size_t> cell_of_;  // mapping column → cell
  const RowReader* row_ = nullptr;
  std::string problem_;  // why the current row is refused
  std::string cached_time_text_;
  std::optional<Timestamp> cached_time_;
  std::list<Group> groups_;  // least recently touched first
  std::unordered_map<std::string, std::list<Group>::iterator> open_;
  std::unordered_set<uint64_t> closed_;  // hashes of keys
  size_t open_bytes_ = 0;
  std::map<std::string, Customer> customers_;
};

}  // namespace rapport
