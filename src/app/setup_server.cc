#include "app/setup_server.h"

#include <filesystem>

#include "access/access_services.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "crypto/secret_key.h"
#include "crypto/token.h"
#include "http/json_schema.h"
#include "runtime/log.h"

namespace rapport {
namespace {

struct SetupStateView {
  bool needed = false;
};
BOOST_DESCRIBE_STRUCT(SetupStateView, (), (needed))

struct SetupBody {
  std::string token;
  std::string workspace;
  std::string email;
  std::string password;
  std::string time_zone;
};
BOOST_DESCRIBE_STRUCT(SetupBody, (), (token, workspace, email, password, time_zone))

struct SetupView {
  std::string workspace;
  std::string email;
  std::string write_key;
  std::string admin_key;
};
BOOST_DESCRIBE_STRUCT(SetupView, (), (workspace, email, write_key, admin_key))

/// A folder that is not there yet is made, but not those above it: a mistyped path is no new
/// installation.
const DataFolder& created(const DataFolder& folder) {
  const auto above = std::filesystem::absolute(folder.root).lexically_normal().parent_path();
  if (!std::filesystem::exists(above)) {
    throw Error(ErrorCode::kNotFound,
                "data: there is no folder " + above.string() + " to hold " + folder.root.string());
  }
  folder.create();
  return folder;
}

RouteGroup setup_routes(bool needed, Handler create) {
  RouteGroup group;
  group.schemas = {named_schema<SetupStateView>("SetupState"),
                   named_schema<SetupBody>("SetupRequest"), named_schema<SetupView>("SetupResult")};
  Route state;
  state.method = "GET";
  state.pattern = "/api/v1/setup";
  state.permission = Permission::kPublic;
  state.operation_id = "getSetup";
  state.summary = "Whether the first workspace is still to be made";
  state.tag = "operations";
  state.response_schema = "SetupState";
  state.handler = [needed](const Request&) {
    return Response::json(to_json(SetupStateView{needed}));
  };
  Route make = state;
  make.method = "POST";
  make.operation_id = "setUp";
  make.summary = "Make the first workspace and its owner, with the token that the program printed";
  make.request_schema = "SetupRequest";
  make.response_schema = "SetupResult";
  make.success_status = 201;
  make.handler = std::move(create);
  group.routes = {std::move(state), std::move(make)};
  return group;
}

/// Everything else waits; the console then asks whether setup is needed.
Route signed_out() {
  Route route;
  route.method = "GET";
  route.pattern = "/api/v1/session";
  route.permission = Permission::kPublic;
  route.handler = [](const Request&) -> Response {
    throw Error(ErrorCode::kUnauthenticated, "The first workspace is not made yet.");
  };
  return route;
}

}  // namespace

CreatedWorkspace initialise_folder(const DataFolder& folder, const NewWorkspace& input) {
  if (folder.is_initialised()) {
    throw Error(ErrorCode::kConflict, folder.root.string() + " holds an installation already");
  }
  const SystemClock clock;
  try {
    const auto control = open_sqlite_state_store(folder.control());
    AccessServices access(*control, clock, load_or_create_secret_key(folder.secret_key()));
    return access.workspaces.initialise(input);
  } catch (const Error&) {
    // A folder that holds no workspace must not look like an installation.
    for (const std::string suffix : {"", "-wal", "-shm"}) {
      std::filesystem::remove(folder.control() + suffix);
    }
    std::filesystem::remove(folder.secret_key());
    throw;
  }
}

RouteGroup make_setup_done_routes() {
  return setup_routes(false, [](const Request&) -> Response {
    throw Error(ErrorCode::kConflict, "This installation has a workspace already.");
  });
}

SetupServer::SetupServer(const Config& config)
    : config_(config), folder_(config.data), lock_(created(folder_)), token_(make_token("")) {}

SetupServer::~SetupServer() {
  stop();
}

Response SetupServer::create(const Request& request) {
  const auto body = parse_json<SetupBody>(request.body);
  if (!constant_time_equal(body.token, token_)) {
    log_warning("setup_refused", {{"remote_ip", request.remote_ip}});
    throw Error(ErrorCode::kPermissionDenied,
                "This is not the link that the program printed when it started.");
  }
  const std::lock_guard lock(mutex_);
  const auto made =
      initialise_folder(folder_, {body.workspace, body.email, body.password, body.time_zone});
  finished_ = true;
  log_info("setup_done", {{"workspace", to_public(made.workspace.id)}});
  return Response::json(
      to_json(SetupView{to_public(made.workspace.id), made.email, made.write_key, made.admin_key}),
      201);
}

Router SetupServer::make_router() {
  Router router;
  RouteGroup group = setup_routes(true, [this](const Request& r) { return create(r); });
  group.routes.push_back(signed_out());
  router.add(std::move(group));
  return router;
}

void SetupServer::start() {
  const ListenAddress address = parse_listen(config_.listen);
  HttpServerOptions options;
  options.host = address.host;
  options.port = address.port;
  options.io_threads = 1;
  options.blocking_threads = 2;
  options.tls_certificate = config_.tls_certificate;
  options.tls_key = config_.tls_key;
  options.static_root = config_.console;
  server_.emplace(std::move(options), make_router(), HttpServerHooks(), clock_);
  server_->start();
}

void SetupServer::stop() {
  if (server_) server_->stop();
}

std::string SetupServer::link() const {
  std::string_view url = config_.public_url;
  while (url.ends_with('/')) url.remove_suffix(1);
  if (!url.empty()) return std::string(url) + "/setup#token=" + token_;
  const ListenAddress address = parse_listen(config_.listen);
  const bool any = address.host == "0.0.0.0" || address.host == "::";
  const std::string host = any ? "127.0.0.1" : address.host;
  const std::string shown = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return (config_.tls_certificate.empty() ? "http://" : "https://") + shown + ":" +
         std::to_string(server_->port()) + "/setup#token=" + token_;
}

}  // namespace rapport
