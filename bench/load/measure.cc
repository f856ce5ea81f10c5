#include "load/measure.h"

#include <fmt/format.h>
#include <sched.h>
#include <sys/utsname.h>

#include <algorithm>
#include <fstream>
#include <thread>

namespace rapport::bench {
namespace {

std::string with_commas(double value) {
  std::string digits = fmt::format("{:.0f}", value);
  for (size_t at = digits.size(); at > 3; digits.insert(at, ",")) at -= 3;
  return digits;
}

std::string first_line_after(const std::string& path, const std::string& mark) {
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    if (!line.starts_with(mark)) continue;
    const size_t at = line.find_first_not_of(" \t:=\"", mark.size());
    line = at == line.npos ? "" : line.substr(at);
    if (!line.empty() && line.back() == '"') line.pop_back();
    return line;
  }
  return "unknown";
}

std::string machine() {
  utsname kernel{};
  uname(&kernel);
  const std::string memory = first_line_after("/proc/meminfo", "MemTotal");
  return fmt::format("{}, {} cores, {:.0f} GB of memory, Linux {}, {}",
                     first_line_after("/proc/cpuinfo", "model name"),
                     std::thread::hardware_concurrency(),
                     std::strtod(memory.c_str(), nullptr) / (1024 * 1024), kernel.release,
                     first_line_after("/etc/os-release", "PRETTY_NAME"));
}

std::string spread(const Series& series, Unit unit) {
  return show(series.lowest(), unit) + " – " + show(series.highest(), unit);
}

}  // namespace

double Series::median() const {
  if (values_.empty()) return 0;
  std::vector<double> sorted = values_;
  std::sort(sorted.begin(), sorted.end());
  const size_t half = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

double Series::lowest() const {
  return values_.empty() ? 0 : *std::min_element(values_.begin(), values_.end());
}

double Series::highest() const {
  return values_.empty() ? 0 : *std::max_element(values_.begin(), values_.end());
}

bool Row::met() const {
  return target == 0 || (at_least ? series.median() >= target : series.median() <= target);
}

std::string show(double value, Unit unit) {
  switch (unit) {
    case Unit::kPerSecond:
      return with_commas(value >= 10'000 ? std::round(value / 100) * 100 : value) + "/s";
    case Unit::kMilliseconds:
      return value < 10 ? fmt::format("{:.2f} ms", value) : with_commas(value) + " ms";
    case Unit::kMegabytes:
      return with_commas(value) + " MB";
  }
  return {};
}

std::string line_of(const Row& row) {
  std::string line = fmt::format("{}: {} ({})", row.name, show(row.series.median(), row.unit),
                                 spread(row.series, row.unit));
  if (row.target > 0) {
    line += fmt::format(", wanted {} {}: {}", row.at_least ? "at least" : "at most",
                        show(row.target, row.unit), row.met() ? "met" : "MISSED");
  }
  for (const Limit& limit : row.limits) {
    line +=
        fmt::format("\n    beside it: {} {}", limit.name, show(limit.series.median(), limit.unit));
  }
  if (!row.note.empty()) line += "\n    " + row.note;
  return line;
}

std::string performance_document(const std::vector<Row>& rows) {
  std::string out =
      "# Performance\n\n"
      "Written by `make bench`. Load generator, program and limits share the machine and the run: "
      "compare a number with the limit beside it, not with another machine's.\n\n"
      "Machine: " +
      machine() + (sched_getscheduler(0) == SCHED_OTHER ? "" : "; measured at real-time priority") +
      ".\n\n"
      "| what | wanted | median | lowest – highest | limits in the same run |\n"
      "| --- | --- | --- | --- | --- |\n";
  for (const Row& row : rows) {
    std::string limits;
    for (const Limit& limit : row.limits) {
      if (!limits.empty()) limits += "; ";
      limits += limit.name + " " + show(limit.series.median(), limit.unit);
    }
    const std::string wanted =
        row.target == 0 ? "" : (row.at_least ? "≥ " : "≤ ") + show(row.target, row.unit);
    out += fmt::format("| {} | {} | {}{} | {} | {} |\n", row.name, wanted,
                       show(row.series.median(), row.unit), row.met() ? "" : " (missed)",
                       spread(row.series, row.unit), limits);
  }
  out += "\n";
  for (const Row& row : rows) {
    if (!row.note.empty()) out += "- *" + row.name + "*: " + row.note + "\n";
  }
  out +=
      "\n## How\n\n"
      "- Every event has a message id of its own and about 400 bytes of JSON; 100,000 customers at "
      "random, each with a user id and a device; one event in twenty is an identify with traits. "
      "The demo shop's stream is a year of one shop.\n"
      "- Acknowledged means that the answer 200 arrived, which the program sends after the fsync. "
      "The projector applies what arrives at the same time, as in operation.\n"
      "- Applied, steady: senders keep about 100,000 events waiting, so the rate is what "
      "projector, "
      "collect and load generator reach together.\n"
      "- The two stores alone (`bench/load/stores_alone.cc`): one look-up and one update in SQLite "
      "and one row in DuckDB an event, nothing else; no load generator runs beside it.\n"
      "- Visible: a probe posts an event for a new user id while others arrive at the given rate, "
      "and asks `GET /api/v1/customers/by/user_id/…` from the acknowledgement on until it is "
      "there.\n"
      "- The bare Beast server (`bench/load/limit_server.cc`) parses the same bodies and answers; "
      "nginx answers an empty 200. Neither stores anything.\n";
  return out;
}

}  // namespace rapport::bench
