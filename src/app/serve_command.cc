#include <CLI/CLI.hpp>
#include <cstdio>

#include "app/application.h"
#include "app/command_options.h"
#include "app/commands.h"
#include "app/data_folder.h"
#include "app/setup_server.h"
#include "app/terminal.h"
#include "base/error.h"
#include "runtime/log.h"

namespace rapport {
namespace {

void configure_log(const Config& config) {
  LogLevel level = LogLevel::kInfo;
  parse_log_level(config.log_level, &level);
  configure_logging(level, config.log_format == "json" ? LogFormat::kJson : LogFormat::kText);
}

constexpr int kSetupLookMs = 100;

/// Serves the console's first page until the first workspace is made; false when stopped before.
bool set_up(const Config& config) {
  if (config.data.empty()) throw Error::invalid("data", "is required");
  SetupServer setup(config);
  setup.start();
  std::printf("%s holds no installation yet. Open this link to make your workspace:\n\n  %s\n\n",
              config.data.c_str(), setup.link().c_str());
  std::fflush(stdout);
  while (!setup.finished()) {
    if (wait_for_stop_signal(kSetupLookMs)) return false;
  }
  setup.stop();
  return true;
}

int serve(const Flags& flags, bool print_only) {
  Config config = resolve_config(flags);
  config.console = find_console(config.console);
  if (print_only) {
    std::fputs(print_config(config).c_str(), stdout);
    return 0;
  }
  configure_log(config);
  block_stop_signals();
  if (!DataFolder(config.data).is_initialised() && !set_up(config)) return 0;
  Application application(config);
  application.start();
  wait_for_stop_signal();
  log_info("stopping");
  application.stop();
  log_info("stopped");
  return 0;
}

}  // namespace

void add_serve_command(CLI::App& app, std::shared_ptr<Command> chosen) {
  CLI::App* command = app.add_subcommand("serve", "Run the program");
  const auto flags = add_setting_flags(*command);
  command->add_option_function<std::string>(
      "--tls-cert", [flags](const std::string& v) { (*flags)["tls_certificate"] = v; },
      "the same as --tls-certificate");
  const auto print_only = std::make_shared<bool>(false);
  command->add_flag("--print-config", *print_only, "show the configuration and end");
  command->callback([=] { *chosen = [=] { return serve(*flags, *print_only); }; });
}

}  // namespace rapport
