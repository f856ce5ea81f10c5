#include "storage/duckdb/duckdb_appender.h"

#include <cstring>

#include "base/text.h"

namespace rapport {
namespace {

constexpr idx_t kChunkRows = 2'048;  // DuckDB's vector size

bool is_ascii(std::string_view text) {
  size_t at = 0;
  uint64_t bits = 0;
  for (; at + sizeof bits <= text.size(); at += sizeof bits) {
    uint64_t word;
    std::memcpy(&word, text.data() + at, sizeof word);
    bits |= word;
  }
  for (; at < text.size(); ++at) bits |= static_cast<unsigned char>(text[at]);
  return (bits & 0x8080808080808080ull) == 0;
}

/// A string that DuckDB reads from `text` itself when it is longer than what fits in the value.
duckdb_string_t borrow(std::string_view text) {
  duckdb_string_t out{};
  const auto size = static_cast<uint32_t>(text.size());
  if (size <= sizeof out.value.inlined.inlined) {
    out.value.inlined.length = size;
    if (size > 0) std::memcpy(out.value.inlined.inlined, text.data(), size);
  } else {
    out.value.pointer.length = size;
    std::memcpy(out.value.pointer.prefix, text.data(), sizeof out.value.pointer.prefix);
    out.value.pointer.ptr = const_cast<char*>(text.data());
  }
  return out;
}

/// Owned logical types and the plain array the C functions want.
struct LogicalTypes {
  explicit LogicalTypes(std::initializer_list<duckdb_type> types) : owned(types.size()) {
    for (const duckdb_type type : types) {
      owned[plain.size()].get() = duckdb_create_logical_type(type);
      plain.push_back(owned[plain.size()].get());
    }
  }
  std::vector<DuckdbType> owned;
  std::vector<duckdb_logical_type> plain;
};

}  // namespace

DuckdbAppender::DuckdbAppender(std::initializer_list<duckdb_type> types, std::string name)
    : name_(std::move(name)), vectors_(types.size()), data_(types.size()) {
  LogicalTypes logical(types);
  chunk_.get() = duckdb_create_data_chunk(logical.plain.data(), logical.plain.size());
  open_chunk();
}

DuckdbAppender::DuckdbAppender(duckdb_connection connection, const std::string& table,
                               std::initializer_list<duckdb_type> types)
    : DuckdbAppender(types, table) {
  check(duckdb_appender_create(connection, nullptr, table.c_str(), &appender_));
}

DuckdbAppender::DuckdbAppender(Through, duckdb_connection connection, const std::string& statement,
                               std::initializer_list<duckdb_type> types)
    : DuckdbAppender(types, statement) {
  LogicalTypes logical(types);
  check(duckdb_appender_create_query(connection, statement.c_str(), logical.plain.size(),
                                     logical.plain.data(), nullptr, nullptr, &appender_));
}

DuckdbAppender DuckdbAppender::through(duckdb_connection connection, const std::string& statement,
                                       std::initializer_list<duckdb_type> types) {
  return DuckdbAppender(Through{}, connection, statement, types);
}

DuckdbAppender::~DuckdbAppender() {
  // Destroying flushes; after an error that only repeats it, and the transaction rolls back.
  duckdb_appender_destroy(&appender_);
}

void DuckdbAppender::check(duckdb_state state) {
  if (state == DuckDBSuccess) return;
  const char* const message = duckdb_appender_error(appender_);
  fail_duckdb(DUCKDB_ERROR_INTERNAL, message != nullptr ? message : "appender", name_);
}

void DuckdbAppender::open_chunk() {
  duckdb_data_chunk_reset(chunk_.get());
  for (idx_t i = 0; i < vectors_.size(); ++i) {
    vectors_[i] = duckdb_data_chunk_get_vector(chunk_.get(), i);
    data_[i] = duckdb_vector_get_data(vectors_[i]);
  }
  row_ = 0;
}

void DuckdbAppender::append_chunk() {
  duckdb_data_chunk_set_size(chunk_.get(), row_);
  check(duckdb_append_data_chunk(appender_, chunk_.get()));
  open_chunk();
}

void DuckdbAppender::add(idx_t column, std::string_view value) {
  if (!is_ascii(value) && !is_valid_utf8(value)) {
    add_null(column);
    return;
  }
  data<duckdb_string_t>(column)[row_] = borrow(value);
}

void DuckdbAppender::add_null(idx_t column) {
  duckdb_vector_ensure_validity_writable(vectors_[column]);
  duckdb_validity_set_row_invalid(duckdb_vector_get_validity(vectors_[column]), row_);
}

void DuckdbAppender::end_row() {
  if (++row_ == kChunkRows) append_chunk();
}

void DuckdbAppender::finish() {
  if (row_ > 0) append_chunk();
  check(duckdb_appender_close(appender_));
}

}  // namespace rapport
