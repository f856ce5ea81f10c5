#include <CLI/CLI.hpp>
#include <cstdio>

#include "app/commands.h"
#include "base/error.h"
#include "customers/import/import.h"
#include "customers/import/progress_bar.h"
#include "http/client.h"

namespace rapport {
namespace {

/// A wrong address or key is told at once, not after the retries that a long import deserves.
void check_program(const ImportOptions& options) {
  std::string url = options.url;
  while (!url.empty() && url.back() == '/') url.pop_back();
  HttpClientOptions http;
  http.headers = {{"Authorization", "Bearer " + options.key}};
  const int status = HttpClient(url, http).send("GET", "/api/v1/overview").status;
  if (status == 401) throw Error(ErrorCode::kUnauthenticated, "key: is not known at " + url);
  if (status == 403) throw Error(ErrorCode::kPermissionDenied, "key: may not import");
}

int import_file(const ImportOptions& options) {
  if (!options.dry_run) check_program(options);
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
