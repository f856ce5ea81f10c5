// The one configuration: defaults < rapport.toml < RAPPORT_… environment < flags.
//
// Every setting is one row of a table: its name in the file ("listen"), in the environment
// ("RAPPORT_LISTEN") and as a flag ("--listen") follow from each other. Unknown names in the file
// are errors. Pure but for reading the file.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rapport {

struct Config {
  std::string data;  // folder of everything that is kept
  std::string listen = "127.0.0.1:8080";
  std::string public_url;  // "https://host", for links in messages; empty: from `listen`
  std::string console;     // folder of the built console; empty: beside the program, if there
  std::string tls_certificate;
  std::string tls_key;
  std::string inbound_listen;  // HOST:PORT of the listener for bounces; empty: none
  std::string inbound_name = "localhost";
  std::string egress_private = "false";  // requests that others choose may go to private addresses
  std::string trusted_proxies;           // comma-separated addresses or CIDR blocks
  std::string log_level = "info";
  std::string log_format = "json";
  std::string access_log = "false";
  int64_t io_threads = 0;  // 0: one a core
  int64_t dispatch_workers = 8;
  int64_t machine_click_seconds = 2;  // after sending, whoever opens or clicks is a machine
  int64_t warehouse_memory_mib = 512;
  int64_t state_cache_mib = 64;
};

struct ConfigSetting {
  std::string_view name;
  std::string_view description;
  bool secret = false;
  std::function<void(Config&, std::string_view)> set;  // throws kInvalidArgument by name
  std::function<std::string(const Config&)> get;
};

std::span<const ConfigSetting> config_settings();

/// `flags`: name → value, as given on the command line; `environment` looks a variable up.
/// The file is `flags["config"]`, else RAPPORT_CONFIG, else rapport.toml in the data folder or
/// here.
Config load_config(
    const std::map<std::string, std::string>& flags,
    const std::function<std::optional<std::string>(const std::string&)>& environment);

/// The outcome as TOML, secrets replaced by "***".
std::string print_config(const Config& config);

struct ListenAddress {
  std::string host;
  uint16_t port = 0;
};
/// "127.0.0.1:8080", "[::1]:8080", "0.0.0.0:0". Throws kInvalidArgument.
ListenAddress parse_listen(std::string_view text);

}  // namespace rapport
