#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>

#include "app/application.h"
#include "app/command_options.h"
#include "app/commands.h"
#include "app/doctor.h"
#include "app/setup_server.h"
#include "app/terminal.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/secret_key.h"

namespace rapport {
namespace {

struct InitOptions {
  std::string data;
  std::string workspace;
  std::string email;
  std::string time_zone = "UTC";
  bool password_stdin = false;
  bool json = false;
};

void print_created(const CreatedWorkspace& created, bool json) {
  if (json) {
    std::string out = "{\"workspace\":" + json_quote(to_public(created.workspace.id)) +
                      ",\"write_key\":" + json_quote(created.write_key) +
                      ",\"admin_key\":" + json_quote(created.admin_key) +
                      ",\"email\":" + json_quote(created.email);
    if (created.generated_password) {
      out += ",\"password\":" + json_quote(*created.generated_password);
    }
    std::printf("%s}\n", out.c_str());
    return;
  }
  std::printf("Workspace   %s (%s)\n", created.workspace.name.c_str(),
              to_public(created.workspace.id).c_str());
  std::printf("Sign in     %s\n", created.email.c_str());
  if (created.generated_password) {
    std::printf("Password    %s\n", created.generated_password->c_str());
  }
  std::printf("Write key   %s   (for tracking libraries)\n", created.write_key.c_str());
  std::printf("Admin key   %s   (for the management API)\n", created.admin_key.c_str());
  std::printf("\nKeys and a generated password are shown this once.\n");
}

int init(const InitOptions& options) {
  const DataFolder folder(options.data);
  if (folder.is_initialised()) {
    throw Error(ErrorCode::kConflict, options.data + " holds an installation already");
  }
  NewWorkspace input{options.workspace, options.email, std::nullopt, options.time_zone};
  const std::string password = options.password_stdin ? read_line_from_stdin()
                               : options.json         ? std::string()
                                                      : ask_new_password();
  if (options.password_stdin || !password.empty()) input.password = password;
  folder.create();
  const FolderLock lock(folder);
  print_created(initialise_folder(folder, input), options.json);
  return 0;
}

int replay(const Flags& flags) {
  const Config config = resolve_config(flags);
  {
    const DataFolder folder(config.data);
    if (!folder.is_initialised()) throw Error::not_found("The data folder " + config.data);
    const FolderLock lock(folder);
    folder.remove_projections();
  }
  const auto began = std::chrono::steady_clock::now();
  Application application(config);
  const Offset end = application.rebuild();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  std::printf("Replayed %llu events in %.1f s (%.0f events/s).\n",
              static_cast<unsigned long long>(end), took.count(),
              static_cast<double>(end) / std::max(took.count(), 1e-9));
  return 0;
}

/// The routes can only be described by wired services, so an empty installation is made for it.
int openapi() {
  std::string folder = std::filesystem::temp_directory_path() / "rapport-openapi-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) {
    throw Error(ErrorCode::kInternal, "Cannot make a temporary folder");
  }
  Config config;
  config.data = folder;
  const DataFolder data(folder);
  data.create();
  load_or_create_secret_key(data.secret_key());
  open_sqlite_state_store(data.control());
  std::string document;
  {
    const Application application(config);
    document = application.openapi();
  }
  std::filesystem::remove_all(folder);
  std::printf("%s\n", document.c_str());
  return 0;
}

}  // namespace

void add_installation_commands(CLI::App& app, std::shared_ptr<Command> chosen) {
  CLI::App* command = app.add_subcommand("init", "Make a data folder, a workspace and its owner");
  const auto options = std::make_shared<InitOptions>();
  command->add_option("--data", options->data, "folder to make")->required();
  command->add_option("--workspace", options->workspace, "name of the business")->required();
  command->add_option("--email", options->email, "the owner's e-mail address")->required();
  command->add_option("--time-zone", options->time_zone, "IANA name, such as Asia/Ho_Chi_Minh");
  command->add_flag("--password-stdin", options->password_stdin, "read the password from stdin");
  command->add_flag("--json", options->json, "print JSON; without a password one is generated");
  command->callback([=] { *chosen = [=] { return init(*options); }; });

  command = app.add_subcommand("replay", "Rebuild profiles, ledgers and warehouse from the log");
  const auto replay_flags = add_setting_flags(*command, {"data", "warehouse_memory_mib"});
  command->callback([=] { *chosen = [=] { return replay(*replay_flags); }; });

  command = app.add_subcommand("doctor", "Say what is wrong with an installation, in words");
  const auto doctor_flags = add_setting_flags(*command, {});
  command->callback([=] {
    *chosen = [=] { return print_diagnosis(stdout, diagnose(resolve_config(*doctor_flags))); };
  });

  command = app.add_subcommand("openapi", "Print the OpenAPI document");
  command->callback([=] { *chosen = openapi; });

  command = app.add_subcommand("version", "Print the version");
  command->callback([=] {
    *chosen = [] {
      std::printf("rapport %s\n", RAPPORT_VERSION);
      return 0;
    };
  });
}

}  // namespace rapport
