#include <CLI/CLI.hpp>
#include <cstdio>

#include "app/commands.h"
#include "customers/import/import.h"
#include "customers/import/progress_bar.h"

namespace rapport {
namespace {

int import_file(const ImportOptions& options) {
  ImportReport report;
  {
    TerminalProgress progress(stderr);
    report = run_import(options, progress);
  }
  print_import_report(stdout, report);
  return 0;
}

}  // namespace

void add_import_command(CLI::App& app, std::shared_ptr<Command> chosen) {
  CLI::App* command = app.add_subcommand("import", "Send a file of rows to a running program");
  const auto options = std::make_shared<ImportOptions>();
  command->add_option("file", options->file, "CSV or JSON Lines, plain or gzip")->required();
  command->add_option("--mapping", options->mapping_path, "how rows become events (JSON)")
      ->required();
  command->add_option("--url", options->url, "address of the program, http://HOST:PORT");
  command->add_option("--key", options->key, "API key with scope admin (rk_…)")
      ->envname("RAPPORT_KEY");
  command->add_option("--refused", options->refused_path, "file for examples of refused rows");
  command->add_flag("--dry-run", options->dry_run, "read and map, send nothing");
  command->callback([=] { *chosen = [=] { return import_file(*options); }; });
}

}  // namespace rapport
