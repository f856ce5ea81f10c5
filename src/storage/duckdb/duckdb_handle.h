// Thin owners of DuckDB's C handles and the translation of its errors; for the .cc files of the
// DuckDB adapter.
//
// Every handle frees itself. `check_*` throw rapport::Error: interrupted kDeadlineExceeded, no
// memory kUnavailable, an unreadable file kCorrupted, the rest kInternal. A connection and what was
// made from it are used by one thread at a time.
#pragma once

#include <duckdb.h>

#include <memory>
#include <string>
#include <string_view>

#include "storage/warehouse.h"

namespace rapport {

template <class Handle, void (*kFree)(Handle*)>
class DuckdbHandle {
 public:
  DuckdbHandle() = default;
  ~DuckdbHandle() { kFree(&handle_); }
  DuckdbHandle(const DuckdbHandle&) = delete;
  DuckdbHandle& operator=(const DuckdbHandle&) = delete;
  Handle& get() { return handle_; }
  Handle* out() { return &handle_; }

 private:
  Handle handle_{};
};

using DuckdbDatabase = DuckdbHandle<duckdb_database, duckdb_close>;
using DuckdbConnection = DuckdbHandle<duckdb_connection, duckdb_disconnect>;
using DuckdbConfig = DuckdbHandle<duckdb_config, duckdb_destroy_config>;
using DuckdbPrepared = DuckdbHandle<duckdb_prepared_statement, duckdb_destroy_prepare>;
using DuckdbResult = DuckdbHandle<duckdb_result, duckdb_destroy_result>;
using DuckdbChunk = DuckdbHandle<duckdb_data_chunk, duckdb_destroy_data_chunk>;
using DuckdbType = DuckdbHandle<duckdb_logical_type, duckdb_destroy_logical_type>;

/// The Error for a failure of DuckDB; `message` goes to the log only.
[[noreturn]] void fail_duckdb(duckdb_error_type type, std::string_view message,
                              std::string_view sql);
/// Runs statements without parameters and forgets their rows.
void execute_duckdb(duckdb_connection connection, const std::string& sql);
/// Prepares one SELECT, binds, runs to the end of its rows.
void select_duckdb(duckdb_connection connection, const std::string& sql,
                   std::span<const WarehouseValue> parameters, duckdb_result* result);
/// Calls `visit` for each row of a finished result.
void visit_duckdb_rows(duckdb_result& result,
                       const std::function<void(const WarehouseRow&)>& visit);

}  // namespace rapport
