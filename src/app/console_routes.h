// What the console shows of a workspace and of the installation: activity by day, and the system.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "access/workspace_service.h"
#include "customers/activity_reader.h"
#include "http/route.h"

namespace rapport {

struct StoredPart {
  std::string name;  // "log", "state", …
  int64_t bytes = 0;
};

/// The installation, not one workspace.
struct SystemFigures {
  std::string version;
  std::string status;  // as /readyz says it
  Timestamp started_at;
  uint64_t log_end = 0;
  uint64_t applied = 0;
  int64_t messages_in_flight = 0;
  int64_t resident_bytes = 0;
  std::string public_url;
  std::vector<StoredPart> storage;
};

struct ConsoleSources {
  const ActivityReader& activity;
  const WorkspaceService& workspaces;
  std::function<SystemFigures()> system;
};

RouteGroup make_console_routes(ConsoleSources sources);

/// Bytes of a file and its write-ahead log, or of all files below a folder; 0 when it is not there.
int64_t stored_bytes(const std::string& path);

}  // namespace rapport
