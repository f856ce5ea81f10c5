#include <fmt/format.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>

#include "base/error.h"
#include "base/limits.h"
#include "storage/duckdb/duckdb_appender.h"
#include "storage/duckdb/duckdb_function.h"
#include "storage/duckdb/duckdb_handle.h"
#include "storage/duckdb/query_watchdog.h"
#include "storage/warehouse.h"

namespace rapport {
namespace {

constexpr uint64_t kSchemaVersion = 2;

constexpr const char* kSchema = R"sql(
CREATE TABLE events (log_offset UBIGINT NOT NULL, workspace UBIGINT NOT NULL,
  customer UBIGINT NOT NULL, type UTINYINT NOT NULL, name VARCHAR, occurred_at BIGINT NOT NULL,
  received_at BIGINT NOT NULL, message_id VARCHAR, properties VARCHAR);
CREATE TABLE traits (log_offset UBIGINT NOT NULL, workspace UBIGINT NOT NULL,
  customer UBIGINT NOT NULL, name VARCHAR, value VARCHAR, occurred_at BIGINT NOT NULL);
CREATE TABLE customers (log_offset UBIGINT NOT NULL, workspace UBIGINT NOT NULL,
  customer UBIGINT NOT NULL, created_at BIGINT NOT NULL);
CREATE TABLE successors (workspace UBIGINT NOT NULL, customer UBIGINT NOT NULL,
  successor UBIGINT NOT NULL);
CREATE TABLE warehouse_state (schema_version UBIGINT NOT NULL, applied UBIGINT NOT NULL);
)sql";

// From each version to the next. 2: who wrote an event. Of rows that were there before, those with
// the names of the program's own events count as its own, as they did so far; a replay of the log
// tells them exactly.
constexpr std::array<const char*, 1> kMigrations{R"sql(
ALTER TABLE events ADD COLUMN origin UTINYINT DEFAULT 1;
UPDATE events SET origin = 3 WHERE type = 1 AND name IN ('Message Queued', 'Message Deferred',
  'Message Sent', 'Message Failed', 'Message Skipped', 'Message Opened', 'Message Clicked',
  'Unsubscribed', 'Message Delivered', 'Message Bounced', 'Message Complained', 'Message Replied',
  'Message Withheld', 'Message Held', 'List Added', 'List Removed', 'Consent Requested',
  'Consent Given', 'Consent Withdrawn', 'Segment Entered', 'Segment Left');
)sql"};
static_assert(kMigrations.size() == kSchemaVersion - 1);

// MERGE needs no index, which would have to be kept in memory and checked for every row.
constexpr const char* kMergeSuccessors = R"sql(
MERGE INTO successors AS s USING appended_data AS a
  ON s.workspace = a.col1 AND s.customer = a.col2
  WHEN MATCHED THEN UPDATE SET successor = a.col3
  WHEN NOT MATCHED THEN INSERT (workspace, customer, successor) VALUES (a.col1, a.col2, a.col3)
)sql";

void append_events(duckdb_connection connection, std::span<const WarehouseEvent> events,
                   Offset applied) {
  DuckdbAppender out(
      connection, "events",
      {DUCKDB_TYPE_UBIGINT, DUCKDB_TYPE_UBIGINT, DUCKDB_TYPE_UBIGINT, DUCKDB_TYPE_UTINYINT,
       DUCKDB_TYPE_VARCHAR, DUCKDB_TYPE_BIGINT, DUCKDB_TYPE_BIGINT, DUCKDB_TYPE_VARCHAR,
       DUCKDB_TYPE_VARCHAR, DUCKDB_TYPE_UTINYINT});
  for (const WarehouseEvent& event : events) {
    if (event.offset <= applied) continue;
    out.add(0, event.offset);
    out.add(1, event.workspace.value);
    out.add(2, event.customer.value);
    out.add(3, event.type);
    out.add(4, event.name);
    out.add(5, to_micros(event.occurred_at));
    out.add(6, to_micros(event.received_at));
    out.add(7, event.message_id);
    out.add(8, event.properties);
    out.add(9, event.origin);
    out.end_row();
  }
  out.finish();
}

void append_traits(duckdb_connection connection, std::span<const WarehouseTrait> traits,
                   Offset applied) {
  DuckdbAppender out(connection, "traits",
                     {DUCKDB_TYPE_UBIGINT, DUCKDB_TYPE_UBIGINT, DUCKDB_TYPE_UBIGINT,
                      DUCKDB_TYPE_VARCHAR, DUCKDB_TYPE_VARCHAR, DUCKDB_TYPE_BIGINT});
  for (const WarehouseTrait& trait : traits) {
    if (trait.offset <= applied) continue;
    out.add(0, trait.offset);
    out.add(1, trait.workspace.value);
    out.add(2, trait.customer.value);
    out.add(3, trait.name);
    if (trait.value.empty() || trait.value == "null") {
      out.add_null(4);
    } else {
      out.add(4, trait.value);
    }
    out.add(5, to_micros(trait.occurred_at));
    out.end_row();
  }
  out.finish();
}

void append_customers(duckdb_connection connection, std::span<const WarehouseCustomer> customers,
                      Offset applied) {
  DuckdbAppender out(
      connection, "customers",
      {DUCKDB_TYPE_UBIGINT, DUCKDB_TYPE_UBIGINT, DUCKDB_TYPE_UBIGINT, DUCKDB_TYPE_BIGINT});
  for (const WarehouseCustomer& customer : customers) {
    if (customer.offset <= applied) continue;
    out.add(0, customer.offset);
    out.add(1, customer.workspace.value);
    out.add(2, customer.customer.value);
    out.add(3, to_micros(customer.created_at));
    out.end_row();
  }
  out.finish();
}

void merge_successors(duckdb_connection connection, std::span<const WarehouseSuccessor> rows) {
  // MERGE would insert two rows for a customer that the batch names twice: the last one counts.
  std::map<std::pair<WorkspaceId, CustomerId>, CustomerId> last;
  for (const WarehouseSuccessor& row : rows) last[{row.workspace, row.customer}] = row.successor;
  auto out =
      DuckdbAppender::through(connection, kMergeSuccessors,
                              {DUCKDB_TYPE_UBIGINT, DUCKDB_TYPE_UBIGINT, DUCKDB_TYPE_UBIGINT});
  for (const auto& [key, successor] : last) {
    out.add(0, key.first.value);
    out.add(1, key.second.value);
    out.add(2, successor.value);
    out.end_row();
  }
  out.finish();
}

class DuckdbWarehouse final : public Warehouse {
 public:
  DuckdbWarehouse(const std::string& path, const DuckdbOptions& options) : options_(options) {
    open(path);
    connect(writer_);
    open_schema();
    for (const WarehouseFunction& function : options_.functions) {
      register_duckdb_function(writer_.get(), function);
    }
    // From here on SQL can reach neither files nor settings, whatever a query says.
    execute_duckdb(writer_.get(), "SET enable_external_access=false");
    execute_duckdb(writer_.get(), "SET lock_configuration=true");
  }

  void append(const WarehouseBatch& batch) override {
    const std::lock_guard lock(append_mutex_);
    const Offset applied = applied_.load();
    if (batch.through <= applied) return;
    const duckdb_connection connection = writer_.get();
    execute_duckdb(connection, "BEGIN TRANSACTION");
    try {
      if (!batch.events.empty()) append_events(connection, batch.events, applied);
      if (!batch.traits.empty()) append_traits(connection, batch.traits, applied);
      if (!batch.customers.empty()) append_customers(connection, batch.customers, applied);
      if (!batch.successors.empty()) merge_successors(connection, batch.successors);
      execute_duckdb(connection,
                     fmt::format("UPDATE warehouse_state SET applied = {}", batch.through));
      execute_duckdb(connection, "COMMIT");
    } catch (...) {
      DuckdbResult ignored;
      duckdb_query(connection, "ROLLBACK", ignored.out());
      throw;
    }
    applied_ = batch.through;
  }

  Offset applied() const override { return applied_.load(); }

  void query(const std::string& sql, std::span<const WarehouseValue> parameters,
             const std::function<void(const WarehouseRow&)>& visit) const override {
    DuckdbResult result;
    {
      const Lease lease(*this);
      const QueryWatchdog::Watch watch(watchdog_, lease.connection(), options_.query_deadline);
      select_duckdb(lease.connection(), sql, parameters, result.out());
    }
    // The rows are complete: a slow visitor holds no connection and no snapshot.
    visit_duckdb_rows(result.get(), visit);
  }

 private:
  /// A connection of the pool for the time of one query.
  class Lease {
   public:
    explicit Lease(const DuckdbWarehouse& owner) : owner_(owner) {
      std::unique_lock lock(owner.pool_mutex_);
      owner.returned_.wait(lock, [&] {
        return !owner.idle_.empty() || owner.opened_ < limits::kWarehouseConnections;
      });
      if (owner.idle_.empty()) {
        auto fresh = std::make_unique<DuckdbConnection>();
        owner.connect(*fresh);
        ++owner.opened_;
        connection_ = std::move(fresh);
      } else {
        connection_ = std::move(owner.idle_.back());
        owner.idle_.pop_back();
      }
    }
    ~Lease() {
      const std::lock_guard lock(owner_.pool_mutex_);
      owner_.idle_.push_back(std::move(connection_));
      owner_.returned_.notify_one();
    }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    duckdb_connection connection() const { return connection_->get(); }

   private:
    const DuckdbWarehouse& owner_;
    std::unique_ptr<DuckdbConnection> connection_;
  };

  void open(const std::string& path) {
    DuckdbConfig config;
    ENSURE(duckdb_create_config(config.out()) == DuckDBSuccess);
    const auto set = [&](const char* name, const std::string& value) {
      if (duckdb_set_config(config.get(), name, value.c_str()) == DuckDBError) {
        fail_duckdb(DUCKDB_ERROR_SETTINGS, name, value);
      }
    };
    set("memory_limit", fmt::format("{}MiB", options_.memory_limit_mib));
    set("threads", std::to_string(options_.threads));
    set("autoinstall_known_extensions", "false");
    set("autoload_known_extensions", "false");
    set("allow_community_extensions", "false");
    set("allow_persistent_secrets", "false");
    set("preserve_insertion_order", "true");
    // What a crash leaves in the WAL is replayed at the next start, which must stay under a second.
    set("checkpoint_threshold", "64MiB");
    if (!path.empty()) {
      set("temp_directory", path + ".tmp");
      set("max_temp_directory_size", "16GiB");
    }
    char* message = nullptr;
    if (duckdb_open_ext(path.empty() ? nullptr : path.c_str(), database_.out(), config.get(),
                        &message) == DuckDBError) {
      const std::string detail = message != nullptr ? message : "";
      duckdb_free(message);
      if (detail.find("lock") != std::string::npos) {
        throw Error(ErrorCode::kConflict, "The warehouse file is in use by another program.",
                    fmt::format("{}: {}", path, detail));
      }
      throw Error(ErrorCode::kCorrupted, "The warehouse file cannot be opened.",
                  fmt::format("{}: {}", path, detail));
    }
  }

  void connect(DuckdbConnection& connection) const {
    if (duckdb_connect(database_.get(), connection.out()) == DuckDBError) {
      fail_duckdb(DUCKDB_ERROR_CONNECTION, "cannot connect", "");
    }
  }

  void open_schema() {
    const auto number = [&](const std::string& sql) {
      uint64_t value = 0;
      DuckdbResult result;
      select_duckdb(writer_.get(), sql, {}, result.out());
      visit_duckdb_rows(result.get(), [&](const WarehouseRow& row) { value = row.id(0); });
      return value;
    };
    if (number("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'warehouse_state'") == 0) {
      execute_duckdb(
          writer_.get(),
          fmt::format("BEGIN; {} INSERT INTO warehouse_state VALUES (1, 0); COMMIT", kSchema));
    }
    const uint64_t version = number("SELECT schema_version FROM warehouse_state");
    if (version > kSchemaVersion) {
      throw Error(ErrorCode::kConflict,
                  fmt::format("The warehouse has schema {}; this program knows {} only. Start a "
                              "newer program.",
                              version, kSchemaVersion));
    }
    for (uint64_t from = version; from < kSchemaVersion; ++from) {
      execute_duckdb(writer_.get(),
                     fmt::format("BEGIN; {} UPDATE warehouse_state SET schema_version = {}; COMMIT",
                                 kMigrations.at(from - 1), from + 1));
    }
    applied_ = number("SELECT applied FROM warehouse_state");
  }

  const DuckdbOptions options_;
  mutable DuckdbDatabase database_;
  std::mutex append_mutex_;
  DuckdbConnection writer_;
  std::atomic<Offset> applied_{0};
  mutable QueryWatchdog watchdog_;
  mutable std::mutex pool_mutex_;
  mutable std::condition_variable returned_;
  mutable std::vector<std::unique_ptr<DuckdbConnection>> idle_;
  mutable size_t opened_ = 0;
};

}  // namespace

void WarehouseBatch::clear() {
  through = 0;
  events.clear();
  traits.clear();
  customers.clear();
  successors.clear();
}

std::unique_ptr<Warehouse> open_duckdb_warehouse(const std::string& path, DuckdbOptions options) {
  return std::make_unique<DuckdbWarehouse>(path, options);
}

}  // namespace rapport
