#include "storage/duckdb/duckdb_handle.h"

#include <fmt/format.h>

#include <cmath>

#include "base/error.h"

namespace rapport {
namespace {

void bind_one(duckdb_prepared_statement prepared, idx_t index, const WarehouseValue& value,
              const std::string& sql) {
  const duckdb_state state = std::visit(
      [&](const auto& v) {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::same_as<T, std::nullptr_t>) {
          return duckdb_bind_null(prepared, index);
        } else if constexpr (std::same_as<T, bool>) {
          return duckdb_bind_boolean(prepared, index, v);
        } else if constexpr (std::same_as<T, int64_t>) {
          return duckdb_bind_int64(prepared, index, v);
        } else if constexpr (std::same_as<T, uint64_t>) {
          return duckdb_bind_uint64(prepared, index, v);
        } else if constexpr (std::same_as<T, double>) {
          return duckdb_bind_double(prepared, index, v);
        } else {
          return duckdb_bind_varchar_length(prepared, index, v.data(), v.size());
        }
      },
      value);
  if (state == DuckDBError) {
    fail_duckdb(DUCKDB_ERROR_INVALID_INPUT, fmt::format("cannot bind parameter {}", index), sql);
  }
}

double decimal_scale(duckdb_result& result, idx_t column) {
  DuckdbType type;
  type.get() = duckdb_column_logical_type(&result, column);
  return std::pow(10.0, duckdb_decimal_scale(type.get()));
}

/// One column of the current chunk.
struct Column {
  duckdb_type type = DUCKDB_TYPE_INVALID;
  duckdb_type storage = DUCKDB_TYPE_INVALID;  // of a decimal: the integer type that holds it
  double scale = 1;                           // of a decimal
  const void* data = nullptr;
  uint64_t* validity = nullptr;

  template <class T>
  T at(idx_t row) const {
    return static_cast<const T*>(data)[row];
  }
};

std::string_view string_at(const Column& column, idx_t row) {
  duckdb_string_t& text =
      const_cast<duckdb_string_t*>(static_cast<const duckdb_string_t*>(column.data))[row];
  return {duckdb_string_t_data(&text), duckdb_string_t_length(text)};
}

/// Calls `use` with the number stored at `row`; `type` names a type of numbers.
template <class R, class Use>
R with_number(const Column& column, duckdb_type type, idx_t row, Use&& use) {
  switch (type) {
    case DUCKDB_TYPE_BOOLEAN:
      return use(column.at<bool>(row));
    case DUCKDB_TYPE_TINYINT:
      return use(column.at<int8_t>(row));
    case DUCKDB_TYPE_SMALLINT:
      return use(column.at<int16_t>(row));
    case DUCKDB_TYPE_INTEGER:
      return use(column.at<int32_t>(row));
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      return use(column.at<int64_t>(row));
    case DUCKDB_TYPE_UTINYINT:
      return use(column.at<uint8_t>(row));
    case DUCKDB_TYPE_USMALLINT:
      return use(column.at<uint16_t>(row));
    case DUCKDB_TYPE_UINTEGER:
      return use(column.at<uint32_t>(row));
    case DUCKDB_TYPE_UBIGINT:
      return use(column.at<uint64_t>(row));
    case DUCKDB_TYPE_FLOAT:
      return use(column.at<float>(row));
    case DUCKDB_TYPE_DOUBLE:
      return use(column.at<double>(row));
    case DUCKDB_TYPE_HUGEINT:
      return use(duckdb_hugeint_to_double(column.at<duckdb_hugeint>(row)));
    default:
      throw Error(ErrorCode::kInternal, "The question has a column of an unexpected type.",
                  fmt::format("duckdb type {}", static_cast<int>(type)));
  }
}

class Row final : public WarehouseRow {
 public:
  explicit Row(duckdb_result& result) : columns_(duckdb_column_count(&result)) {
    for (idx_t i = 0; i < columns_.size(); ++i) {
      Column& column = columns_[i];
      column.type = duckdb_column_type(&result, i);
      if (column.type == DUCKDB_TYPE_DECIMAL) {
        DuckdbType type;
        type.get() = duckdb_column_logical_type(&result, i);
        column.storage = duckdb_decimal_internal_type(type.get());
        column.scale = decimal_scale(result, i);
      }
    }
  }

  void set_chunk(duckdb_data_chunk chunk) {
    for (idx_t i = 0; i < columns_.size(); ++i) {
      const duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, i);
      columns_[i].data = duckdb_vector_get_data(vector);
      columns_[i].validity = duckdb_vector_get_validity(vector);
    }
  }
  void set_row(idx_t row) { row_ = row; }

  bool is_null(size_t column) const override {
    const Column& c = columns_.at(column);
    return c.validity != nullptr && !duckdb_validity_row_is_valid(c.validity, row_);
  }
  int64_t integer(size_t column) const override {
    const Column& c = columns_.at(column);
    if (is_null(column)) return 0;
    // SUM of integers is a HUGEINT; beyond int64 there is nothing to count here.
    if (c.type == DUCKDB_TYPE_HUGEINT)
      return static_cast<int64_t>(c.at<duckdb_hugeint>(row_).lower);
    if (c.type == DUCKDB_TYPE_DECIMAL) return std::llround(real(column));
    return with_number<int64_t>(c, c.type, row_, [](auto v) { return static_cast<int64_t>(v); });
  }
  uint64_t id(size_t column) const override {
    const Column& c = columns_.at(column);
    if (is_null(column)) return 0;
    return with_number<uint64_t>(c, c.type, row_, [](auto v) { return static_cast<uint64_t>(v); });
  }
  double real(size_t column) const override {
    const Column& c = columns_.at(column);
    if (is_null(column)) return 0;
    const duckdb_type type = c.type == DUCKDB_TYPE_DECIMAL ? c.storage : c.type;
    return with_number<double>(c, type, row_, [](auto v) { return static_cast<double>(v); }) /
           c.scale;
  }
  std::string text(size_t column) const override {
    const Column& c = columns_.at(column);
    if (is_null(column)) return {};
    switch (c.type) {
      case DUCKDB_TYPE_VARCHAR:
      case DUCKDB_TYPE_BLOB:
        return std::string(string_at(c, row_));
      case DUCKDB_TYPE_DECIMAL:
        return fmt::format("{}", real(column));
      case DUCKDB_TYPE_HUGEINT:
        return fmt::format("{}", integer(column));
      default:
        return with_number<std::string>(c, c.type, row_,
                                        [](auto v) { return fmt::format("{}", v); });
    }
  }

 private:
  std::vector<Column> columns_;
  idx_t row_ = 0;
};

}  // namespace

void fail_duckdb(duckdb_error_type type, std::string_view message, std::string_view sql) {
  const std::string internal =
      fmt::format("duckdb {}: {}; {}", static_cast<int>(type), message, sql.substr(0, 2'000));
  switch (type) {
    case DUCKDB_ERROR_INTERRUPT:
      throw Error(ErrorCode::kDeadlineExceeded, "The question took too long.", internal);
    case DUCKDB_ERROR_OUT_OF_MEMORY:
      throw Error(ErrorCode::kUnavailable, "The question needs more memory than there is.",
                  internal);
    case DUCKDB_ERROR_SERIALIZATION:
      throw Error(ErrorCode::kCorrupted, "The warehouse file is damaged.", internal);
    default:
      throw Error(ErrorCode::kInternal, "The warehouse failed.", internal);
  }
}

void execute_duckdb(duckdb_connection connection, const std::string& sql) {
  DuckdbResult result;
  if (duckdb_query(connection, sql.c_str(), result.out()) == DuckDBError) {
    fail_duckdb(duckdb_result_error_type(result.out()), duckdb_result_error(result.out()), sql);
  }
}

void select_duckdb(duckdb_connection connection, const std::string& sql,
                   std::span<const WarehouseValue> parameters, duckdb_result* result) {
  DuckdbPrepared prepared;
  if (duckdb_prepare(connection, sql.c_str(), prepared.out()) == DuckDBError) {
    fail_duckdb(DUCKDB_ERROR_PARSER, duckdb_prepare_error(prepared.get()), sql);
  }
  if (duckdb_prepared_statement_type(prepared.get()) != DUCKDB_STATEMENT_TYPE_SELECT) {
    fail_duckdb(DUCKDB_ERROR_PERMISSION, "not a SELECT", sql);
  }
  for (size_t i = 0; i < parameters.size(); ++i) {
    bind_one(prepared.get(), i + 1, parameters[i], sql);
  }
  if (duckdb_execute_prepared(prepared.get(), result) == DuckDBError) {
    fail_duckdb(duckdb_result_error_type(result), duckdb_result_error(result), sql);
  }
}

void visit_duckdb_rows(duckdb_result& result,
                       const std::function<void(const WarehouseRow&)>& visit) {
  Row row(result);
  while (true) {
    DuckdbChunk chunk;
    chunk.get() = duckdb_fetch_chunk(result);
    if (chunk.get() == nullptr) return;
    row.set_chunk(chunk.get());
    const idx_t rows = duckdb_data_chunk_get_size(chunk.get());
    for (idx_t i = 0; i < rows; ++i) {
      row.set_row(i);
      visit(row);
    }
  }
}

}  // namespace rapport
