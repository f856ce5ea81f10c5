#include <CLI/CLI.hpp>
#include <cstdio>

#include "app/command_options.h"
#include "app/commands.h"
#include "app/terminal.h"
#include "base/error.h"
#include "base/text.h"

namespace rapport {
namespace {

constexpr size_t kListed = 1'000;

struct AccessOptions {
  std::string data;
  std::string workspace;
  std::string name;
  std::string scope = "read";
  std::string email;
  std::string role = "viewer";
  std::string id;
  std::string time_zone = "UTC";
  bool password_stdin = false;
  bool json = false;
};
using Options = std::shared_ptr<AccessOptions>;

std::string flag_data(const Options& o) {
  Flags flags;
  if (!o->data.empty()) flags["data"] = o->data;
  return resolve_config(flags).data;
}

Role checked_role(const std::string& text) {
  const auto role = parse_role(text);
  if (!role) {
    throw Error::invalid("role", "must be one of owner, admin, marketer, agent, analyst, viewer");
  }
  return *role;
}

User find_user(const ControlAccess& control, WorkspaceId workspace, const std::string& email) {
  auto user = control.access.users.find_by_email(workspace, email);
  if (!user) throw Error::not_found("User " + email);
  return std::move(*user);
}

int create_key(const Options& o) {
  ControlAccess control(flag_data(o));
  const auto scope = parse_scope(o->scope);
  if (!scope) throw Error::invalid("scope", "must be one of ingest, read, admin");
  const auto created = control.access.keys.create(find_workspace(control, o->workspace).id, o->name,
                                                  *scope, Actor::system());
  if (o->json) {
    std::printf("{\"id\":%s,\"key\":%s,\"scope\":%s}\n",
                json_quote(to_public(created.key.id)).c_str(), json_quote(created.secret).c_str(),
                json_quote(o->scope).c_str());
  } else {
    std::printf("%s  %s\nThe key is shown this once.\n", to_public(created.key.id).c_str(),
                created.secret.c_str());
  }
  return 0;
}

int list_keys(const Options& o) {
  ControlAccess control(flag_data(o));
  for (const ApiKey& key :
       control.access.keys.list(find_workspace(control, o->workspace).id, std::nullopt, kListed)) {
    std::printf("%s  %-7s %s…  %s\n", to_public(key.id).c_str(),
                std::string(scope_name(key.scope)).c_str(), key.prefix.c_str(), key.name.c_str());
  }
  return 0;
}

int revoke_key(const Options& o) {
  ControlAccess control(flag_data(o));
  const auto id = parse_id<KeyTag>(o->id);
  if (!id) throw Error::invalid("id", "is not a key's id");
  control.access.keys.revoke(find_workspace(control, o->workspace).id, *id, Actor::system());
  std::printf("Revoked %s.\n", o->id.c_str());
  return 0;
}

int create_user(const Options& o) {
  ControlAccess control(flag_data(o));
  const std::string password = o->password_stdin ? read_line_from_stdin() : ask_new_password();
  std::optional<std::string> given;
  if (o->password_stdin || !password.empty()) given = password;
  const auto created =
      control.access.users.create(find_workspace(control, o->workspace).id, o->email,
                                  checked_role(o->role), given, Actor::system());
  std::printf("%s  %s  %s\n", to_public(created.user.id).c_str(), o->role.c_str(),
              created.user.email.c_str());
  if (created.generated_password) {
    std::printf("Password  %s  (shown this once)\n", created.generated_password->c_str());
  }
  return 0;
}

int list_users(const Options& o) {
  ControlAccess control(flag_data(o));
  for (const User& user :
       control.access.users.list(find_workspace(control, o->workspace).id, std::nullopt, kListed)) {
    std::printf("%s  %-9s %s\n", to_public(user.id).c_str(),
                std::string(role_name(user.role)).c_str(), user.email.c_str());
  }
  return 0;
}

int set_user_role(const Options& o) {
  ControlAccess control(flag_data(o));
  const WorkspaceId workspace = find_workspace(control, o->workspace).id;
  control.access.users.change_role(workspace, find_user(control, workspace, o->email).id,
                                   checked_role(o->role), Actor::system());
  std::printf("%s is %s now.\n", o->email.c_str(), o->role.c_str());
  return 0;
}

int set_user_password(const Options& o) {
  ControlAccess control(flag_data(o));
  const WorkspaceId workspace = find_workspace(control, o->workspace).id;
  const std::string password = o->password_stdin ? read_line_from_stdin() : ask_new_password();
  if (password.empty()) throw Error::invalid("password", "is required");
  control.access.users.set_password(workspace, find_user(control, workspace, o->email).id, password,
                                    Actor::system());
  std::printf("The password of %s is set; its sessions ended.\n", o->email.c_str());
  return 0;
}

int remove_user(const Options& o) {
  ControlAccess control(flag_data(o));
  const WorkspaceId workspace = find_workspace(control, o->workspace).id;
  control.access.users.remove(workspace, find_user(control, workspace, o->email).id,
                              Actor::system());
  std::printf("Removed %s.\n", o->email.c_str());
  return 0;
}

int create_workspace(const Options& o) {
  ControlAccess control(flag_data(o));
  NewWorkspace input{o->name, o->email, std::nullopt, o->time_zone};
  if (o->password_stdin) input.password = read_line_from_stdin();
  const auto created = control.access.workspaces.create(input, Actor::system());
  if (o->json) {
    std::string out = "{\"workspace\":" + json_quote(to_public(created.workspace.id)) +
                      ",\"write_key\":" + json_quote(created.write_key) +
                      ",\"admin_key\":" + json_quote(created.admin_key) +
                      ",\"email\":" + json_quote(created.email);
    if (created.generated_password) {
      out += ",\"password\":" + json_quote(*created.generated_password);
    }
    std::printf("%s}\n", out.c_str());
    return 0;
  }
  std::printf("Workspace   %s (%s)\nSign in     %s\n", created.workspace.name.c_str(),
              to_public(created.workspace.id).c_str(), created.email.c_str());
  if (created.generated_password) {
    std::printf("Password    %s\n", created.generated_password->c_str());
  }
  std::printf("Write key   %s\nAdmin key   %s\n\nShown this once.\n", created.write_key.c_str(),
              created.admin_key.c_str());
  return 0;
}

int list_workspaces(const Options& o) {
  ControlAccess control(flag_data(o));
  for (const Workspace& workspace : control.access.workspaces.list()) {
    std::printf("%s  %s  %s\n", to_public(workspace.id).c_str(), workspace.time_zone.c_str(),
                workspace.name.c_str());
  }
  return 0;
}

int rename_workspace(const Options& o) {
  ControlAccess control(flag_data(o));
  WorkspaceChange change;
  change.name = o->name;
  const auto workspace = control.access.workspaces.update(find_workspace(control, o->workspace).id,
                                                          change, Actor::system());
  std::printf("%s is called %s now.\n", to_public(workspace.id).c_str(), workspace.name.c_str());
  return 0;
}

using Action = int (*)(const Options&);

/// One action of a group such as `key`, with the options all of them take.
CLI::App* add_action(CLI::App& group, std::shared_ptr<Command> chosen, const Options& options,
                     const std::string& name, const std::string& description, Action action) {
  CLI::App* command = group.add_subcommand(name, description);
  command->add_option("--data", options->data, "data folder");
  command->callback([=] { *chosen = [=] { return action(options); }; });
  return command;
}

void workspace_option(CLI::App* command, const Options& o) {
  command->add_option("--workspace", o->workspace, "id or name; needed when there are several");
}

}  // namespace

void add_access_commands(CLI::App& app, std::shared_ptr<Command> chosen) {
  const auto o = std::make_shared<AccessOptions>();
  CLI::App* keys = app.add_subcommand("key", "API keys")->require_subcommand(1);
  CLI::App* command =
      add_action(*keys, chosen, o, "create", "Make a key; it is shown once", create_key);
  workspace_option(command, o);
  command->add_option("--name", o->name, "what it is for")->required();
  command->add_option("--scope", o->scope, "ingest, read or admin")->required();
  command->add_flag("--json", o->json, "print JSON");
  workspace_option(add_action(*keys, chosen, o, "list", "List keys", list_keys), o);
  command = add_action(*keys, chosen, o, "revoke", "End a key", revoke_key);
  workspace_option(command, o);
  command->add_option("id", o->id, "key_…")->required();

  CLI::App* users = app.add_subcommand("user", "People who may sign in")->require_subcommand(1);
  command = add_action(*users, chosen, o, "create", "Add a user", create_user);
  workspace_option(command, o);
  command->add_option("--email", o->email, "address to sign in with")->required();
  command->add_option("--role", o->role, "owner, admin, marketer, agent, analyst or viewer")
      ->required();
  command->add_flag("--password-stdin", o->password_stdin, "read the password from stdin");
  workspace_option(add_action(*users, chosen, o, "list", "List users", list_users), o);
  command = add_action(*users, chosen, o, "set-role", "Change a role", set_user_role);
  workspace_option(command, o);
  command->add_option("--email", o->email)->required();
  command->add_option("--role", o->role)->required();
  command = add_action(*users, chosen, o, "set-password", "Set a password", set_user_password);
  workspace_option(command, o);
  command->add_option("--email", o->email)->required();
  command->add_flag("--password-stdin", o->password_stdin, "read the password from stdin");
  command = add_action(*users, chosen, o, "remove", "Remove a user", remove_user);
  workspace_option(command, o);
  command->add_option("--email", o->email)->required();

  CLI::App* workspaces =
      app.add_subcommand("workspace", "Businesses in this installation")->require_subcommand(1);
  command = add_action(*workspaces, chosen, o, "create", "Add a workspace with its owner",
                       create_workspace);
  command->add_option("--name", o->name, "name of the business")->required();
  command->add_option("--email", o->email, "the owner's e-mail address")->required();
  command->add_option("--time-zone", o->time_zone, "IANA name");
  command->add_flag("--password-stdin", o->password_stdin, "read the password from stdin");
  command->add_flag("--json", o->json, "print JSON");
  add_action(*workspaces, chosen, o, "list", "List workspaces", list_workspaces);
  command = add_action(*workspaces, chosen, o, "rename", "Change a name", rename_workspace);
  workspace_option(command, o);
  command->add_option("--name", o->name, "the new name")->required();
}

}  // namespace rapport
