// Warehouse: the history in columns, for questions about many customers at once. A port.
//
// Operation: rows arrive in batches in the order of the log; `append` writes one batch in one
// commit and remembers `through`; a batch whose `through` is not above `applied()` is skipped and
// rows at or below it too, so a repeated batch writes nothing twice. A row keeps the customer it
// was given; merges go to `successors`, which queries join. Concurrency: one appender; queries from
// any thread, each sees the last commit. Calls block.
//
// Tables (the segment compiler writes SQL against these; times are UTC microseconds as BIGINT):
//   events(log_offset UBIGINT, workspace UBIGINT, customer UBIGINT, type UTINYINT, name VARCHAR,
//          occurred_at BIGINT, received_at BIGINT, message_id VARCHAR, properties VARCHAR /*JSON*/,
//          origin UTINYINT /*who wrote it, see below*/)
//   traits(log_offset UBIGINT, workspace UBIGINT, customer UBIGINT, name VARCHAR,
//          value VARCHAR /*JSON; null = removed*/, occurred_at BIGINT)
//   customers(log_offset UBIGINT, workspace UBIGINT, customer UBIGINT, created_at BIGINT)
//   successors(workspace UBIGINT, customer UBIGINT, successor UBIGINT)   -- already path-compressed
// A removed trait (value empty or `null`) is SQL NULL; so is a text that is not UTF-8.
// Limits: memory and threads of the options; limits::kWarehouseConnections queries at a time,
// others wait; what does not fit in memory spills beside the file.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/limits.h"
#include "base/time.h"
#include "storage/warehouse_function.h"

namespace rapport {

/// Who wrote an event, as EventOrigin numbers it (stream/event.h).
inline constexpr uint8_t kWarehouseClient = 1;
inline constexpr uint8_t kWarehouseSystem = 3;

struct WarehouseEvent {
  Offset offset;
  WorkspaceId workspace;
  CustomerId customer;
  uint8_t type;
  std::string_view name;
  Timestamp occurred_at;
  Timestamp received_at;
  std::string_view message_id;
  std::string_view properties;  // JSON object text
  uint8_t origin = kWarehouseClient;
};

struct WarehouseTrait {
  Offset offset;
  WorkspaceId workspace;
  CustomerId customer;
  std::string_view name;
  std::string_view value;  // JSON text
  Timestamp occurred_at;
};

struct WarehouseCustomer {
  Offset offset;
  WorkspaceId workspace;
  CustomerId customer;
  Timestamp created_at;
};

/// `customer` is now part of `successor`; replaces an earlier row of the same customer.
struct WarehouseSuccessor {
  WorkspaceId workspace;
  CustomerId customer;
  CustomerId successor;
};

/// The views must live until `append` returns.
struct WarehouseBatch {
  Offset through = 0;
  std::vector<WarehouseEvent> events;
  std::vector<WarehouseTrait> traits;
  std::vector<WarehouseCustomer> customers;
  std::vector<WarehouseSuccessor> successors;

  void clear();
};

using WarehouseValue = std::variant<std::nullptr_t, bool, int64_t, uint64_t, double, std::string>;

/// One result row; columns from 0. Text is valid during the visit.
class WarehouseRow {
 public:
  virtual ~WarehouseRow() = default;
  virtual bool is_null(size_t column) const = 0;
  virtual int64_t integer(size_t column) const = 0;
  virtual uint64_t id(size_t column) const = 0;
  virtual double real(size_t column) const = 0;
  virtual std::string text(size_t column) const = 0;
};

class Warehouse {
 public:
  virtual ~Warehouse() = default;
  /// One commit. Durable on return.
  virtual void append(const WarehouseBatch& batch) = 0;
  /// Highest `through` committed, 0 when empty.
  virtual Offset applied() const = 0;
  /// Runs one SELECT with `$1` parameters. Interrupted after the query deadline with
  /// kDeadlineExceeded; kUnavailable when it needs more memory than allowed.
  virtual void query(const std::string& sql, std::span<const WarehouseValue> parameters,
                     const std::function<void(const WarehouseRow&)>& visit) const = 0;
};

struct DuckdbOptions {
  size_t memory_limit_mib = 512;
  int threads = 2;
  std::chrono::milliseconds query_deadline = limits::kQueryDeadline;
  std::vector<WarehouseFunction> functions;  // that queries may call
};

/// `path` empty: in memory; for tests.
std::unique_ptr<Warehouse> open_duckdb_warehouse(const std::string& path,
                                                 DuckdbOptions options = {});

}  // namespace rapport
