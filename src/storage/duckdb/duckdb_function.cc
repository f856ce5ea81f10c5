#include "storage/duckdb/duckdb_function.h"

#include <exception>
#include <memory>

#include "base/error.h"

namespace rapport {
namespace {

using DuckdbFunction = DuckdbHandle<duckdb_scalar_function, duckdb_destroy_scalar_function>;

duckdb_type simple_type(WarehouseType type) {
  switch (type) {
    case WarehouseType::kBoolean:
      return DUCKDB_TYPE_BOOLEAN;
    case WarehouseType::kId:
      return DUCKDB_TYPE_UBIGINT;
    case WarehouseType::kText:
      return DUCKDB_TYPE_VARCHAR;
    case WarehouseType::kInteger:
    case WarehouseType::kIntegerList:
      return DUCKDB_TYPE_BIGINT;
  }
  return DUCKDB_TYPE_BIGINT;
}

void with_type(WarehouseType type, const std::function<void(duckdb_logical_type)>& use) {
  DuckdbType simple;
  simple.get() = duckdb_create_logical_type(simple_type(type));
  if (type != WarehouseType::kIntegerList) return use(simple.get());
  DuckdbType list;
  list.get() = duckdb_create_list_type(simple.get());
  use(list.get());
}

/// One column of arguments.
class Column {
 public:
  Column(duckdb_vector vector, WarehouseType type)
      : type_(type),
        data_(duckdb_vector_get_data(vector)),
        validity_(duckdb_vector_get_validity(vector)) {
    if (type == WarehouseType::kIntegerList) {
      child_ =
          static_cast<const int64_t*>(duckdb_vector_get_data(duckdb_list_vector_get_child(vector)));
    }
  }

  bool is_null(idx_t row) const {
    return validity_ != nullptr && !duckdb_validity_row_is_valid(validity_, row);
  }

  WarehouseArgument at(idx_t row) const {
    switch (type_) {
      case WarehouseType::kBoolean:
        return static_cast<const bool*>(data_)[row];
      case WarehouseType::kInteger:
        return static_cast<const int64_t*>(data_)[row];
      case WarehouseType::kId:
        return static_cast<const uint64_t*>(data_)[row];
      case WarehouseType::kText: {
        auto& text = static_cast<duckdb_string_t*>(data_)[row];
        return std::string_view(duckdb_string_t_data(&text), duckdb_string_t_length(text));
      }
      case WarehouseType::kIntegerList: {
        const duckdb_list_entry& entry = static_cast<const duckdb_list_entry*>(data_)[row];
        return std::span<const int64_t>(child_ + entry.offset, entry.length);
      }
    }
    return false;
  }

 private:
  WarehouseType type_;
  void* data_;
  uint64_t* validity_;
  const int64_t* child_ = nullptr;
};

void set_null(duckdb_vector output, idx_t row) {
  duckdb_vector_ensure_validity_writable(output);
  duckdb_validity_set_row_invalid(duckdb_vector_get_validity(output), row);
}

void write(duckdb_vector output, idx_t row, const WarehouseAnswer& answer) {
  if (const auto* flag = std::get_if<bool>(&answer)) {
    static_cast<bool*>(duckdb_vector_get_data(output))[row] = *flag;
  } else if (const auto* integer = std::get_if<int64_t>(&answer)) {
    static_cast<int64_t*>(duckdb_vector_get_data(output))[row] = *integer;
  } else if (const auto* text = std::get_if<std::string>(&answer)) {
    duckdb_vector_assign_string_element_len(output, row, text->data(), text->size());
  } else {
    set_null(output, row);
  }
}

void run(const WarehouseFunction& function, duckdb_data_chunk input, duckdb_vector output) {
  std::vector<Column> columns;
  columns.reserve(function.parameters.size());
  for (size_t i = 0; i < function.parameters.size(); ++i) {
    columns.emplace_back(duckdb_data_chunk_get_vector(input, i), function.parameters[i]);
  }
  std::vector<WarehouseArgument> arguments(columns.size());
  const idx_t rows = duckdb_data_chunk_get_size(input);
  for (idx_t row = 0; row < rows; ++row) {
    bool null = false;
    for (size_t i = 0; i < columns.size() && !null; ++i) {
      null = columns[i].is_null(row);
      if (!null) arguments[i] = columns[i].at(row);
    }
    if (null) {
      set_null(output, row);
    } else {
      write(output, row, function.call(arguments));
    }
  }
}

/// DuckDB is C here: nothing may be thrown through it.
void trampoline(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  const auto& function =
      *static_cast<const WarehouseFunction*>(duckdb_scalar_function_get_extra_info(info));
  try {
    run(function, input, output);
  } catch (const std::exception& error) {
    duckdb_scalar_function_set_error(info, error.what());
  }
}

}  // namespace

void register_duckdb_function(duckdb_connection connection, const WarehouseFunction& function) {
  DuckdbFunction handle;
  handle.get() = duckdb_create_scalar_function();
  duckdb_scalar_function_set_name(handle.get(), function.name.c_str());
  for (const WarehouseType type : function.parameters) {
    with_type(type, [&](duckdb_logical_type logical) {
      duckdb_scalar_function_add_parameter(handle.get(), logical);
    });
  }
  with_type(function.result, [&](duckdb_logical_type logical) {
    duckdb_scalar_function_set_return_type(handle.get(), logical);
  });
  auto copy = std::make_unique<WarehouseFunction>(function);
  duckdb_scalar_function_set_extra_info(handle.get(), copy.release(), [](void* pointer) {
    delete static_cast<WarehouseFunction*>(pointer);
  });
  duckdb_scalar_function_set_function(handle.get(), trampoline);
  if (duckdb_register_scalar_function(connection, handle.get()) == DuckDBError) {
    fail_duckdb(DUCKDB_ERROR_CATALOG, "cannot register a function", function.name);
  }
}

}  // namespace rapport
