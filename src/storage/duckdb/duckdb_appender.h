// Writes rows into one DuckDB table (or through one statement) column by column, in chunks of
// 2,048.
//
// Text is not copied here: the views given must live until `finish`. Text that is not UTF-8, which
// DuckDB must not see, becomes NULL. Works inside the connection's transaction; one thread.
#pragma once

#include <duckdb.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "storage/duckdb/duckdb_handle.h"

namespace rapport {

class DuckdbAppender {
 public:
  /// Appends to `table`, whose columns have `types` in this order.
  DuckdbAppender(duckdb_connection connection, const std::string& table,
                 std::initializer_list<duckdb_type> types);
  /// Runs `statement` over the rows, which it sees as the table `appended_data` (col1, col2, …).
  static DuckdbAppender through(duckdb_connection connection, const std::string& statement,
                                std::initializer_list<duckdb_type> types);
  ~DuckdbAppender();
  DuckdbAppender(const DuckdbAppender&) = delete;
  DuckdbAppender& operator=(const DuckdbAppender&) = delete;

  /// The columns of one row, then `end_row`.
  void add(idx_t column, uint64_t value) { data<uint64_t>(column)[row_] = value; }
  void add(idx_t column, int64_t value) { data<int64_t>(column)[row_] = value; }
  void add(idx_t column, uint8_t value) { data<uint8_t>(column)[row_] = value; }
  void add(idx_t column, std::string_view value);
  void add_null(idx_t column);
  void end_row();
  /// Hands everything to the transaction.
  void finish();

 private:
  struct Through {};
  DuckdbAppender(std::initializer_list<duckdb_type> types, std::string name);
  DuckdbAppender(Through, duckdb_connection connection, const std::string& statement,
                 std::initializer_list<duckdb_type> types);
  template <class T>
  T* data(idx_t column) {
    return static_cast<T*>(data_[column]);
  }
  void open_chunk();
  void append_chunk();
  void check(duckdb_state state);

  std::string name_;
  duckdb_appender appender_ = nullptr;
  DuckdbChunk chunk_;
  std::vector<duckdb_vector> vectors_;
  std::vector<void*> data_;
  idx_t row_ = 0;
};

}  // namespace rapport
