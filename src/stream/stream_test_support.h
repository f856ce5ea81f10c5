// What the tests of this module and of those above share: events, and stores that fail on demand.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/error.h"
#include "storage/event_log.h"
#include "storage/message_index.h"
#include "storage/state_store.h"
#include "storage/warehouse.h"
#include "stream/event.h"
#include "stream/log_writer.h"

namespace rapport::stream_test {

inline constexpr Timestamp kStart = from_micros(1'770'000'000'000'000);

/// A track event of workspace 1 with `id` as its message id.
inline NewEvent track(const std::string& id, std::string_view name = "Did",
                      std::string_view body = "{}", WorkspaceId workspace = {1}) {
  Event event;
  event.workspace = workspace;
  event.timestamp = event.received_at = kStart;
  event.message_id = id;
  event.name = name;
  event.user_id = "u";
  event.body = body;
  return make_new_event(event);
}

/// Passes everything on to a log in memory; can hold appends back and fail them.
class TestLog final : public EventLog {
 public:
  Offset append(std::span<const std::string> records) override {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !held_; });
    --waiting_;
    ++attempts_;
    if (attempts_ <= fail_until_ || (fail_from_ != 0 && attempts_ >= fail_from_)) {
      throw Error(ErrorCode::kUnavailable, "The disk is full");
    }
    return inner_->append(records);
  }
  Offset end() const override { return inner_->end() + pretended; }
  Offset read(Offset from, size_t min_records,
              const std::function<void(Offset, std::string_view)>& visit) const override {
    return inner_->read(from, min_records, visit);
  }
  std::optional<std::string> find(Offset offset) const override { return inner_->find(offset); }

  void hold() {
    const std::lock_guard lock(mutex_);
    held_ = true;
  }
  void release() {
    const std::lock_guard lock(mutex_);
    held_ = false;
    changed_.notify_all();
  }
  /// Until an append is being held back.
  void await_append() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_ > 0; });
  }
  /// The n-th append from now (from 1) and all after it fail; 0: none.
  void fail_from(int n) {
    const std::lock_guard lock(mutex_);
    fail_from_ = n == 0 ? 0 : attempts_ + n;
  }
  /// The next `n` appends fail, those after them succeed.
  void fail_next(int n) {
    const std::lock_guard lock(mutex_);
    fail_until_ = attempts_ + n;
  }
  int attempts() const {
    const std::lock_guard lock(mutex_);
    return attempts_;
  }

  std::atomic<Offset> pretended{0};  // so many events more are said to be there

 private:
  std::unique_ptr<EventLog> inner_ = make_memory_event_log();
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool held_ = false;
  int waiting_ = 0;
  int attempts_ = 0;
  int fail_from_ = 0;
  int fail_until_ = 0;
};

/// A state store whose next commit can fail: all the work is done, and then rolled back, as after a
/// crash.
class TestState final : public StateStore {
 public:
  void write(const std::function<void(Connection&)>& work) override {
    inner_->write([&](Connection& c) {
      work(c);
      if (fail_commits > 0) {
        --fail_commits;
        throw Error(ErrorCode::kUnavailable, "The disk is full");
      }
    });
  }
  void read(const std::function<void(Connection&)>& work) const override { inner_->read(work); }
  void migrate(std::string_view component, std::span<const Migration> migrations) override {
    inner_->migrate(component, migrations);
  }

  std::atomic<int> fail_commits{0};

 private:
  std::unique_ptr<StateStore> inner_ = open_sqlite_state_store(":memory:");
};

class TestWarehouse final : public Warehouse {
 public:
  void append(const WarehouseBatch& batch) override {
    if (fail_appends > 0) {
      --fail_appends;
      throw Error(fail_code, "The warehouse failed");
    }
    inner_->append(batch);
  }
  Offset applied() const override { return inner_->applied(); }
  void query(const std::string& sql, std::span<const WarehouseValue> parameters,
             const std::function<void(const WarehouseRow&)>& visit) const override {
    inner_->query(sql, parameters, visit);
  }

  std::atomic<int> fail_appends{0};
  ErrorCode fail_code = ErrorCode::kInternal;

 private:
  std::unique_ptr<Warehouse> inner_ = open_duckdb_warehouse("");
};

/// Every row of every table of a state store, "table|column|column…", in order.
inline std::vector<std::string> dump(const StateStore& state) {
  std::vector<std::string> rows;
  state.read([&](Connection& c) {
    std::vector<std::string> tables;
    c.each(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
        "ORDER BY name",
        [&](Statement& row) { tables.emplace_back(row.text(0)); });
    for (const std::string& table : tables) {
      std::string columns;
      c.each(
          "SELECT name FROM pragma_table_info($1)",
          [&](Statement& row) {
            columns += (columns.empty() ? "" : " || '|' || ") + std::string("quote(\"") +
                       std::string(row.text(0)) + "\")";
          },
          table);
      c.each("SELECT " + columns + " FROM \"" + table + "\" ORDER BY 1",
             [&](Statement& row) { rows.push_back(table + "|" + std::string(row.text(0))); });
    }
  });
  return rows;
}

/// Every row of the warehouse, in order.
inline std::vector<std::string> dump(const Warehouse& warehouse) {
  std::vector<std::string> rows;
  for (const std::string table : {"events", "traits", "customers", "successors"}) {
    warehouse.query("SELECT CAST(t AS VARCHAR) FROM " + table + " t ORDER BY 1", {},
                    [&](const WarehouseRow& row) { rows.push_back(table + row.text(0)); });
  }
  return rows;
}

/// `log` again, cut into blocks of the given sizes (the last one repeats).
inline std::unique_ptr<EventLog> recut(const EventLog& log, const std::vector<size_t>& sizes) {
  std::vector<std::string> records;
  log.read(1, SIZE_MAX, [&](Offset, std::string_view record) { records.emplace_back(record); });
  auto copy = make_memory_event_log();
  size_t at = 0;
  for (size_t n = 0; at < records.size(); ++n) {
    const size_t size = std::min(sizes[std::min(n, sizes.size() - 1)], records.size() - at);
    copy->append(std::span(records).subspan(at, size));
    at += size;
  }
  return copy;
}

}  // namespace rapport::stream_test
