// The subcommands of `rapport`. Each returns the exit code; errors are thrown and printed by main.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace rapport {

/// What runs once the command line is understood.
using Command = std::function<int()>;

/// Adds every subcommand to `app`; the one that was chosen sets `chosen`.
void add_commands(CLI::App& app, std::shared_ptr<Command> chosen);

void add_installation_commands(
    CLI::App& app, std::shared_ptr<Command> chosen);  // init, doctor, replay, openapi, version
void add_access_commands(CLI::App& app, std::shared_ptr<Command> chosen);  // key, user, workspace
void add_serve_command(CLI::App& app, std::shared_ptr<Command> chosen);
void add_import_command(CLI::App& app, std::shared_ptr<Command> chosen);
void add_render_command(CLI::App& app, std::shared_ptr<Command> chosen);
void add_demo_command(CLI::App& app, std::shared_ptr<Command> chosen);

}  // namespace rapport
