// Registers a WarehouseFunction with DuckDB, for every connection of the database.
#pragma once

#include "storage/duckdb/duckdb_handle.h"
#include "storage/warehouse_function.h"

namespace rapport {

void register_duckdb_function(duckdb_connection connection, const WarehouseFunction& function);

}  // namespace rapport
