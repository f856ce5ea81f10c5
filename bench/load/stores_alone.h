// The limit beside "applied": the two stores with the least that an event can cost them.
#pragma once

#include <string>

namespace rapport::bench {

/// Events a second when each is one look-up by text and one update in SQLite and one row in DuckDB,
/// committed each 10,000 events, 100,000 customers at random. No log, no JSON, no rules.
double stores_alone_per_second(const std::string& folder);

}  // namespace rapport::bench
