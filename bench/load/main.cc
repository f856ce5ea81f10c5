// rapport_load: measures the program from outside and writes what it found.
//
// It starts the program and the limit peers itself, on scratch folders, sends to 127.0.0.1 only,
// and ends by itself. Exit code 0 when it measured, whether or not a target was met.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <string_view>

#include "base/error.h"
#include "load/cases.h"
#include "load/replay.h"

namespace rapport::bench {
namespace {

constexpr std::string_view kHelp =
    "rapport_load --program FILE --limit FILE [--only batches,singles,applied,visible,idle,large]\n"
    "  [--folder DIR] [--rounds N] [--duration-ms N] [--long] [--customers N] [--events N]\n"
    "  [--write FILE]\n"
    "Without --only: batches, singles, applied, visible and idle; with --long also large.\n"
    "rapport_load replay --requests FILE --port N [--connections N] [--rate N] [--once true]\n"
    "  [--duration-ms N]\n"
    "Sends prepared requests to a program that runs, at a rate or as fast as it answers.\n";

struct Options {
  Setup setup;
  std::string only = "batches,singles,applied,visible,idle";
  std::string write;
  uint64_t customers = 1'000'000;
  uint64_t events = 20'000'000;
};

Options read_options(int argc, char** argv) {
  Options options;
  options.setup.folder = std::filesystem::current_path() / "var" / "bench";
  if (access("/usr/sbin/nginx", X_OK) == 0) options.setup.nginx = "/usr/sbin/nginx";
  const std::map<std::string, std::function<void(const std::string&)>> known{
      {"--program", [&](const std::string& v) { options.setup.program = v; }},
      {"--limit", [&](const std::string& v) { options.setup.limit = v; }},
      {"--only", [&](const std::string& v) { options.only = v; }},
      {"--folder", [&](const std::string& v) { options.setup.folder = v; }},
      {"--rounds", [&](const std::string& v) { options.setup.rounds = std::stoi(v); }},
      {"--duration-ms",
       [&](const std::string& v) {
         options.setup.duration = std::chrono::milliseconds(std::stoi(v));
       }},
      {"--customers", [&](const std::string& v) { options.customers = std::stoull(v); }},
      {"--events", [&](const std::string& v) { options.events = std::stoull(v); }},
      {"--write", [&](const std::string& v) { options.write = v; }},
  };
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--long") {
      options.only += ",large";
      continue;
    }
    const auto option = known.find(name);
    if (option == known.end() || i + 1 == argc) {
      throw Error(ErrorCode::kInvalidArgument, std::string(kHelp));
    }
    option->second(argv[++i]);
  }
  if (options.setup.program.empty() || options.setup.limit.empty()) {
    throw Error(ErrorCode::kInvalidArgument, std::string(kHelp));
  }
  return options;
}

/// `rapport_load replay`: prints one JSON object.
void run_replay(int argc, char** argv) {
  std::string file;
  bool once = false;
  LoadOptions load;
  const std::map<std::string, std::function<void(const std::string&)>> known{
      {"--requests", [&](const std::string& v) { file = v; }},
      {"--port", [&](const std::string& v) { load.port = static_cast<uint16_t>(std::stoi(v)); }},
      {"--connections", [&](const std::string& v) { load.connections = std::stoull(v); }},
      {"--rate", [&](const std::string& v) { load.requests_per_second = std::stod(v); }},
      {"--once", [&](const std::string& v) { once = v == "true"; }},
      {"--duration-ms",
       [&](const std::string& v) { load.duration = std::chrono::milliseconds(std::stoi(v)); }},
  };
  for (int i = 2; i < argc; i += 2) {
    const auto option = known.find(argv[i]);
    if (option == known.end() || i + 1 == argc) {
      throw Error(ErrorCode::kInvalidArgument, std::string(kHelp));
    }
    option->second(argv[i + 1]);
  }
  if (file.empty() || load.port == 0) throw Error(ErrorCode::kInvalidArgument, std::string(kHelp));
  fmt::print("{}\n", replay_summary(replay(file, once, load)));
}

void run(const Options& options) {
  const std::vector<std::pair<std::string, std::function<std::vector<Row>()>>> cases{
      {"batches", [&] { return measure_batches(options.setup); }},
      {"singles", [&] { return measure_singles(options.setup); }},
      {"applied", [&] { return measure_applied(options.setup); }},
      {"visible", [&] { return measure_visible(options.setup); }},
      {"idle", [&] { return measure_idle_and_start(options.setup); }},
      {"large", [&] { return measure_large(options.setup, options.customers, options.events); }},
  };
  std::vector<Row> rows;
  for (const auto& [name, measure] : cases) {
    if (("," + options.only + ",").find("," + name + ",") == std::string::npos) continue;
    for (Row& row : measure()) {
      fmt::print("{}\n", line_of(row));
      std::fflush(stdout);
      rows.push_back(std::move(row));
    }
  }
  if (!options.write.empty()) std::ofstream(options.write) << performance_document(rows);
}

}  // namespace
}  // namespace rapport::bench

int main(int argc, char** argv) {
  try {
    if (argc > 1 && std::string_view(argv[1]) == "replay") {
      rapport::bench::run_replay(argc, argv);
      return 0;
    }
    rapport::bench::run(rapport::bench::read_options(argc, argv));
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
