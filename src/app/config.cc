#include "app/config.h"

#include <toml++/toml.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "base/error.h"
#include "base/text.h"

namespace rapport {
namespace {

ConfigSetting text_setting(std::string_view name, std::string Config::*member,
                           std::string_view description) {
  return {name, description, false,
          [member](Config& c, std::string_view value) { c.*member = std::string(value); },
          [member](const Config& c) { return json_quote(c.*member); }};
}

ConfigSetting number_setting(std::string_view name, int64_t Config::*member, int64_t low,
                             int64_t high, std::string_view description) {
  return {name, description, false,
          [name, member, low, high](Config& c, std::string_view value) {
            const auto number = parse_int(value);
            if (!number || *number < low || *number > high) {
              throw Error::invalid(std::string(name), "must be a whole number from " +
                                                          std::to_string(low) + " to " +
                                                          std::to_string(high));
            }
            c.*member = *number;
          },
          [member](const Config& c) { return std::to_string(c.*member); }};
}

ConfigSetting choice_setting(std::string_view name, std::string Config::*member,
                             std::vector<std::string_view> choices, std::string_view description) {
  ConfigSetting setting = text_setting(name, member, description);
  setting.set = [name, member, choices](Config& c, std::string_view value) {
    if (std::find(choices.begin(), choices.end(), value) == choices.end()) {
      std::string list;
      for (const auto choice : choices) list += (list.empty() ? "" : ", ") + std::string(choice);
      throw Error::invalid(std::string(name), "must be one of " + list);
    }
    c.*member = std::string(value);
  };
  return setting;
}

std::string environment_name(std::string_view setting) {
  std::string name = "RAPPORT_";
  for (const char c : setting) {
    name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return name;
}

const ConfigSetting& find_setting(std::string_view name, const std::string& source) {
  for (const ConfigSetting& setting : config_settings()) {
    if (setting.name == name) return setting;
  }
  throw Error(ErrorCode::kInvalidArgument,
              source + ": there is no setting \"" + std::string(name) + "\"");
}

std::string scalar_text(const toml::node& node, const std::string& path, std::string_view name) {
  if (const auto* s = node.as_string()) return s->get();
  if (const auto* i = node.as_integer()) return std::to_string(i->get());
  if (const auto* b = node.as_boolean()) return b->get() ? "true" : "false";
  throw Error(ErrorCode::kInvalidArgument,
              path + ": " + std::string(name) + " must be a text, a number, true or false");
}

void read_file(const std::string& path, Config& config) {
  toml::table table;
  try {
    table = toml::parse_file(path);
  } catch (const toml::parse_error& error) {
    std::ostringstream where;
    where << path << ": " << error.description() << " (" << error.source().begin << ")";
    throw Error(ErrorCode::kInvalidArgument, where.str());
  }
  for (const auto& [key, node] : table) {
    const std::string name(key.str());
    find_setting(name, path).set(config, scalar_text(node, path, name));
  }
}

}  // namespace

std::span<const ConfigSetting> config_settings() {
  static const std::vector<ConfigSetting> kSettings{
      text_setting("data", &Config::data, "folder of everything that is kept"),
      text_setting("listen", &Config::listen, "address to serve on, HOST:PORT"),
      text_setting("public_url", &Config::public_url,
                   "address at which recipients reach this program, https://HOST"),
      text_setting("console", &Config::console, "folder of the built console"),
      text_setting("tls_certificate", &Config::tls_certificate, "certificate chain, PEM file"),
      text_setting("tls_key", &Config::tls_key, "private key, PEM file"),
      text_setting("inbound_listen", &Config::inbound_listen,
                   "address to take bounces and complaints on by SMTP, IP:PORT; empty: none"),
      text_setting("inbound_name", &Config::inbound_name,
                   "name the mail listener greets with, as the MX record names it"),
      choice_setting("egress_private", &Config::egress_private, {"true", "false"},
                     "let requests to addresses that others chose go to private networks"),
      text_setting("trusted_proxies", &Config::trusted_proxies,
                   "addresses or CIDR blocks whose X-Forwarded-For is believed"),
      choice_setting("log_level", &Config::log_level, {"debug", "info", "warning", "error", "off"},
                     "debug, info, warning, error or off"),
      choice_setting("log_format", &Config::log_format, {"json", "text"}, "json or text"),
      choice_setting("access_log", &Config::access_log, {"true", "false"},
                     "log every request, not only failed ones"),
      number_setting("io_threads", &Config::io_threads, 0, 256, "0: one a core"),
      number_setting("machine_click_seconds", &Config::machine_click_seconds, 0, 60,
                     "Opens and clicks this soon after sending are a scanner's; 0: off"),
      number_setting("dispatch_workers", &Config::dispatch_workers, 1, 256,
                     "messages sent at the same time"),
      number_setting("warehouse_memory_mib", &Config::warehouse_memory_mib, 64, 1 << 20,
                     "memory of the warehouse"),
      number_setting("state_cache_mib", &Config::state_cache_mib, 4, 1 << 16,
                     "page cache of the state store"),
  };
  return kSettings;
}

Config load_config(
    const std::map<std::string, std::string>& flags,
    const std::function<std::optional<std::string>(const std::string&)>& environment) {
  Config config;
  std::string data;
  if (const auto it = flags.find("data"); it != flags.end()) {
    data = it->second;
  } else {
    data = environment("RAPPORT_DATA").value_or("");
  }
  std::string file;
  if (const auto it = flags.find("config"); it != flags.end()) {
    file = it->second;
  } else if (const auto variable = environment("RAPPORT_CONFIG")) {
    file = *variable;
  } else {
    for (const std::string& candidate :
         {data.empty() ? data : data + "/rapport.toml", std::string("rapport.toml")}) {
      if (file.empty() && !candidate.empty() && std::filesystem::exists(candidate)) {
        file = candidate;
      }
    }
  }
  if (!file.empty()) read_file(file, config);
  for (const ConfigSetting& setting : config_settings()) {
    if (const auto value = environment(environment_name(setting.name))) {
      setting.set(config, *value);
    }
    if (const auto it = flags.find(std::string(setting.name)); it != flags.end()) {
      setting.set(config, it->second);
    }
  }
  parse_listen(config.listen);
  return config;
}

std::string print_config(const Config& config) {
  std::string out;
  for (const ConfigSetting& setting : config_settings()) {
    out += "# " + std::string(setting.description) + "\n" + std::string(setting.name) + " = " +
           (setting.secret ? "\"***\"" : setting.get(config)) + "\n";
  }
  return out;
}

ListenAddress parse_listen(std::string_view text) {
  const size_t colon = text.rfind(':');
  const auto port =
      colon == std::string_view::npos ? std::nullopt : parse_int(text.substr(colon + 1));
  if (!port || *port < 0 || *port > 65535 || colon == 0) {
    throw Error::invalid("listen", "must be HOST:PORT, such as 127.0.0.1:8080");
  }
  std::string_view host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  if (host.find_first_of("[] /") != std::string_view::npos) {
    throw Error::invalid("listen", "must be HOST:PORT, such as [::1]:8080");
  }
  return {std::string(host), static_cast<uint16_t>(*port)};
}

}  // namespace rapport
