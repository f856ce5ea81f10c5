#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "app/application.h"
#include "app/command_options.h"
#include "app/commands.h"
#include "app/demo/demo_run.h"
#include "app/terminal.h"
#include "base/error.h"
#include "crypto/secret_key.h"
#include "runtime/log.h"

namespace rapport {
namespace {

constexpr const char* kLogin = "demo@rapport.example";

struct DemoSettings {
  uint32_t customers = 2'000;
  uint32_t days = 90;
  uint64_t seed = 1;
  bool once = false;
};

/// A folder that a demo made may be thrown away by the next; anybody else's must not.
void make_fresh_folder(const DataFolder& folder) {
  const auto mark = folder.root / "demo";
  if (std::filesystem::exists(folder.root) && !std::filesystem::is_empty(folder.root)) {
    if (!std::filesystem::exists(mark)) {
      throw Error(ErrorCode::kConflict,
                  folder.root.string() + " is not a demo's folder; choose another with --data");
    }
    const FolderLock lock(folder);
    std::filesystem::remove_all(folder.root);
  }
  folder.create();
  std::ofstream(mark) << "made by rapport demo; the next one empties this folder\n";
}

CreatedWorkspace make_shop(const DataFolder& folder) {
  const FolderLock lock(folder);
  SystemClock clock;
  const auto control = open_sqlite_state_store(folder.control());
  AccessServices access(*control, clock, load_or_create_secret_key(folder.secret_key()));
  return access.workspaces.initialise({"Demo shop", kLogin, std::nullopt, "UTC"});
}

int play_demo(const Flags& flags, const DemoSettings& settings) {
  Config config = resolve_config(flags);
  config.console = find_console(config.console);
  config.machine_click_seconds = 0;  // the demo's readers open at once
  configure_logging(LogLevel::kWarning, LogFormat::kText);
  block_stop_signals();
  const DataFolder folder(config.data);
  make_fresh_folder(folder);
  const CreatedWorkspace shop = make_shop(folder);
  Application application(config);
  application.start();

  demo::DemoOptions options;
  options.base_url = "http://127.0.0.1:" + std::to_string(application.port());
  options.write_key = shop.write_key;
  options.admin_key = shop.admin_key;
  options.customers = settings.customers;
  options.days = settings.days;
  options.seed = settings.seed;
  options.login_email = shop.email;
  options.login_password = shop.generated_password.value_or("");
  const demo::DemoOutcome outcome = demo::run_demo(options);
  demo::print_demo_outcome(stdout, outcome);
  if (!settings.once) {
    std::printf("\nServing %s until Ctrl-C.\n", options.base_url.c_str());
    std::fflush(stdout);
    wait_for_stop_signal();
  }
  application.stop();
  return outcome.ok() ? 0 : 1;
}

}  // namespace

void add_demo_command(CLI::App& app, std::shared_ptr<Command> chosen) {
  CLI::App* command =
      app.add_subcommand("demo", "Fill a demo shop, run the main job, show what happened");
  const auto flags = add_setting_flags(*command, {"data", "listen", "console"});
  const auto settings = std::make_shared<DemoSettings>();
  command->add_option("--customers", settings->customers, "people of the shop")
      ->check(CLI::Range(10, 5'000'000));
  command->add_option("--days", settings->days, "days of history")->check(CLI::Range(1, 3'650));
  command->add_option("--seed", settings->seed, "the same seed gives the same shop");
  command->add_flag("--once", settings->once, "end after the table; exit code 0 when all is right");
  command->callback([=] { *chosen = [=] { return play_demo(*flags, *settings); }; });
}

}  // namespace rapport
