#include "load/cases.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <fstream>
#include <thread>

#include "base/error.h"
#include "http/client.h"
#include "load/load_client.h"
#include "load/processes.h"
#include "load/request_source.h"
#include "load/stores_alone.h"

namespace rapport::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr size_t kBatchConnections = 16;
constexpr size_t kSingleConnections = 64;
constexpr uint64_t kWaiting = 100'000;  // events kept waiting for the projector
constexpr double kMegabyte = 1024 * 1024;

double milliseconds_since(steady_clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(steady_clock::now() - begin).count();
}

/// The limits that stand beside the program while a case runs.
class Peers {
 public:
  Peers(const Setup& setup)
      : folder_(setup.folder), beast_port_(free_port()), nginx_port_(free_port()) {
    beast_ = std::make_unique<ChildProcess>(
        std::vector<std::string>{setup.limit, std::to_string(beast_port_)},
        folder_.file("limit.log"));
    wait_until_answers(beast_port_, "/", *beast_);
    if (setup.nginx.empty()) return;
    std::ofstream(folder_.file("nginx.conf")) << fmt::format(
        "daemon off; worker_processes {1}; pid {0}/nginx.pid; error_log {0}/nginx.log;\n"
        "events {{ worker_connections 1024; }}\n"
        "http {{ access_log off; keepalive_requests 1000000000; client_body_temp_path {0}/body;\n"
        "  proxy_temp_path {0}/p; fastcgi_temp_path {0}/f; uwsgi_temp_path {0}/u;\n"
        "  scgi_temp_path {0}/s;\n"
        "  server {{ listen 127.0.0.1:{2}; location / {{ return 200; }} }} }}\n",
        folder_.path(), std::thread::hardware_concurrency(), nginx_port_);
    nginx_ = std::make_unique<ChildProcess>(
        std::vector<std::string>{setup.nginx, "-e", folder_.file("nginx.log"), "-c",
                                 folder_.file("nginx.conf")},
        folder_.file("nginx.out"));
    wait_until_answers(nginx_port_, "/", *nginx_);
  }
  ~Peers() {
    // Its workers go only when the master is asked.
    if (nginx_) nginx_->end(SIGTERM);
  }

  uint16_t beast_port() const { return beast_port_; }
  bool has_nginx() const { return nginx_ != nullptr; }
  uint16_t nginx_port() const { return nginx_port_; }
  uint64_t beast_memory() const { return beast_->resident_bytes(); }

 private:
  ScratchFolder folder_;
  uint16_t beast_port_;
  uint16_t nginx_port_;
  std::unique_ptr<ChildProcess> beast_;
  std::unique_ptr<ChildProcess> nginx_;
};

/// Times of 4 KiB written and synced, in ms.
std::vector<double> fsync_times(const std::string& folder) {
  const ScratchFolder scratch(folder);
  const int fd = open(scratch.file("f").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  const std::string page(4'096, 'x');
  std::vector<double> times;
  for (int i = 0; i < 300 && fd >= 0; ++i) {
    const auto begin = steady_clock::now();
    if (write(fd, page.data(), page.size()) < 0 || fdatasync(fd) != 0) break;
    times.push_back(milliseconds_since(begin));
  }
  close(fd);
  std::sort(times.begin(), times.end());
  return times;
}

/// A case that counts what it sent means nothing when some of it was refused.
void refuse_failures(const LoadResult& result) {
  if (result.failed == 0) return;
  throw Error(ErrorCode::kUnavailable, fmt::format("{} requests were refused", result.failed));
}

LoadResult load(uint16_t port, RequestSource& source, size_t connections, milliseconds duration) {
  LoadOptions options;
  options.port = port;
  options.connections = connections;
  options.duration = duration;
  return run_load(source, options);
}

/// The program and the limits in turn.
Row measure_posts(const Setup& setup, Peers& peers, size_t events_per_request, size_t connections,
                  Row row) {
  Server server(setup.program, setup.folder);
  SyntheticSource source({.write_key = server.write_key(),
                          .connections = connections,
                          .events_per_request = events_per_request});
  const auto events = static_cast<double>(events_per_request);
  row.limits.push_back({"bare Beast server that parses", {}, Unit::kPerSecond});
  if (peers.has_nginx()) row.limits.push_back({"nginx, empty 200", {}, Unit::kPerSecond});
  Series median_ms;
  Series p99_ms;
  uint64_t failed = 0;
  for (int round = 0; round < setup.rounds; ++round) {
    const LoadResult result = load(server.port(), source, connections, setup.duration);
    row.series.add(result.per_second() * events);
    median_ms.add(result.percentile_us(0.5) / 1'000);
    p99_ms.add(result.percentile_us(0.99) / 1'000);
    failed += result.failed;
    server.drain();
    row.limits[0].series.add(
        load(peers.beast_port(), source, connections, setup.duration).per_second() * events);
    if (!peers.has_nginx()) continue;
    row.limits[1].series.add(
        load(peers.nginx_port(), source, connections, setup.duration).per_second() * events);
  }
  const auto syncs = fsync_times(setup.folder);
  row.note = fmt::format(
      "{} connections, {:.0f} bytes an event; answered in {:.1f} ms (median) and {:.1f} ms (p99); "
      "an fsync of 4 KiB takes {:.2f} ms; {} requests refused.",
      connections, source.event_bytes(), median_ms.median(), p99_ms.median(),
      syncs.empty() ? 0 : syncs[syncs.size() / 2], failed);
  return row;
}

/// Keeps the projector supplied and counts what it applies.
class AppliedRate {
 public:
  explicit AppliedRate(const Server& server)
      : server_(server), applied_(server.applied()), thread_([this] { watch(); }) {}
  ~AppliedRate() {
    stop_ = true;
    thread_.join();
  }
  uint64_t applied() const { return applied_; }

 private:
  void watch() {
    while (!stop_) {
      applied_ = server_.applied();
      std::this_thread::sleep_for(milliseconds(20));
    }
  }

  const Server& server_;
  std::atomic<uint64_t> applied_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

/// Events a second from the first request to the moment everything sent is applied.
double applied_per_second(const Server& server, RequestSource& source, size_t events_per_request,
                          milliseconds duration) {
  const uint64_t before = server.applied();
  const auto begin = steady_clock::now();
  {
    AppliedRate rate(server);
    std::atomic<uint64_t> sent{0};
    LoadOptions options;
    options.port = server.port();
    options.connections = kBatchConnections;
    options.warm_up = milliseconds(0);
    options.duration = duration;
    options.may_send = [&] {
      if (before + sent > rate.applied() + kWaiting) return false;
      sent += events_per_request;
      return true;
    };
    refuse_failures(run_load(source, options));
  }
  server.drain();
  return static_cast<double>(server.applied() - before) / (milliseconds_since(begin) / 1'000);
}

/// Posts an event for a new user and asks until it is there.
class Probe {
 public:
  Probe(const Server& server, size_t number)
      : client_(server.url()),
        write_headers_{{"X-Write-Key", server.write_key()}},
        read_headers_{{"Authorization", "Bearer " + server.admin_key()}},
        number_(number) {}

  /// Milliseconds from the acknowledgement to the answer that shows the event.
  double measure() {
    const std::string user = fmt::format("probe-{}-{}", number_, ++count_);
    const auto posted = client_.send(
        "POST", "/v1/identify",
        fmt::format(R"({{"userId":"{}","traits":{{"plan":"probe"}}}})", user), write_headers_);
    const auto acknowledged = steady_clock::now();
    if (posted.status != 200) throw Error(ErrorCode::kUnavailable, "a probe was refused");
    while (true) {
      const auto reply =
          client_.send("GET", "/api/v1/customers/by/user_id/" + user, {}, read_headers_);
      const double elapsed = milliseconds_since(acknowledged);
      if (reply.status == 200 && reply.body.find("\"probe\"") != std::string::npos) return elapsed;
      if (elapsed > 30'000) return elapsed;
      std::this_thread::sleep_for(milliseconds(3));
    }
  }

 private:
  HttpClient client_;
  HttpHeaders write_headers_;
  HttpHeaders read_headers_;
  size_t number_;
  uint64_t count_ = 0;
};

/// Milliseconds of all probes while events arrive at `events_per_second`.
std::vector<double> probe_under_load(const Server& server, double events_per_second,
                                     milliseconds duration, uint64_t* sent) {
  constexpr size_t kProbes = 6;
  constexpr size_t kEventsPerRequest = 20;
  static std::atomic<size_t> numbers{0};
  std::atomic<bool> stop{false};
  std::atomic<int> broken_probes{0};
  std::vector<std::vector<double>> times(kProbes);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < kProbes; ++i) {
    threads.emplace_back([&, i] {
      Probe probe(server, numbers++);
      std::this_thread::sleep_for(milliseconds(500 + 13 * i));
      try {
        while (!stop) {
          times[i].push_back(probe.measure());
          std::this_thread::sleep_for(milliseconds(20));
        }
      } catch (const std::exception&) {
        ++broken_probes;
      }
    });
  }
  SyntheticSource source({.write_key = server.write_key(),
                          .connections = kBatchConnections,
                          .events_per_request = kEventsPerRequest});
  LoadOptions options;
  options.port = server.port();
  options.connections = kBatchConnections;
  options.duration = duration;
  options.requests_per_second = events_per_second / kEventsPerRequest;
  const LoadResult result = run_load(source, options);
  stop = true;
  for (std::thread& thread : threads) thread.join();
  refuse_failures(result);
  if (broken_probes > 0) throw Error(ErrorCode::kUnavailable, "a probe was refused");
  *sent = static_cast<uint64_t>(result.per_second() * kEventsPerRequest);
  std::vector<double> all;
  for (const auto& list : times) all.insert(all.end(), list.begin(), list.end());
  std::sort(all.begin(), all.end());
  return all;
}

double at_share(const std::vector<double>& sorted, double share) {
  if (sorted.empty()) return 0;
  return sorted[static_cast<size_t>(share * static_cast<double>(sorted.size() - 1))];
}

/// Sends `events` as fast as they are taken, without building a backlog over what is refused.
void fill(const Server& server, uint64_t events, uint64_t customers, bool each_once) {
  SyntheticSource source({.write_key = server.write_key(),
                          .connections = kBatchConnections,
                          .events_per_request = 100,
                          .customers = customers,
                          .every_customer_once = each_once});
  AppliedRate rate(server);
  const uint64_t before = server.applied();
  uint64_t sent = 0;
  LoadOptions options;
  options.port = server.port();
  options.connections = kBatchConnections;
  options.warm_up = milliseconds(0);
  options.duration = std::chrono::hours(1);

  /// Ends the run when enough was sent.
  class Counted final : public RequestSource {
   public:
    Counted(RequestSource& source, uint64_t& sent, uint64_t events)
        : source_(source), sent_(sent), events_(events) {}
    std::string_view next(size_t connection) override {
      if (sent_ >= events_) return {};
      sent_ += 100;
      return source_.next(connection);
    }

   private:
    RequestSource& source_;
    uint64_t& sent_;
    uint64_t events_;
  } counted(source, sent, events);
  options.may_send = [&] { return before + sent <= rate.applied() + 10 * kWaiting; };
  refuse_failures(run_load(counted, options));
  server.drain();
}

}  // namespace

std::vector<Row> measure_batches(const Setup& setup) {
  Peers peers(setup);
  Row row;
  row.name = "batches of 100 events, acknowledged after fsync";
  row.target = 150'000;
  return {measure_posts(setup, peers, 100, kBatchConnections, std::move(row))};
}

std::vector<Row> measure_singles(const Setup& setup) {
  Peers peers(setup);
  Row row;
  row.name = "single events over 64 connections, acknowledged after fsync";
  row.target = 15'000;
  return {measure_posts(setup, peers, 1, kSingleConnections, std::move(row))};
}

std::vector<Row> measure_applied(const Setup& setup) {
  Row synthetic;
  synthetic.name = "applied to profiles and warehouse, steady, 100,000 customers";
  synthetic.target = 60'000;
  synthetic.limits.push_back({"the two stores alone", {}, Unit::kPerSecond});
  Row shop = synthetic;
  shop.name = "applied to profiles and warehouse, steady, the demo shop";
  {
    Server server(setup.program, setup.folder);
    SyntheticSource source({.write_key = server.write_key(),
                            .connections = kBatchConnections,
                            .events_per_request = 100});
    // The first round makes the customers; what is steady comes after it.
    applied_per_second(server, source, 100, 2 * setup.duration);
    for (int round = 0; round < setup.rounds; ++round) {
      synthetic.series.add(applied_per_second(server, source, 100, 3 * setup.duration));
      synthetic.limits[0].series.add(stores_alone_per_second(setup.folder));
    }
  }
  Server server(setup.program, setup.folder);
  uint64_t events = 0;
  for (int round = 0; round < setup.rounds; ++round) {
    ShopSource source(server.write_key(), 100 + static_cast<uint64_t>(round), 400'000, 100);
    shop.series.add(applied_per_second(server, source, 100, std::chrono::minutes(5)));
    shop.limits[0].series.add(stores_alone_per_second(setup.folder));
    events += source.events();
  }
  shop.note =
      fmt::format("{} events, a new shop's people each round, so many profiles are made.", events);
  return {std::move(synthetic), std::move(shop)};
}

std::vector<Row> measure_visible(const Setup& setup) {
  Row row;
  row.name = "acknowledged → visible on the profile, p99, at 10,000 events/s";
  row.unit = Unit::kMilliseconds;
  row.target = 300;
  row.at_least = false;
  row.limits.push_back({"the same at rest, p99", {}, Unit::kMilliseconds});
  row.limits.push_back({"fsync of 4 KiB, p99", {}, Unit::kMilliseconds});
  Server server(setup.program, setup.folder);
  fill(server, 300'000, 100'000, false);
  Series medians;
  Series rates;
  size_t probes = 0;
  uint64_t sent = 0;
  for (int round = 0; round < setup.rounds; ++round) {
    const auto busy = probe_under_load(server, 10'000, 3 * setup.duration, &sent);
    rates.add(static_cast<double>(sent));
    row.series.add(at_share(busy, 0.99));
    medians.add(at_share(busy, 0.5));
    probes += busy.size();
    const auto idle = probe_under_load(server, 20, setup.duration, &sent);
    row.limits[0].series.add(at_share(idle, 0.99));
    row.limits[1].series.add(at_share(fsync_times(setup.folder), 0.99));
  }
  row.note = fmt::format("{} probes, median {}; {} arrived.", probes,
                         show(medians.median(), Unit::kMilliseconds),
                         "events at " + show(rates.median(), Unit::kPerSecond));
  return {std::move(row)};
}

std::vector<Row> measure_idle_and_start(const Setup& setup) {
  Row idle;
  idle.name = "memory with nothing loaded";
  idle.unit = Unit::kMegabytes;
  idle.target = 120;
  idle.at_least = false;
  idle.limits.push_back({"bare Beast server", {}, Unit::kMegabytes});
  Row start;
  start.name = "start after kill -9 with 1,000,000 events applied";
  start.unit = Unit::kMilliseconds;
  start.target = 1'000;
  start.at_least = false;
  start.limits.push_back({"`rapport version`", {}, Unit::kMilliseconds});
  {
    Peers peers(setup);
    for (int round = 0; round < setup.rounds; ++round) {
      Server server(setup.program, setup.folder);
      std::this_thread::sleep_for(milliseconds(500));
      idle.series.add(static_cast<double>(server.process().resident_bytes()) / kMegabyte);
      idle.limits[0].series.add(static_cast<double>(peers.beast_memory()) / kMegabyte);
    }
  }
  Server server(setup.program, setup.folder);
  fill(server, 1'000'000, 100'000, false);
  for (int round = 0; round < setup.rounds; ++round) {
    server.process().end(SIGKILL);
    start.series.add(server.start().count() * 1'000);
    const auto begin = steady_clock::now();
    output_of({setup.program, "version"});
    start.limits[0].series.add(milliseconds_since(begin));
    // Something new since the last start, so that each one has a journal to read.
    fill(server, 20'000, 100'000, false);
  }
  start.note =
      "From exec to /readyz. Everything was applied before the kill: nothing is left to catch up "
      "on.";
  return {std::move(idle), std::move(start)};
}

std::vector<Row> measure_large(const Setup& setup, uint64_t customers, uint64_t events) {
  Row row;
  row.name = fmt::format("memory at {} customers and {} events applied", customers, events);
  row.unit = Unit::kMegabytes;
  row.target = 1'536;
  row.at_least = false;
  row.limits.push_back({"highest while filling", {}, Unit::kMegabytes});
  row.limits.push_back({"on disk", {}, Unit::kMegabytes});
  row.limits.push_back({"after a restart", {}, Unit::kMegabytes});
  Server server(setup.program, setup.folder);
  const auto begin = steady_clock::now();
  fill(server, customers, customers, true);
  const double made = milliseconds_since(begin) / 1'000;
  fill(server, events - customers, customers, false);
  const double all = milliseconds_since(begin) / 1'000;
  row.series.add(static_cast<double>(server.process().resident_bytes()) / kMegabyte);
  row.limits[0].series.add(static_cast<double>(server.process().peak_resident_bytes()) / kMegabyte);
  row.limits[1].series.add(static_cast<double>(folder_bytes(server.data())) / kMegabyte);
  server.process().end(SIGKILL);
  const double start = server.start().count();
  row.limits[2].series.add(static_cast<double>(server.process().resident_bytes()) / kMegabyte);
  if (server.applied() < events) throw Error(ErrorCode::kUnavailable, "not everything is applied");
  row.note = fmt::format(
      "{:.0f} s to make the customers, {:.0f} s for everything ({}); start after kill -9 {:.2f} s.",
      made, all, show(static_cast<double>(events) / all, Unit::kPerSecond), start);
  return {std::move(row)};
}

}  // namespace rapport::bench
