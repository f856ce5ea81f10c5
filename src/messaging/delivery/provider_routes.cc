#include "base/error.h"
#include "base/limits/delivery.h"
#include "http/json_schema.h"
#include "messaging/delivery/route_builder.h"

namespace rapport {
namespace {

struct DomainThrottleBody {
  std::string domain;
  int64_t per_minute = 0;
  int64_t connections = 0;
};
BOOST_DESCRIBE_STRUCT(DomainThrottleBody, (), (domain, per_minute, connections))

struct WarmUpInput {
  int64_t first_day = 0;
  int64_t growth_percent = 0;
  int64_t days = 0;
  std::optional<int64_t> ceiling;
};
BOOST_DESCRIBE_STRUCT(WarmUpInput, (), (first_day, growth_percent, days, ceiling))

struct WarmUpBody {
  Timestamp started_at;
  int64_t first_day = 0;
  int64_t growth_percent = 0;
  int64_t days = 0;
  int64_t ceiling = 0;
};
BOOST_DESCRIBE_STRUCT(WarmUpBody, (), (started_at, first_day, growth_percent, days, ceiling))

struct MailProviderInput {
  std::string name;
  std::string host;
  std::optional<int64_t> port;
  std::optional<bool> enabled;
  std::optional<std::string> security;
  std::optional<std::string> auth;
  std::optional<std::string> username;
  std::optional<std::string> password;
  std::optional<std::string> ca_file;
  std::optional<std::string> helo_name;
  std::optional<int64_t> priority;
  std::optional<int64_t> weight;
  std::optional<int64_t> connections;
  std::optional<int64_t> per_minute;
  std::optional<std::vector<DomainThrottleBody>> domains;
  std::optional<WarmUpInput> warm_up;
};
BOOST_DESCRIBE_STRUCT(MailProviderInput, (),
                      (name, host, port, enabled, security, auth, username, password, ca_file,
                       helo_name, priority, weight, connections, per_minute, domains, warm_up))

struct MailProviderBody {
  std::string id;
  std::string name;
  std::string host;
  int64_t port = 0;
  bool enabled = true;
  std::string security;
  std::string auth;
  std::string username;
  bool password_set = false;
  std::string ca_file;
  std::string helo_name;
  int64_t priority = 0;
  int64_t weight = 1;
  int64_t connections = 1;
  int64_t per_minute = 0;
  std::vector<DomainThrottleBody> domains;
  Nullable<WarmUpBody> warm_up;
};
BOOST_DESCRIBE_STRUCT(MailProviderBody, (),
                      (id, name, host, port, enabled, security, auth, username, password_set,
                       ca_file, helo_name, priority, weight, connections, per_minute, domains,
                       warm_up))

struct MailProviderList {
  std::vector<MailProviderBody> items;
};
BOOST_DESCRIBE_STRUCT(MailProviderList, (), (items))

struct HookInput {
  std::optional<std::string> key;
  std::optional<std::string> secret;
};
BOOST_DESCRIBE_STRUCT(HookInput, (), (key, secret))

struct HookBody {
  std::string provider;
  std::string path;
  std::string url;
  std::string key;
  bool secret_set = false;
  Timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(HookBody, (), (provider, path, url, key, secret_set, created_at))

struct HookList {
  std::vector<HookBody> items;
};
BOOST_DESCRIBE_STRUCT(HookList, (), (items))

struct HookResult {
  int64_t recorded = 0;
};
BOOST_DESCRIBE_STRUCT(HookResult, (), (recorded))

constexpr std::string_view kIdPrefix = "prv_";

uint64_t provider_id(const Request& request) {
  const auto id = parse_public_id(kIdPrefix, request.parameter("id"));
  if (!id) throw Error::not_found("Provider");
  return *id;
}

MailProvider provider_from(const Request& request, const MailProviderInput& input) {
  MailProvider p;
  p.workspace = workspace_of(request);
  p.name = input.name;
  p.enabled = input.enabled.value_or(true);
  p.smtp.host = input.host;
  const int64_t port = input.port.value_or(587);
  if (port < 1 || port > 65535) throw Error::invalid("port", "must be from 1 to 65535");
  p.smtp.port = static_cast<uint16_t>(port);
  p.smtp.security = parse_smtp_security(input.security.value_or("starttls"));
  const std::string auth = input.auth.value_or("password");
  if (auth != "password" && auth != "xoauth2") {
    throw Error::invalid("auth", "must be one of password, xoauth2");
  }
  p.smtp.auth = auth == "xoauth2" ? SmtpAuth::kXoauth2 : SmtpAuth::kPassword;
  p.smtp.username = input.username.value_or("");
  p.smtp.ca_file = input.ca_file.value_or("");
  p.smtp.helo_name = input.helo_name.value_or("");
  p.priority = input.priority.value_or(0);
  p.weight = input.weight.value_or(1);
  p.connections = input.connections.value_or(p.connections);
  p.per_minute = input.per_minute.value_or(0);
  for (const auto& d : input.domains.value_or(std::vector<DomainThrottleBody>{})) {
    p.domains.push_back({d.domain, d.per_minute, d.connections});
  }
  if (input.warm_up) {
    p.warm_up = WarmUp{{},
                       input.warm_up->first_day,
                       input.warm_up->growth_percent,
                       input.warm_up->days,
                       input.warm_up->ceiling.value_or(0)};
  }
  return p;
}

MailProviderBody present(const MailProvider& p) {
  MailProviderBody body;
  body.id = format_public_id(kIdPrefix, p.id);
  body.name = p.name;
  body.host = p.smtp.host;
  body.port = p.smtp.port;
  body.enabled = p.enabled;
  body.security = smtp_security_name(p.smtp.security);
  body.auth = p.smtp.auth == SmtpAuth::kXoauth2 ? "xoauth2" : "password";
  body.username = p.smtp.username;
  body.password_set = p.password_set;
  body.ca_file = p.smtp.ca_file;
  body.helo_name = p.smtp.helo_name;
  body.priority = p.priority;
  body.weight = p.weight;
  body.connections = p.connections;
  body.per_minute = p.per_minute;
  for (const auto& d : p.domains) body.domains.push_back({d.domain, d.per_minute, d.connections});
  if (p.warm_up) {
    body.warm_up = WarmUpBody{p.warm_up->started_at, p.warm_up->first_day,
                              p.warm_up->growth_percent, p.warm_up->days, p.warm_up->ceiling};
  }
  return body;
}

Response create_provider(const DeliverabilityServices& s, const Request& request) {
  const auto input = parse_json<MailProviderInput>(request.body);
  const MailProvider made =
      s.providers.create(provider_from(request, input), input.password, s.actor(request));
  return Response::json(to_json(present(made)), 201);
}

Response list_providers(const DeliverabilityServices& s, const Request& request) {
  MailProviderList body;
  for (const MailProvider& p : s.providers.list(workspace_of(request))) {
    body.items.push_back(present(p));
  }
  return Response::json(to_json(body));
}

Response get_one(const DeliverabilityServices& s, const Request& request) {
  return Response::json(
      to_json(present(s.providers.get(workspace_of(request), provider_id(request)))));
}

Response update_provider(const DeliverabilityServices& s, const Request& request) {
  const uint64_t id = s.providers.get(workspace_of(request), provider_id(request)).id;
  const auto input = parse_json<MailProviderInput>(request.body);
  MailProvider provider = provider_from(request, input);
  provider.id = id;
  return Response::json(
      to_json(present(s.providers.update(std::move(provider), input.password, s.actor(request)))));
}

Response remove_provider(const DeliverabilityServices& s, const Request& request) {
  s.providers.remove(workspace_of(request), provider_id(request), s.actor(request));
  return Response::no_content();
}

HookProvider hook_provider(const Request& request) {
  const auto provider = parse_hook_provider(request.parameter("provider"));
  if (!provider) throw Error::not_found("Hook");
  return *provider;
}

HookBody present(const DeliverabilityServices& s, const Hook& hook) {
  const std::string name(hook_provider_name(hook.provider));
  const std::string path = "/hooks/" + name + "/" + hook.token;
  return {name, path, s.public_url + path, hook.key, hook.secret_set, hook.created_at};
}

Response list_hooks(const DeliverabilityServices& s, const Request& request) {
  HookList body;
  for (const Hook& hook : s.hooks.list(workspace_of(request))) {
    body.items.push_back(present(s, hook));
  }
  return Response::json(to_json(body));
}

Response put_hook(const DeliverabilityServices& s, const Request& request) {
  const HookProvider provider = hook_provider(request);
  const auto input = parse_json<HookInput>(request.body);
  const Hook hook = s.hooks.put(workspace_of(request), provider, input.key.value_or(""),
                                input.secret, s.actor(request));
  return Response::json(to_json(present(s, hook)));
}

Response remove_hook(const DeliverabilityServices& s, const Request& request) {
  s.hooks.remove(workspace_of(request), hook_provider(request), s.actor(request));
  return Response::no_content();
}

Response receive_hook(const DeliverabilityServices& s, const Request& request) {
  HookResult result;
  result.recorded = static_cast<int64_t>(
      s.hooks.receive(request.parameter("provider"), request.parameter("token"), request));
  return Response::json(to_json(result));
}

void add_provider_routes(DeliverabilityRoutes& b) {
  using P = Permission;
  Route* route = &b.add("POST", "/api/v1/providers", P::kSettingsWrite, "createProvider",
                        "Add an SMTP provider", create_provider);
  route->request_schema = "MailProviderInput";
  route->response_schema = "MailProvider";
  route->success_status = 201;
  route = &b.add("GET", "/api/v1/providers", P::kSettingsRead, "listProviders",
                 "Providers beside the main one, with weights and limits", list_providers);
  route->response_schema = "MailProviderList";
  route = &b.add("GET", "/api/v1/providers/{id}", P::kSettingsRead, "getProvider", "One provider",
                 get_one);
  route->response_schema = "MailProvider";
  route = &b.add("PUT", "/api/v1/providers/{id}", P::kSettingsWrite, "updateProvider",
                 "Change a provider; an absent password stays", update_provider);
  route->request_schema = "MailProviderInput";
  route->response_schema = "MailProvider";
  route = &b.add("DELETE", "/api/v1/providers/{id}", P::kSettingsWrite, "removeProvider",
                 "Remove a provider", remove_provider);
  route->success_status = 204;
}

void add_hook_routes(DeliverabilityRoutes& b) {
  using P = Permission;
  Route* route = &b.add("GET", "/api/v1/provider-hooks", P::kSettingsRead, "listProviderHooks",
                        "Addresses for the callbacks of providers", list_hooks);
  route->response_schema = "ProviderHookList";
  route = &b.add("PUT", "/api/v1/provider-hooks/{provider}", P::kSettingsWrite, "putProviderHook",
                 "Take callbacks of ses, sendgrid, postmark or mailgun", put_hook);
  route->request_schema = "ProviderHookInput";
  route->response_schema = "ProviderHook";
  route = &b.add("DELETE", "/api/v1/provider-hooks/{provider}", P::kSettingsWrite,
                 "removeProviderHook", "Take no more of them", remove_hook);
  route->success_status = 204;
  route = &b.add("POST", "/hooks/{provider}/{token}", P::kPublic, "receiveProviderHook",
                 "A provider's callback, verified by its signature", receive_hook);
  route->response_schema = "ProviderHookResult";
  route->max_body_bytes = limits::kMaxHookBytes;
}

}  // namespace

RouteGroup make_provider_routes(DeliverabilityServices services) {
  DeliverabilityRoutes builder(std::move(services), kDeliverabilityTag);
  add_provider_routes(builder);
  add_hook_routes(builder);
  return builder.take(
      {named_schema<MailProviderInput>("MailProviderInput"),
       named_schema<MailProviderBody>("MailProvider"),
       named_schema<MailProviderList>("MailProviderList"),
       named_schema<HookInput>("ProviderHookInput"), named_schema<HookBody>("ProviderHook"),
       named_schema<HookList>("ProviderHookList"), named_schema<HookResult>("ProviderHookResult")});
}

}  // namespace rapport
