// Application: the whole program on one data folder, wired from its parts. The only place that
// names adapters.
//
// Construct (opens and migrates every store), `start` (serves and works), `stop` (finishes,
// flushes). Without `start` it can be used to rebuild the projections or to describe its routes.
#pragma once

#include <memory>
#include <string>

#include "app/config.h"
#include "base/ids.h"

namespace rapport {

class Application {
 public:
  /// Throws kNotFound when the folder was not initialised, kConflict when another program has it.
  explicit Application(const Config& config);
  ~Application();

  void start();
  /// Stop accepting, finish, flush; at most limits::kStopDeadline and a little.
  void stop();
  uint16_t port() const;

  /// Applies the whole log to the projections on this thread; before `start`. Returns its end.
  Offset rebuild();
  Offset applied() const;
  std::string openapi() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace rapport
