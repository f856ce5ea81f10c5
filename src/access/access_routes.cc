#include "access/access_routes.h"

#include <algorithm>
#include <boost/describe.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "http/json_schema.h"

namespace rapport {
namespace {

struct RoleWords {
  static std::vector<std::string_view> words() {
    std::vector<std::string_view> names;
    for (const Role role : all_roles()) names.push_back(role_name(role));
    return names;
  }
};

struct ScopeWords {
  static std::vector<std::string_view> words() {
    std::vector<std::string_view> names;
    for (const Scope scope : all_scopes()) names.push_back(scope_name(scope));
    return names;
  }
};

struct PermissionWords {
  static std::vector<std::string_view> words() {
    std::vector<std::string_view> names;
    for (const Permission permission : all_permissions()) {
      names.push_back(permission_name(permission));
    }
    return names;
  }
};

struct WorkspaceRef {
  std::string id;
  std::string name;
};
BOOST_DESCRIBE_STRUCT(WorkspaceRef, (), (id, name))

struct SignInBody {
  std::string email;
  std::string password;
  std::optional<std::string> workspace;
};
BOOST_DESCRIBE_STRUCT(SignInBody, (), (email, password, workspace))

struct SessionUser {
  std::string id;
  std::string email;
  OneOf<RoleWords> role;
};
BOOST_DESCRIBE_STRUCT(SessionUser, (), (id, email, role))

struct SessionKey {
  std::string id;
  std::string name;
  OneOf<ScopeWords> scope;
};
BOOST_DESCRIBE_STRUCT(SessionKey, (), (id, name, scope))

/// `user` and `csrf_token` for a signed-in user, `key` for an API key; `workspaces` after a sign-in
/// whose e-mail and password open several. `permissions` is what the caller may do.
struct SessionView {
  std::optional<SessionUser> user;
  std::optional<SessionKey> key;
  WorkspaceRef workspace;
  std::vector<OneOf<PermissionWords>> permissions;
  std::optional<std::string> csrf_token;
  std::optional<std::vector<WorkspaceRef>> workspaces;
};
BOOST_DESCRIBE_STRUCT(SessionView, (), (user, key, workspace, permissions, csrf_token, workspaces))

struct PasswordBody {
  std::string current;
  std::string new_;
};
BOOST_DESCRIBE_STRUCT(PasswordBody, (), (current, new_))

struct OpenSessionView {
  std::string id;
  bool current = false;
  Timestamp created_at;
  Timestamp last_seen_at;
  Timestamp expires_at;
  std::string user_agent;
  std::string ip;
};
BOOST_DESCRIBE_STRUCT(OpenSessionView, (),
                      (id, current, created_at, last_seen_at, expires_at, user_agent, ip))

struct NewUserBody {
  std::string email;
  OneOf<RoleWords> role;
  std::optional<std::string> password;
};
BOOST_DESCRIBE_STRUCT(NewUserBody, (), (email, role, password))

struct RoleBody {
  OneOf<RoleWords> role;
};
BOOST_DESCRIBE_STRUCT(RoleBody, (), (role))

struct UserView {
  std::string id;
  std::string email;
  OneOf<RoleWords> role;
  Timestamp created_at;
  Nullable<Timestamp> last_sign_in_at;
  std::optional<std::string> password;  // generated; in the answer to its creation only
};
BOOST_DESCRIBE_STRUCT(UserView, (), (id, email, role, created_at, last_sign_in_at, password))

struct NewKeyBody {
  std::string name;
  OneOf<ScopeWords> scope;
};
BOOST_DESCRIBE_STRUCT(NewKeyBody, (), (name, scope))

struct KeyView {
  std::string id;
  std::string name;
  OneOf<ScopeWords> scope;
  std::string prefix;
  Timestamp created_at;
  Nullable<Timestamp> last_used_at;
  std::optional<std::string> key;  // in the answer to its creation only
};
BOOST_DESCRIBE_STRUCT(KeyView, (), (id, name, scope, prefix, created_at, last_used_at, key))

struct WorkspaceBody {
  std::optional<std::string> name;
  std::optional<std::string> time_zone;
  std::optional<std::string> currency;
  std::optional<std::vector<std::string>> languages;
};
BOOST_DESCRIBE_STRUCT(WorkspaceBody, (), (name, time_zone, currency, languages))

struct WorkspaceView {
  std::string id;
  std::string name;
  std::string time_zone;
  Timestamp created_at;
  std::string currency;
  std::vector<std::string> languages;
};
BOOST_DESCRIBE_STRUCT(WorkspaceView, (), (id, name, time_zone, created_at, currency, languages))

struct AuditView {
  std::string id;
  Timestamp at;
  std::string actor;
  std::string actor_label;
  std::string action;
  std::string subject;
  std::string detail;
  std::string ip;
};
BOOST_DESCRIBE_STRUCT(AuditView, (), (id, at, actor, actor_label, action, subject, detail, ip))

WorkspaceId workspace_of(const Request& request) {
  ENSURE(request.caller.workspace != 0);
  return WorkspaceId{request.caller.workspace};
}

UserId signed_in_user(const Request& request) {
  if (request.caller.user == 0) {
    throw Error(ErrorCode::kPermissionDenied, "Only a signed-in user can do this.");
  }
  return UserId{request.caller.user};
}

template <class Tag>
Id<Tag> path_id(const Request& request, std::string_view what) {
  const auto id = parse_id<Tag>(request.parameter("id"));
  if (!id) throw Error::not_found(what);
  return *id;
}

Role role_field(const std::string& text) {
  const auto role = parse_role(text);
  ENSURE(role.has_value());
  return *role;
}

/// The number behind a page's cursor; null from the start.
std::optional<uint64_t> cursor_number(const PageRequest& page, std::string_view prefix) {
  if (page.cursor.empty()) return std::nullopt;
  const auto number = parse_public_id(prefix, page.cursor);
  if (!number) throw Error::invalid("cursor", "is not a cursor of this list");
  return number;
}

/// `rows` holds one more than asked for when there is a next page.
template <class View, class Row, class Present, class CursorOf>
Response page_response(std::vector<Row> rows, size_t limit, Present present, CursorOf cursor_of) {
  Page<View> page;
  const size_t shown = std::min(rows.size(), limit);
  for (size_t i = 0; i < shown; ++i) page.items.push_back(present(rows[i]));
  if (rows.size() > limit) page.next_cursor = cursor_of(rows[limit - 1]);
  return Response::json(to_json(page));
}

UserView present_user(const User& user) {
  UserView view;
  view.id = to_public(user.id);
  view.email = user.email;
  view.role = role_name(user.role);
  view.created_at = user.created_at;
  if (user.last_sign_in_at) view.last_sign_in_at = *user.last_sign_in_at;
  return view;
}

KeyView present_key(const ApiKey& key) {
  KeyView view;
  view.id = to_public(key.id);
  view.name = key.name;
  view.scope = scope_name(key.scope);
  view.prefix = key.prefix;
  view.created_at = key.created_at;
  if (key.last_used_at) view.last_used_at = *key.last_used_at;
  return view;
}

WorkspaceView present_workspace(const Workspace& workspace) {
  return {to_public(workspace.id), workspace.name,     workspace.time_zone,
          workspace.created_at,    workspace.currency, workspace.languages};
}

WorkspaceRef workspace_ref(const AccessServices& services, WorkspaceId id) {
  return {to_public(id), services.workspaces.get(id).name};
}

/// What a role or a key's scope grants.
template <class Holder>
std::vector<OneOf<PermissionWords>> granted(Holder holder) {
  std::vector<OneOf<PermissionWords>> names;
  for (const Permission permission : all_permissions()) {
    if (allows(holder, permission)) names.emplace_back(permission_name(permission));
  }
  return names;
}

// Session

// A form of another site can post text or a form, not JSON: nobody is signed in behind their back.
void require_json(const Request& request) {
  const std::string_view type = request.header("content-type");
  if (!equals_ignore_case(trim(type.substr(0, type.find(';'))), "application/json")) {
    throw Error(ErrorCode::kUnsupportedMedia, "Content-Type must be application/json.");
  }
}

Response sign_in(AccessServices& services, const Request& request) {
  require_json(request);
  const auto body = parse_json<SignInBody>(request.body);
  std::optional<WorkspaceId> workspace;
  if (body.workspace) {
    workspace = parse_id<WorkspaceTag>(*body.workspace);
    if (!workspace) throw Error::invalid("workspace", "is not a workspace id");
  }
  const auto users = services.users.verify(body.email, body.password, request.remote_ip, workspace);
  const User& user = users.front();
  const auto opened =
      services.sessions.create(user, request.header("user-agent"), request.remote_ip,
                               request.cookie(session_cookie_name(request.secure)));
  SessionView view;
  view.user = SessionUser{to_public(user.id), user.email, OneOf<RoleWords>(role_name(user.role))};
  view.workspace = workspace_ref(services, user.workspace);
  view.permissions = granted(user.role);
  view.csrf_token = csrf_token(opened.token);
  if (users.size() > 1) {
    view.workspaces.emplace();
    for (const User& other : users) {
      view.workspaces->push_back(workspace_ref(services, other.workspace));
    }
  }
  Response response = Response::json(to_json(view));
  response.headers.emplace_back("Set-Cookie", session_cookie(opened.token, request.secure));
  return response;
}

Response get_session(AccessServices& services, const Request& request) {
  const Caller& caller = request.caller;
  SessionView view;
  view.workspace = workspace_ref(services, workspace_of(request));
  if (caller.user != 0) {
    view.user = SessionUser{to_public(UserId{caller.user}), caller.label, caller.role};
    if (const auto role = parse_role(caller.role)) view.permissions = granted(*role);
    view.csrf_token = csrf_token(request.cookie(session_cookie_name(request.secure)));
  } else {
    view.key = SessionKey{to_public(KeyId{caller.api_key}), caller.label, caller.role};
    if (const auto scope = parse_scope(caller.role)) view.permissions = granted(*scope);
  }
  return Response::json(to_json(view));
}

Response sign_out(AccessServices& services, const Request& request) {
  Response response = Response::no_content();
  if (request.caller.session == 0) return response;  // a key has no session to end
  services.sessions.revoke(workspace_of(request), UserId{request.caller.user},
                           SessionId{request.caller.session});
  response.headers.emplace_back("Set-Cookie", expired_session_cookie(request.secure));
  return response;
}

Response change_password(AccessServices& services, const Request& request) {
  const auto body = parse_json<PasswordBody>(request.body);
  services.users.change_password(workspace_of(request), signed_in_user(request), body.current,
                                 body.new_, SessionId{request.caller.session},
                                 services.actor(request));
  return Response::no_content();
}

Response list_sessions(AccessServices& services, const Request& request) {
  Page<OpenSessionView> page;
  if (request.caller.user == 0) return Response::json(to_json(page));
  for (const Session& session :
       services.sessions.list(workspace_of(request), UserId{request.caller.user})) {
    page.items.push_back({to_public(session.id), session.id.value == request.caller.session,
                          session.created_at, session.last_seen_at, session.expires_at,
                          session.user_agent, session.ip});
  }
  return Response::json(to_json(page));
}

Response revoke_session(AccessServices& services, const Request& request) {
  const auto id = path_id<SessionTag>(request, "session");
  services.sessions.revoke(workspace_of(request), UserId{request.caller.user}, id);
  return Response::no_content();
}

// Users

Response list_users(AccessServices& services, const Request& request) {
  const PageRequest page = parse_page(request);
  std::optional<UserId> after;
  if (const auto number = cursor_number(page, UserTag::kPrefix)) after = UserId{*number};
  return page_response<UserView>(services.users.list(workspace_of(request), after, page.limit + 1),
                                 page.limit, present_user,
                                 [](const User& user) { return to_public(user.id); });
}

Response create_user(AccessServices& services, const Request& request) {
  const auto body = parse_json<NewUserBody>(request.body);
  const auto made = services.users.create(workspace_of(request), body.email, role_field(body.role),
                                          body.password, services.actor(request));
  UserView view = present_user(made.user);
  view.password = made.generated_password;
  return Response::json(to_json(view), 201);
}

Response change_role(AccessServices& services, const Request& request) {
  const auto id = path_id<UserTag>(request, "user");
  const auto body = parse_json<RoleBody>(request.body);
  const User user = services.users.change_role(workspace_of(request), id, role_field(body.role),
                                               services.actor(request));
  return Response::json(to_json(present_user(user)));
}

Response remove_user(AccessServices& services, const Request& request) {
  const auto id = path_id<UserTag>(request, "user");
  services.users.remove(workspace_of(request), id, services.actor(request));
  return Response::no_content();
}

// API keys

Response list_keys(AccessServices& services, const Request& request) {
  const PageRequest page = parse_page(request);
  std::optional<KeyId> after;
  if (const auto number = cursor_number(page, KeyTag::kPrefix)) after = KeyId{*number};
  return page_response<KeyView>(services.keys.list(workspace_of(request), after, page.limit + 1),
                                page.limit, present_key,
                                [](const ApiKey& key) { return to_public(key.id); });
}

Response create_key(AccessServices& services, const Request& request) {
  const auto body = parse_json<NewKeyBody>(request.body);
  const auto scope = parse_scope(body.scope);
  ENSURE(scope.has_value());
  const auto made =
      services.keys.create(workspace_of(request), body.name, *scope, services.actor(request));
  KeyView view = present_key(made.key);
  view.key = made.secret;
  return Response::json(to_json(view), 201);
}

Response revoke_key(AccessServices& services, const Request& request) {
  const auto id = path_id<KeyTag>(request, "API key");
  services.keys.revoke(workspace_of(request), id, services.actor(request));
  return Response::no_content();
}

// Workspace and audit trail

Response get_workspace(AccessServices& services, const Request& request) {
  return Response::json(to_json(present_workspace(services.workspaces.get(workspace_of(request)))));
}

Response update_workspace(AccessServices& services, const Request& request) {
  const auto body = parse_json<WorkspaceBody>(request.body);
  const auto workspace = services.workspaces.update(
      workspace_of(request), {body.name, body.time_zone, body.currency, body.languages},
      services.actor(request));
  return Response::json(to_json(present_workspace(workspace)));
}

constexpr std::string_view kAuditPrefix = "aud_";

Response list_audit(AccessServices& services, const Request& request) {
  const PageRequest page = parse_page(request);
  return page_response<AuditView>(
      services.audit.list(workspace_of(request), cursor_number(page, kAuditPrefix), page.limit + 1),
      page.limit,
      [](const AuditEntry& entry) {
        return AuditView{format_public_id(kAuditPrefix, entry.id),
                         entry.at,
                         entry.actor,
                         entry.actor_label,
                         entry.action,
                         entry.subject,
                         entry.detail,
                         entry.ip};
      },
      [](const AuditEntry& entry) { return format_public_id(kAuditPrefix, entry.id); });
}

struct Operation {
  std::string_view method;
  std::string_view path;  // after /api/v1/
  Permission permission;
  std::string_view id;
  std::string_view summary;
  std::string_view request;
  std::string_view response;
  int status;
  Response (*handle)(AccessServices&, const Request&);
};

constexpr Operation kAccessOperations[] = {
    {"POST", "session", Permission::kPublic, "signIn", "Sign in with e-mail and password", "SignIn",
     "Session", 200, sign_in},
    {"GET", "session", Permission::kSignedIn, "getSession", "Who is signed in, and where", "",
     "Session", 200, get_session},
    {"DELETE", "session", Permission::kSignedIn, "signOut", "Sign out", "", "", 204, sign_out},
    {"POST", "session/password", Permission::kSignedIn, "changePassword", "Change my password",
     "PasswordChange", "", 204, change_password},
    {"GET", "sessions", Permission::kSignedIn, "listSessions", "My open sessions", "",
     "OpenSessionPage", 200, list_sessions},
    {"DELETE", "sessions/{id}", Permission::kSignedIn, "revokeSession", "End one of my sessions",
     "", "", 204, revoke_session},
    {"GET", "users", Permission::kAccessRead, "listUsers", "List users", "", "UserPage", 200,
     list_users},
    {"POST", "users", Permission::kAccessWrite, "createUser",
     "Add a user; an absent password is generated", "NewUser", "User", 201, create_user},
    {"PUT", "users/{id}", Permission::kAccessWrite, "changeUserRole", "Change a user's role",
     "UserRole", "User", 200, change_role},
    {"DELETE", "users/{id}", Permission::kAccessWrite, "removeUser", "Remove a user", "", "", 204,
     remove_user},
    {"GET", "keys", Permission::kAccessRead, "listKeys", "List API keys", "", "KeyPage", 200,
     list_keys},
    {"POST", "keys", Permission::kAccessWrite, "createKey", "Create an API key, answered once",
     "NewKey", "Key", 201, create_key},
    {"DELETE", "keys/{id}", Permission::kAccessWrite, "revokeKey", "Revoke an API key", "", "", 204,
     revoke_key},
    {"GET", "workspace", Permission::kSignedIn, "getWorkspace", "Read the workspace", "",
     "Workspace", 200, get_workspace},
    {"PUT", "workspace", Permission::kSettingsWrite, "updateWorkspace",
     "Rename it, set its time zone, currency and languages", "WorkspaceUpdate", "Workspace", 200,
     update_workspace},
    {"GET", "audit", Permission::kAccessRead, "listAudit", "The audit trail, newest first", "",
     "AuditPage", 200, list_audit},
};

}  // namespace

RouteGroup make_access_routes(AccessServices& services) {
  RouteGroup group;
  for (const Operation& operation : kAccessOperations) {
    Route route;
    route.method = operation.method;
    route.pattern = "/api/v1/" + std::string(operation.path);
    route.permission = operation.permission;
    route.operation_id = operation.id;
    route.summary = operation.summary;
    route.tag = "access";
    // Sessions of one user are few enough for one page.
    const bool paged = operation.response.ends_with("Page") && operation.handle != list_sessions;
    if (paged) route.query = page_parameters();
    route.request_schema = operation.request;
    route.response_schema = operation.response;
    route.success_status = operation.status;
    route.handler = [&services, handle = operation.handle](const Request& request) {
      return handle(services, request);
    };
    group.routes.push_back(std::move(route));
  }
  group.schemas = {named_schema<SignInBody>("SignIn"),
                   named_schema<SessionView>("Session"),
                   named_schema<PasswordBody>("PasswordChange"),
                   named_schema<Page<OpenSessionView>>("OpenSessionPage"),
                   named_schema<NewUserBody>("NewUser"),
                   named_schema<RoleBody>("UserRole"),
                   named_schema<UserView>("User"),
                   named_schema<Page<UserView>>("UserPage"),
                   named_schema<NewKeyBody>("NewKey"),
                   named_schema<KeyView>("Key"),
                   named_schema<Page<KeyView>>("KeyPage"),
                   named_schema<WorkspaceBody>("WorkspaceUpdate"),
                   named_schema<WorkspaceView>("Workspace"),
                   named_schema<Page<AuditView>>("AuditPage")};
  return group;
}

}  // namespace rapport
