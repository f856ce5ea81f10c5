// SetupServer: what `rapport serve` runs on a data folder that holds no installation yet.
//
// It serves the console and two operations: whether setup is needed, and the making of the first
// workspace with its owner, which only the holder of the one-time token may do. The token is in
// `link()`, behind '#', so no proxy or log on the way sees it; it exists in this process only and
// ends with it. Before the workspace is made the folder holds empty folders and the lock; then all
// of it exists or nothing. Thread-safe; `finished` turns true once, after which the caller stops it
// and starts the program.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <string>

#include "access/workspace_service.h"
#include "app/config.h"
#include "app/data_folder.h"
#include "http/server.h"
#include "runtime/clock.h"

namespace rapport {

/// Makes the installation in `folder`: a secret key, the control store, the first workspace. The
/// caller holds the folder's lock. kConflict when there is one; on any error nothing is left.
CreatedWorkspace initialise_folder(const DataFolder& folder, const NewWorkspace& input);

/// The same operations where an installation exists: nothing is needed, and none can be made.
RouteGroup make_setup_done_routes();

class SetupServer {
 public:
  explicit SetupServer(const Config& config);
  ~SetupServer();

  void start();
  void stop();
  /// "http://127.0.0.1:8080/setup#token=…".
  std::string link() const;
  bool finished() const { return finished_; }

 private:
  Router make_router();
  Response create(const Request& request);

  const Config config_;
  const DataFolder folder_;
  const FolderLock lock_;
  const SystemClock clock_;
  const std::string token_;
  std::mutex mutex_;
  std::atomic<bool> finished_{false};
  std::optional<HttpServer> server_;
};

}  // namespace rapport
