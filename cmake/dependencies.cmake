# Outside libraries: Debian 12 packages, and DuckDB's C library from its npm package.

find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(OpenSSL REQUIRED)
find_package(CURL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(GTest REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(SQLITE3 REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(ICU REQUIRED IMPORTED_TARGET icu-uc)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(GMIME REQUIRED IMPORTED_TARGET gmime-3.0)
find_package(ICU REQUIRED COMPONENTS i18n uc)
find_library(ROARING_LIBRARY roaring REQUIRED)
find_library(S2_LIBRARY s2 REQUIRED)
# S2's headers log through it where the compiler does not leave that code out.
find_library(ABSL_RAW_LOGGING_LIBRARY absl_raw_logging_internal REQUIRED)
find_library(GD_LIBRARY gd REQUIRED)
find_library(GUMBO_LIBRARY gumbo REQUIRED)
find_library(ROCKSDB_LIBRARY rocksdb REQUIRED)
find_library(SIMDJSON_LIBRARY simdjson REQUIRED)
# By path: its pkg-config file adds -pthread, with which simdjson's parser has one member more than
# in the modules that are compiled without it.
find_library(RE2_LIBRARY re2 REQUIRED)

# A system DuckDB wins; else the library that scripts/setup.sh placed in third_party/.
find_path(DUCKDB_INCLUDE_DIR duckdb.h PATHS ${CMAKE_SOURCE_DIR}/third_party/duckdb/include REQUIRED)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
  set(duckdb_arch arm64)
else()
  set(duckdb_arch x64)
endif()
find_library(DUCKDB_LIBRARY duckdb PATHS
  ${CMAKE_SOURCE_DIR}/third_party/duckdb/node_modules/@duckdb/node-bindings-linux-${duckdb_arch}
  REQUIRED)
add_library(rapport_duckdb INTERFACE)
target_include_directories(rapport_duckdb SYSTEM INTERFACE ${DUCKDB_INCLUDE_DIR})
target_link_libraries(rapport_duckdb INTERFACE ${DUCKDB_LIBRARY})
