// SqliteConnection: one SQLite database handle with its prepared statements; SqlitePool: several.
//
// Shared by the SQLite adapters. Statements are found again by their text: first by the address the
// text had last time (checked by comparing), then by its hash, so that a hot loop of a hundred
// thousand statements a second spends its time in SQLite. Errors become rapport::Error: constraint
// kConflict, busy or full kUnavailable, damaged kCorrupted, the rest kInternal.
// Concurrency: a connection is used by one thread at a time; the pool is thread-safe.
// Limits: kMaxCachedStatements a connection, cleared between transactions.
#pragma once

#include <array>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "storage/state_store.h"

struct sqlite3;
struct sqlite3_stmt;

namespace rapport {

class SqliteStatement final : public Statement {
 public:
  SqliteStatement(sqlite3* db, std::string_view sql);
  ~SqliteStatement() override;
  SqliteStatement(const SqliteStatement&) = delete;
  SqliteStatement& operator=(const SqliteStatement&) = delete;

  void bind(int index, std::nullptr_t) override;
  void bind(int index, int64_t value) override;
  void bind(int index, double value) override;
  void bind(int index, std::string_view value) override;
  void bind(int index, Blob value) override;
  bool step() override;
  void reset() override;
  bool is_null(int column) const override;
  int64_t integer(int column) const override;
  double real(int column) const override;
  std::string_view text(int column) const override;

  /// Reset and every parameter null.
  void rewind();
  const std::string& sql() const { return sql_; }

 private:
  void check_bound(int result);
  int position_of(int index) const;

  sqlite3* db_;
  sqlite3_stmt* statement_ = nullptr;
  std::string sql_;
  std::vector<int> positions_;  // SQLite's position of `$n` at [n]; 0 where the text has no `$n`
  bool bound_ = false;
};

class SqliteConnection final : public Connection {
 public:
  static constexpr size_t kMaxCachedStatements = 1'000;

  /// Opens or creates the file and runs `setup` (PRAGMAs).
  SqliteConnection(const std::string& path, std::string_view setup);
  ~SqliteConnection() override;
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;

  Statement& prepare(std::string_view sql) override;
  int64_t changes() const override;
  void execute_script(std::string_view sql) override;

  /// Runs `work` between `begin` and COMMIT; ROLLBACK when it throws.
  void transaction(std::string_view begin, const std::function<void(Connection&)>& work);

 private:
  struct TextHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  static constexpr size_t kRecent = 256;  // a power of two

  void finish_statements();
  void roll_back();

  sqlite3* db_ = nullptr;
  std::unordered_map<std::string, std::unique_ptr<SqliteStatement>, TextHash, std::equal_to<>>
      statements_;
  std::array<SqliteStatement*, kRecent> recent_{};
};

/// At most `limit` connections, opened when first needed; callers beyond that wait.
class SqlitePool {
 public:
  using Open = std::function<std::unique_ptr<SqliteConnection>()>;
  SqlitePool(int limit, Open open) : open_(std::move(open)), unopened_(limit) {}

  /// Lends a connection to `work`.
  void use(const std::function<void(SqliteConnection&)>& work);

 private:
  std::unique_ptr<SqliteConnection> take();
  void give_back(std::unique_ptr<SqliteConnection> connection);

  Open open_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<SqliteConnection>> idle_;
  int unopened_;
};

}  // namespace rapport
