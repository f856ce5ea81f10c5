#include "app/commands.h"

#include <CLI/CLI.hpp>

namespace rapport {

void add_commands(CLI::App& app, std::shared_ptr<Command> chosen) {
  app.require_subcommand(1);
  add_serve_command(app, chosen);
  add_installation_commands(app, chosen);
  add_import_command(app, chosen);
  add_render_command(app, chosen);
  add_demo_command(app, chosen);
  add_access_commands(app, chosen);
}

}  // namespace rapport
