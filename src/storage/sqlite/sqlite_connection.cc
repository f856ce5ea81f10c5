#include "storage/sqlite/sqlite_connection.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <exception>

#include "base/error.h"
#include "base/text.h"

namespace rapport {
namespace {

constexpr int64_t kMaxParameters = 32'766;  // SQLITE_MAX_VARIABLE_NUMBER

ErrorCode code_of(int result) {
  switch (result & 0xFF) {
    case SQLITE_CONSTRAINT:
      return ErrorCode::kConflict;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_FULL:
    case SQLITE_NOMEM:
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
      return ErrorCode::kUnavailable;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorCode::kCorrupted;
    case SQLITE_INTERRUPT:
      return ErrorCode::kDeadlineExceeded;
    case SQLITE_TOOBIG:
      return ErrorCode::kPayloadTooLarge;
    default:
      return ErrorCode::kInternal;
  }
}

std::string_view public_detail_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kConflict:
      return "This conflicts with what is stored.";
    case ErrorCode::kUnavailable:
      return "The database cannot take this now.";
    case ErrorCode::kCorrupted:
      return "The database file is damaged.";
    case ErrorCode::kDeadlineExceeded:
      return "The database took too long.";
    case ErrorCode::kPayloadTooLarge:
      return "A value is too large for the database.";
    default:
      return "The database failed.";
  }
}

[[noreturn]] void fail(sqlite3* db, int result, std::string_view sql) {
  ErrorCode code = code_of(result);
  // A file that cannot be written is the disk's state; a write through a reader is our mistake.
  if (result == SQLITE_READONLY && db != nullptr && sqlite3_db_readonly(db, "main") == 0) {
    code = ErrorCode::kInternal;
  }
  const char* const message = db != nullptr ? sqlite3_errmsg(db) : sqlite3_errstr(result);
  Error error(code, std::string(public_detail_of(code)),
              fmt::format("sqlite {}: {}; {}", result, message, sql));
  if (code == ErrorCode::kUnavailable) error.with_retry_after(std::chrono::seconds(1));
  throw error;
}

void configure_library() {
  // Memory statistics cost a global lock for every allocation, and nobody reads them.
  static const int once = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(once);
}

}  // namespace

SqliteStatement::SqliteStatement(sqlite3* db, std::string_view sql) : db_(db), sql_(sql) {
  const char* rest = nullptr;
  const int result = sqlite3_prepare_v3(db, sql_.data(), static_cast<int>(sql_.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement_, &rest);
  if (result != SQLITE_OK) fail(db, result, sql_);
  ENSURE(statement_ != nullptr);
  // SQLite numbers `$n` by first appearance in the text; callers, as with PostgreSQL, mean n.
  for (int position = 1; position <= sqlite3_bind_parameter_count(statement_); ++position) {
    const char* const name = sqlite3_bind_parameter_name(statement_, position);
    ENSURE(name != nullptr && name[0] == '$');
    const auto number = parse_int(name + 1);
    ENSURE(number && *number > 0 && *number <= kMaxParameters);
    positions_.resize(std::max(positions_.size(), static_cast<size_t>(*number) + 1));
    positions_[static_cast<size_t>(*number)] = position;
  }
}

SqliteStatement::~SqliteStatement() {
  sqlite3_finalize(statement_);
}

int SqliteStatement::position_of(int index) const {
  const auto at = static_cast<size_t>(index);
  return index > 0 && at < positions_.size() ? positions_[at] : 0;  // 0 is refused by SQLite
}

void SqliteStatement::check_bound(int result) {
  if (result != SQLITE_OK) fail(db_, result, sql_);
  bound_ = true;
}

void SqliteStatement::bind(int index, std::nullptr_t) {
  check_bound(sqlite3_bind_null(statement_, position_of(index)));
}

void SqliteStatement::bind(int index, int64_t value) {
  check_bound(sqlite3_bind_int64(statement_, position_of(index), value));
}

void SqliteStatement::bind(int index, double value) {
  check_bound(sqlite3_bind_double(statement_, position_of(index), value));
}

void SqliteStatement::bind(int index, std::string_view value) {
  // A null pointer would bind NULL; an empty text is not NULL.
  check_bound(sqlite3_bind_text64(statement_, position_of(index),
                                  value.data() != nullptr ? value.data() : "", value.size(),
                                  SQLITE_STATIC, SQLITE_UTF8));
}

void SqliteStatement::bind(int index, Blob value) {
  const auto bytes = value.bytes;
  check_bound(sqlite3_bind_blob64(statement_, position_of(index),
                                  bytes.data() != nullptr ? bytes.data() : "", bytes.size(),
                                  SQLITE_STATIC));
}

bool SqliteStatement::step() {
  const int result = sqlite3_step(statement_);
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  // The message belongs to the failed step and is gone after the reset.
  try {
    fail(db_, result, sql_);
  } catch (...) {
    sqlite3_reset(statement_);
    throw;
  }
}

void SqliteStatement::reset() {
  sqlite3_reset(statement_);
}

void SqliteStatement::rewind() {
  sqlite3_reset(statement_);
  if (bound_) sqlite3_clear_bindings(statement_);
  bound_ = false;
}

bool SqliteStatement::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

int64_t SqliteStatement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

double SqliteStatement::real(int column) const {
  return sqlite3_column_double(statement_, column);
}

std::string_view SqliteStatement::text(int column) const {
  const void* const bytes = sqlite3_column_blob(statement_, column);
  if (bytes == nullptr) return {};
  return {static_cast<const char*>(bytes),
          static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}

SqliteConnection::SqliteConnection(const std::string& path, std::string_view setup) {
  configure_library();
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int result = sqlite3_open_v2(path.c_str(), &db_, flags, nullptr);
  try {
    if (result != SQLITE_OK) fail(db_, result, path);
    sqlite3_extended_result_codes(db_, 1);
    sqlite3_busy_timeout(db_, 5'000);
    execute_script(setup);
  } catch (...) {
    sqlite3_close_v2(db_);
    throw;
  }
}

SqliteConnection::~SqliteConnection() {
  statements_.clear();
  sqlite3_close_v2(db_);
}

Statement& SqliteConnection::prepare(std::string_view sql) {
  const auto address = reinterpret_cast<uintptr_t>(sql.data());
  SqliteStatement*& recent = recent_[((address >> 4) ^ (address >> 12) ^ sql.size()) % kRecent];
  if (recent == nullptr || recent->sql() != sql) {
    auto found = statements_.find(sql);
    if (found == statements_.end()) {
      found = statements_.emplace(sql, std::make_unique<SqliteStatement>(db_, sql)).first;
    }
    recent = found->second.get();
  }
  recent->rewind();
  return *recent;
}

int64_t SqliteConnection::changes() const {
  return sqlite3_changes64(db_);
}

void SqliteConnection::execute_script(std::string_view sql) {
  const int result = sqlite3_exec(db_, std::string(sql).c_str(), nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) fail(db_, result, sql);
}

void SqliteConnection::finish_statements() {
  // A statement somebody left in the middle of its rows would hold the snapshot open.
  for (sqlite3_stmt* s = sqlite3_next_stmt(db_, nullptr); s != nullptr;
       s = sqlite3_next_stmt(db_, s)) {
    if (sqlite3_stmt_busy(s) != 0) sqlite3_reset(s);
  }
}

void SqliteConnection::roll_back() {
  finish_statements();
  // Some errors (disk full, out of memory) have rolled back already.
  if (sqlite3_get_autocommit(db_) == 0) {
    sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
  }
}

void SqliteConnection::transaction(std::string_view begin,
                                   const std::function<void(Connection&)>& work) {
  if (statements_.size() > kMaxCachedStatements) {
    recent_.fill(nullptr);
    statements_.clear();
  }
  prepare(begin).step();
  try {
    work(*this);
    finish_statements();
    prepare("COMMIT").step();
  } catch (...) {
    roll_back();
    throw;
  }
}

std::unique_ptr<SqliteConnection> SqlitePool::take() {
  std::unique_lock lock(mutex_);
  returned_.wait(lock, [&] { return !idle_.empty() || unopened_ > 0; });
  if (!idle_.empty()) {
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    return connection;
  }
  --unopened_;
  lock.unlock();
  try {
    return open_();
  } catch (...) {
    lock.lock();
    ++unopened_;
    returned_.notify_one();
    throw;
  }
}

void SqlitePool::give_back(std::unique_ptr<SqliteConnection> connection) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(connection));
  returned_.notify_one();
}

void SqlitePool::use(const std::function<void(SqliteConnection&)>& work) {
  auto connection = take();
  try {
    work(*connection);
  } catch (...) {
    give_back(std::move(connection));
    throw;
  }
  give_back(std::move(connection));
}

}  // namespace rapport
