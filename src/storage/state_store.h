// StateStore: a small SQL database with one writer and many readers. A port.
//
// Operation: `write` runs a function inside one IMMEDIATE transaction and commits it durably; when
// the function throws, nothing is kept. `read` runs one inside a snapshot. Statements use `$1`
// parameters so that one text serves SQLite and PostgreSQL; they are prepared once a connection and
// found again by their text. Two stores exist: `control.db`, the records people make (workspaces,
// users, keys, definitions), and `state.db`, the projection of the log, which can be deleted and
// rebuilt.
// Concurrency: thread-safe; writers queue, readers do not wait for them. Calls block: use a
// blocking pool. A Connection belongs to the thread that got it until the call returns.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/ids.h"
#include "base/time.h"

namespace rapport {

struct Blob {
  std::string_view bytes;
};

/// A prepared statement. Text and blob columns are views until the next step or reset.
class Statement {
 public:
  virtual ~Statement() = default;
  virtual void bind(int index, std::nullptr_t) = 0;  // index from 1
  virtual void bind(int index, int64_t value) = 0;
  virtual void bind(int index, double value) = 0;
  virtual void bind(int index, std::string_view value) = 0;  // must outlive the step
  virtual void bind(int index, Blob value) = 0;              // must outlive the step
  /// True while there is a row.
  virtual bool step() = 0;
  virtual void reset() = 0;
  virtual bool is_null(int column) const = 0;  // column from 0
  virtual int64_t integer(int column) const = 0;
  virtual double real(int column) const = 0;
  virtual std::string_view text(int column) const = 0;  // also for blobs

  uint64_t id(int column) const { return static_cast<uint64_t>(integer(column)); }
  Timestamp time(int column) const { return from_micros(integer(column)); }
  std::optional<Timestamp> optional_time(int column) const {
    if (is_null(column)) return std::nullopt;
    return time(column);
  }
};

class Connection {
 public:
  virtual ~Connection() = default;
  /// Prepared on first use, then reused; reset and unbound. `sql` is a single statement.
  virtual Statement& prepare(std::string_view sql) = 0;
  /// Rows changed by the last INSERT, UPDATE or DELETE.
  virtual int64_t changes() const = 0;
  /// Several statements without parameters; for migrations.
  virtual void execute_script(std::string_view sql) = 0;

  /// Runs a statement that gives no rows.
  template <class... Args>
  void run(std::string_view sql, const Args&... args) {
    Statement& s = bound(sql, args...);
    s.step();
    s.reset();
  }
  /// Calls `visit(Statement&)` for every row.
  template <class Visit, class... Args>
  void each(std::string_view sql, Visit&& visit, const Args&... args) {
    Statement& s = bound(sql, args...);
    const ResetGuard guard{s};
    while (s.step()) visit(s);
  }
  /// First row through `map`, or null.
  template <class Map, class... Args>
  auto find(std::string_view sql, Map&& map, const Args&... args)
      -> std::optional<std::invoke_result_t<Map, Statement&>> {
    Statement& s = bound(sql, args...);
    const ResetGuard guard{s};
    if (!s.step()) return std::nullopt;
    return map(s);
  }

 private:
  struct ResetGuard {
    Statement& statement;
    ~ResetGuard() { statement.reset(); }
  };

  template <class T>
  static void bind_one(Statement& s, int index, const T& value) {
    if constexpr (std::same_as<T, bool>) {
      s.bind(index, int64_t{value});
    } else if constexpr (std::integral<T>) {
      s.bind(index, static_cast<int64_t>(value));
    } else if constexpr (std::same_as<T, double>) {
      s.bind(index, value);
    } else if constexpr (std::same_as<T, Timestamp>) {
      s.bind(index, to_micros(value));
    } else if constexpr (requires {
                           T::kIsId;
                           value.value;
                         }) {
      s.bind(index, static_cast<int64_t>(value.value));
    } else if constexpr (requires {
                           value.has_value();
                           *value;
                         }) {
      if (value.has_value()) {
        bind_one(s, index, *value);
      } else {
        s.bind(index, nullptr);
      }
    } else if constexpr (std::same_as<T, Blob> || std::same_as<T, std::nullptr_t>) {
      s.bind(index, value);
    } else {
      s.bind(index, std::string_view(value));
    }
  }

  template <class... Args>
  Statement& bound(std::string_view sql, const Args&... args) {
    Statement& s = prepare(sql);
    int index = 0;
    (bind_one(s, ++index, args), ...);
    return s;
  }
};

/// One numbered, forward-only step of a schema.
struct Migration {
  int version;  // 1, 2, 3 …
  std::string_view sql;
};

class StateStore {
 public:
  virtual ~StateStore() = default;
  /// One durable transaction; queues behind other writers.
  virtual void write(const std::function<void(Connection&)>& work) = 0;
  /// One snapshot on a pooled connection.
  virtual void read(const std::function<void(Connection&)>& work) const = 0;
  /// Applies what is missing of one component's migrations, each in a transaction of its own.
  /// Throws kConflict with a clear message when the stored schema is newer than the program.
  virtual void migrate(std::string_view component, std::span<const Migration> migrations) = 0;

  /// `write` and `read` that give a value back.
  template <class F>
  auto write_value(F&& work) -> std::invoke_result_t<F, Connection&> {
    std::optional<std::invoke_result_t<F, Connection&>> result;
    write([&](Connection& c) { result.emplace(work(c)); });
    return std::move(*result);
  }
  template <class F>
  auto read_value(F&& work) const -> std::invoke_result_t<F, Connection&> {
    std::optional<std::invoke_result_t<F, Connection&>> result;
    read([&](Connection& c) { result.emplace(work(c)); });
    return std::move(*result);
  }
};

struct SqliteOptions {
  int cache_kib = 16 * 1024;  // page cache of the writer; readers take an eighth each
  int readers = 4;
  /// Commits survive the end of the program; the latest may be lost with the machine's power. For
  /// what is made from the log and goes on from where it stands.
  bool rebuildable = false;
};

/// `path` ":memory:" gives a private in-memory store (shared by its own connections); for tests.
std::unique_ptr<StateStore> open_sqlite_state_store(const std::string& path,
                                                    SqliteOptions options = {});

}  // namespace rapport
