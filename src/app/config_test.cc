#include "app/config.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/error.h"

namespace rapport {
namespace {

using Values = std::map<std::string, std::string>;

class ConfigTest : public testing::Test {
 protected:
  ConfigTest() {
    std::string pattern = testing::TempDir() + "/rapport-config-XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~ConfigTest() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ + "/" + name) << text;
    return folder_ + "/" + name;
  }
  static Config load(const Values& flags, const Values& environment = {}) {
    return load_config(flags, [&](const std::string& name) -> std::optional<std::string> {
      const auto it = environment.find(name);
      if (it == environment.end()) return std::nullopt;
      return it->second;
    });
  }
  /// What is said of a configuration that is refused.
  static std::string refusal(const Values& flags, const Values& environment = {}) {
    try {
      load(flags, environment);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
      return error.public_detail() +
             (error.fields().empty() ? "" : " [" + error.fields()[0].field + "]");
    }
    return "accepted";
  }

  std::string folder_;
};

TEST_F(ConfigTest, TheNearestWins) {
  const std::string file = write("x.toml", "listen = \"1.1.1.1:1\"\nio_threads = 3\n");
  const std::pair<Values, Values> none;
  EXPECT_EQ(load({}).listen, "127.0.0.1:8080");
  EXPECT_EQ(load({{"config", file}}).listen, "1.1.1.1:1");
  EXPECT_EQ(load({}, {{"RAPPORT_CONFIG", file}}).listen, "1.1.1.1:1");
  const Values environment{{"RAPPORT_CONFIG", file}, {"RAPPORT_LISTEN", "2.2.2.2:2"}};
  EXPECT_EQ(load({}, environment).listen, "2.2.2.2:2");
  EXPECT_EQ(load({{"listen", "3.3.3.3:3"}}, environment).listen, "3.3.3.3:3");
  EXPECT_EQ(load({{"listen", "3.3.3.3:3"}}, environment).io_threads, 3);
}

TEST_F(ConfigTest, EverySettingInEveryPlace) {
  for (const ConfigSetting& setting : config_settings()) {
    const std::string name(setting.name);
    std::string value = "9";
    if (name == "listen") value = "[::1]:9";
    if (name == "log_level") value = "error";
    if (name == "log_format") value = "text";
    if (name == "access_log" || name == "egress_private") value = "true";
    if (name == "warehouse_memory_mib") value = "128";
    std::string variable = "RAPPORT_";
    for (const char c : name) variable += static_cast<char>(std::toupper(c));
    const std::string file = write("one.toml", name + " = \"" + value + "\"\n");
    const std::string expected = setting.get(load({{name, value}}));
    EXPECT_NE(expected, setting.get(Config{})) << name;
    EXPECT_EQ(setting.get(load({}, {{variable, value}})), expected) << variable;
    EXPECT_EQ(setting.get(load({{"config", file}})), expected) << name;
    EXPECT_NE(print_config(load({{name, value}})).find(name + " = "), std::string::npos);
  }
}

TEST_F(ConfigTest, TheFileOfTheDataFolderIsFound) {
  write("rapport.toml", "log_level = \"off\"\naccess_log = true\nio_threads = 2\n");
  const Config by_flag = load({{"data", folder_}});
  EXPECT_EQ(by_flag.log_level, "off");
  EXPECT_EQ(by_flag.access_log, "true");
  EXPECT_EQ(by_flag.io_threads, 2);
  EXPECT_EQ(by_flag.data, folder_);
  EXPECT_EQ(load({}, {{"RAPPORT_DATA", folder_}}).log_level, "off");
  // What is printed can be read again.
  const std::string again = write("again.toml", print_config(by_flag));
  EXPECT_EQ(print_config(load({{"config", again}})), print_config(by_flag));
}

TEST_F(ConfigTest, WhatIsWrongIsNamed) {
  const auto of_file = [&](const std::string& text) {
    return refusal({{"config", write("bad.toml", text)}});
  };
  EXPECT_NE(of_file("listne = \"x\"").find("listne"), std::string::npos);
  EXPECT_NE(of_file("listen = [1]").find("listen"), std::string::npos);
  EXPECT_NE(of_file("listen = ").find("bad.toml"), std::string::npos);
  EXPECT_NE(of_file("[server]\nlisten = \"1.1.1.1:1\"").find("server"), std::string::npos);
  EXPECT_NE(refusal({{"config", folder_ + "/missing.toml"}}), "accepted");
  EXPECT_NE(refusal({{"io_threads", "many"}}).find("[io_threads]"), std::string::npos);
  EXPECT_NE(refusal({{"io_threads", "-1"}}).find("[io_threads]"), std::string::npos);
  EXPECT_NE(refusal({{"dispatch_workers", "0"}}).find("[dispatch_workers]"), std::string::npos);
  EXPECT_NE(refusal({{"log_level", "loud"}}).find("[log_level]"), std::string::npos);
  EXPECT_NE(refusal({}, {{"RAPPORT_ACCESS_LOG", "maybe"}}).find("[access_log]"), std::string::npos);
  EXPECT_NE(refusal({{"listen", "8080"}}).find("[listen]"), std::string::npos);
}

TEST_F(ConfigTest, Addresses) {
  struct Case {
    std::string_view text, host;
    int port;
  };
  for (const Case& c :
       {Case{"127.0.0.1:8080", "127.0.0.1", 8080}, Case{"[::1]:80", "::1", 80},
        Case{"0.0.0.0:0", "0.0.0.0", 0}, Case{"localhost:65535", "localhost", 65535}}) {
    const ListenAddress address = parse_listen(c.text);
    EXPECT_EQ(address.host, c.host);
    EXPECT_EQ(address.port, c.port);
  }
  for (const char* text : {"", ":", ":80", "host", "host:", "host:x", "host:65536", "host:-1",
                           "[]:80", "[::1:80", "::1]:80", "http://host:80", "a b:80", "host:80 "}) {
    EXPECT_THROW(parse_listen(text), Error) << text;
  }
}

}  // namespace
}  // namespace rapport
