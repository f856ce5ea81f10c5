// Imports in the browser: upload in parts, look, map, run, report.
#pragma once

#include <functional>

#include "access/actor.h"
#include "customers/collect_service.h"
#include "customers/import/import_jobs.h"
#include "http/route.h"

namespace rapport {

struct ImportRoutesContext {
  ImportJobs& jobs;
  std::function<Actor(const Request&)> actor;
};

RouteGroup make_import_routes(ImportRoutesContext context);

/// The workspace's imports as live consoles are told of them.
std::string imports_json(const ImportJobs& jobs, WorkspaceId workspace, size_t limit);

/// Connections that hand requests to collect in this process.
ImportJobs::Transports direct_transports(CollectService& collect);

}  // namespace rapport
