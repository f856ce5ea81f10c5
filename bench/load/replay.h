// Sends prepared requests to a program that runs already: the load of measurements whose requests
// another tool made. Used by one thread.
#pragma once

#include <cstdint>
#include <string>

#include "load/load_client.h"

namespace rapport::bench {

/// Sends the requests of `file` to `options.port`, in turn and again from the first, or with `once`
/// each one time. The file holds before every request its size in bytes, in decimal, and a line
/// end. Throws kInvalidArgument when it does not.
LoadResult replay(const std::string& file, bool once, const LoadOptions& options);

/// One JSON object: per_second, p50_ms, p99_ms, worst_ms, failures.
std::string replay_summary(const LoadResult& result);

}  // namespace rapport::bench
