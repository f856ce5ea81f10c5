#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <optional>

#include "app/commands.h"
#include "base/error.h"

namespace {

constexpr int kUsageError = 2;

bool is_command(const CLI::App& app, const std::string& name) {
  const auto commands = app.get_subcommands([](const CLI::App*) { return true; });
  return std::any_of(commands.begin(), commands.end(),
                     [&](const CLI::App* command) { return command->get_name() == name; });
}

/// The exit code when there is nothing to run: help was shown or the arguments are wrong.
std::optional<int> parse_arguments(CLI::App& app, int argc, char** argv) {
  if (argc > 1 && argv[1][0] != '-' && !is_command(app, argv[1])) {
    std::fprintf(stderr, "rapport: there is no command \"%s\"; `rapport --help` lists them\n",
                 argv[1]);
    return kUsageError;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsageError;
  }
  return std::nullopt;
}

}  // namespace

int main(int argc, char** argv) {
  umask(0077);  // What the program writes is personal data or a key.
  CLI::App app("Rapport: customer engagement in one program", "rapport");
  app.set_version_flag("--version", "rapport " RAPPORT_VERSION);
  const auto chosen = std::make_shared<rapport::Command>();
  rapport::add_commands(app, chosen);
  if (const auto code = parse_arguments(app, argc, argv)) return *code;
  try {
    return (*chosen)();
  } catch (const rapport::Error& error) {
    std::fprintf(stderr, "rapport: %s\n", error.public_detail().c_str());
    if (!error.internal_detail().empty()) {
      std::fprintf(stderr, "         (%s)\n", error.internal_detail().c_str());
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "rapport: %s\n", error.what());
  }
  return 1;
}
