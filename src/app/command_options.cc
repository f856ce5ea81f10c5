#include "app/command_options.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <filesystem>

#include "base/error.h"
#include "crypto/secret_key.h"

namespace rapport {

std::shared_ptr<Flags> add_setting_flags(CLI::App& command, std::vector<std::string> names) {
  auto flags = std::make_shared<Flags>();
  const auto add = [&](const std::string& name, const std::string& description) {
    std::string flag = "--" + name;
    for (char& c : flag) c = c == '_' ? '-' : c;
    command.add_option_function<std::string>(
        flag, [flags, name](const std::string& value) { (*flags)[name] = value; }, description);
  };
  add("config", "configuration file");
  for (const ConfigSetting& setting : config_settings()) {
    const std::string name(setting.name);
    const bool wanted = names.empty() || std::find(names.begin(), names.end(), name) != names.end();
    if (wanted) add(name, std::string(setting.description));
  }
  return flags;
}

Config resolve_config(const Flags& flags) {
  Config config = load_config(flags, [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  });
  if (config.data.empty()) {
    throw Error::invalid("data",
                         "is required: --data DIR, RAPPORT_DATA, or `data` in rapport.toml");
  }
  return config;
}

namespace {

const DataFolder& checked(const DataFolder& folder) {
  if (!folder.is_initialised()) {
    throw Error(ErrorCode::kNotFound, folder.root.string() + " is not a data folder of rapport");
  }
  return folder;
}

}  // namespace

ControlAccess::ControlAccess(const std::string& data)
    : folder(checked(DataFolder(data))),
      control(open_sqlite_state_store(folder.control())),
      access(*control, clock, load_secret_key(folder.secret_key())) {}

Workspace find_workspace(const ControlAccess& control, const std::string& text) {
  if (!text.empty()) {
    auto found = control.access.workspaces.find_by_text(text);
    if (!found) throw Error::not_found("Workspace \"" + text + "\"");
    return std::move(*found);
  }
  auto all = control.access.workspaces.list();
  if (all.size() != 1) {
    throw Error::invalid("workspace", "there are several: name one with --workspace");
  }
  return std::move(all.front());
}

std::string find_console(const std::string& configured) {
  if (!configured.empty()) return configured;
  std::error_code failed;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", failed);
  if (failed) return {};
  const auto folder = program.parent_path();
  for (const auto& candidate :
       {folder / "../../console/dist", folder / "../share/rapport/console"}) {
    if (std::filesystem::exists(candidate / "index.html")) {
      return std::filesystem::weakly_canonical(candidate);
    }
  }
  return {};
}

}  // namespace rapport
