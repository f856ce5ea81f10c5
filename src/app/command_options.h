// Options that commands share: the settings of config.h as flags, and the access stores opened.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "access/access_services.h"
#include "app/config.h"
#include "app/data_folder.h"
#include "runtime/clock.h"

namespace CLI {
class App;
}

namespace rapport {

/// Flags given on the command line, by setting name.
using Flags = std::map<std::string, std::string>;

/// Adds --config and a flag for every setting in `names` (all when empty).
std::shared_ptr<Flags> add_setting_flags(CLI::App& command, std::vector<std::string> names = {});
/// The configuration from flags, environment and file. Throws when `data` is not set.
Config resolve_config(const Flags& flags);

/// control.db of a data folder with its services, for commands that run beside a serving program.
struct ControlAccess {
  explicit ControlAccess(const std::string& data);
  DataFolder folder;
  SystemClock clock;
  std::unique_ptr<StateStore> control;
  AccessServices access;
};

/// By id or name; the only workspace when `text` is empty. Throws kNotFound or kInvalidArgument.
Workspace find_workspace(const ControlAccess& control, const std::string& text);

/// The folder of the built console: `configured`, else console/dist or ../share/rapport/console
/// beside the program; empty when there is none.
std::string find_console(const std::string& configured);

}  // namespace rapport
