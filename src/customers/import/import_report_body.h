// The report of an import as it is stored and as the API shows it. Pure data.
#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <string>
#include <vector>

namespace rapport {

struct ImportRefusalBody {
  std::string reason;
  int64_t rows = 0;
};
BOOST_DESCRIBE_STRUCT(ImportRefusalBody, (), (reason, rows))

struct ImportCountBody {
  std::string name;
  int64_t made = 0;
  int64_t added = 0;
  int64_t duplicates = 0;
  int64_t rejected = 0;
};
BOOST_DESCRIBE_STRUCT(ImportCountBody, (), (name, made, added, duplicates, rejected))

struct ImportReportBody {
  int64_t rows = 0;
  int64_t refused_rows = 0;
  int64_t customers = 0;
  int64_t elapsed_ms = 0;
  std::vector<ImportCountBody> events;
  std::vector<ImportRefusalBody> refused;
  std::vector<ImportRefusalBody> rejected;
};
BOOST_DESCRIBE_STRUCT(ImportReportBody, (),
                      (rows, refused_rows, customers, elapsed_ms, events, refused, rejected))

}  // namespace rapport
