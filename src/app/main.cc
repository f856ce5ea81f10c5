#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "app/commands.h"
#include "base/error.h"

constexpr int kUsage = 2;

int main(int argc, char** argv) {
  umask(0077);  // What the program writes is personal data or a key.
  CLI::App app("Rapport: customer engagement in one program", "rapport");
  app.set_version_flag("--version", "rapport " RAPPORT_VERSION);
  const auto chosen = std::make_shared<rapport::Command>();
  rapport::add_commands(app, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  }
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
