#include "app/doctor.h"

#include <sys/stat.h>

#include <filesystem>
#include <functional>
#include <optional>

#include "app/command_options.h"
#include "app/data_folder.h"
#include "base/error.h"
#include "crypto/secret_key.h"
#include "storage/event_log.h"
#include "storage/message_index.h"
#include "storage/state_store.h"
#include "storage/warehouse.h"

namespace rapport {
namespace {

using Grade = Finding::Grade;

constexpr uintmax_t kLowDisk = uintmax_t{2} << 30;

class Examination {
 public:
  explicit Examination(const Config& config) : config_(config), folder_(config.data) {}

  std::vector<Finding> run() {
    if (!folder_.is_initialised()) {
      bad("data folder", config_.data + " holds no installation; run `rapport init`");
      return std::move(findings_);
    }
    good("data folder", config_.data);
    check_disk();
    check("secret key", [this] { check_key(); });
    check("control.db", [this] { check_database(folder_.control(), "control.db"); });
    check("log", [this] { check_log(); });
    check("state.db", [this] { check_state(); });
    check_closed_stores();
    check_tls();
    check_console();
    check_public_url();
    return std::move(findings_);
  }

 private:
  void good(std::string subject, std::string text) {
    findings_.push_back({Grade::kGood, std::move(subject), std::move(text)});
  }
  void warn(std::string subject, std::string text) {
    findings_.push_back({Grade::kWarning, std::move(subject), std::move(text)});
  }
  void bad(std::string subject, std::string text) {
    findings_.push_back({Grade::kBad, std::move(subject), std::move(text)});
  }
  void check(const std::string& subject, const std::function<void()>& look) {
    try {
      look();
    } catch (const std::exception& error) {
      bad(subject, error.what());
    }
  }

  void check_disk() {
    std::error_code failed;
    const auto space = std::filesystem::space(folder_.root, failed);
    if (failed) return bad("disk", "cannot be asked: " + failed.message());
    const std::string free = std::to_string(space.available >> 20) + " MiB free";
    if (space.available < kLowDisk) {
      warn("disk", free + "; events are refused when it is full");
    } else {
      good("disk", free);
    }
  }

  void check_key() {
    load_secret_key(folder_.secret_key());
    good("secret key", "readable by its owner only; keep a copy apart from the data");
  }

  void check_database(const std::string& path, const std::string& name) {
    const auto store = open_sqlite_state_store(path, {.cache_kib = 1024, .readers = 1});
    const auto verdict = store->read_value([](Connection& c) {
      return c.find("PRAGMA quick_check", [](Statement& row) { return std::string(row.text(0)); })
          .value_or("no answer");
    });
    if (verdict == "ok") {
      good(name, "sound");
    } else {
      bad(name, verdict + "; restore it from a backup");
    }
  }

  void check_log() {
    if (!std::filesystem::exists(folder_.log())) {
      return good("log", "empty: no event was received yet");
    }
    const auto log = open_sqlite_event_log(folder_.log());
    log_end_ = log->end();
    log->read(log_end_ == 0 ? 1 : log_end_, 1, [](Offset, std::string_view) {});
    good("log", std::to_string(log_end_) + " events, the last block is sound");
  }

  void check_state() {
    if (!std::filesystem::exists(folder_.state())) {
      return log_end_ == 0 ? good("state.db", "not made yet")
                           : warn("state.db", "missing; it is rebuilt at the next start");
    }
    check_database(folder_.state(), "state.db");
    const auto store = open_sqlite_state_store(folder_.state(), {.cache_kib = 1024, .readers = 1});
    const auto applied = store->read_value([](Connection& c) {
      return c
          .find("SELECT log_offset FROM applied WHERE id = 1",
                [](Statement& row) { return row.id(0); })
          .value_or(0);
    });
    if (applied > log_end_) {
      bad("projections", "are ahead of the log, which lost events; restore the log from a backup");
    } else if (applied < log_end_) {
      warn("projections",
           std::to_string(log_end_ - applied) + " events behind; a running program catches up");
    } else {
      good("projections", "every event is applied");
    }
    const auto dead = store->read_value([](Connection& c) {
      return c
          .find("SELECT count(*) FROM dead_letters", [](Statement& row) { return row.integer(0); })
          .value_or(0);
    });
    if (dead > 0) {
      warn("projections", std::to_string(dead) + " events could not be applied and were set aside");
    }
  }

  /// Stores that one program at a time may open; looked into only when none does.
  void check_closed_stores() {
    std::optional<FolderLock> lock;
    try {
      lock.emplace(folder_);
    } catch (const Error&) {
      return good("other stores", "in use by a running program, not looked into");
    }
    check_store("warehouse", folder_.warehouse(), "`rapport replay` rebuilds it",
                [this] { open_duckdb_warehouse(folder_.warehouse())->applied(); });
    check_store("message ids", folder_.message_ids(),
                "remove log/message_ids; it is rebuilt from the log at the next start",
                [this] { open_rocksdb_message_index(folder_.message_ids())->through(); });
    check_store("sandbox.db", folder_.sandbox(), "remove it; it holds trial messages only",
                [this] { check_database(folder_.sandbox(), "sandbox.db"); });
  }
  void check_store(const std::string& subject, const std::string& path, const std::string& advice,
                   const std::function<void()>& look) {
    if (!std::filesystem::exists(path)) return good(subject, "not made yet");
    try {
      look();
      if (subject != "sandbox.db") good(subject, "opens");
    } catch (const std::exception& error) {
      bad(subject, std::string(error.what()) + "; " + advice);
    }
  }

  void check_tls() {
    if (config_.tls_certificate.empty() != config_.tls_key.empty()) {
      return bad("tls", "tls_certificate and tls_key go together; one is missing");
    }
    for (const std::string& file : {config_.tls_certificate, config_.tls_key}) {
      if (!file.empty() && !std::filesystem::exists(file)) bad("tls", file + " is not there");
    }
    const bool loopback = config_.listen.starts_with("127.") ||
                          config_.listen.starts_with("[::1]") ||
                          config_.listen.starts_with("localhost");
    if (config_.tls_certificate.empty() && !loopback && config_.trusted_proxies.empty()) {
      warn("tls",
           "serves " + config_.listen +
               " without TLS: set a certificate, or trusted_proxies for the proxy before it");
    }
  }

  void check_console() {
    if (find_console(config_.console).empty()) {
      warn("console", "not found; `make build` builds it, `console` says where it is");
    }
  }

  void check_public_url() {
    if (config_.public_url.empty()) {
      warn("public_url", "not set: links in messages lead to the address this program listens on");
    } else if (!config_.public_url.starts_with("https://")) {
      warn("public_url", "is not https: one-click unsubscribe needs it (RFC 8058)");
    }
  }

  const Config& config_;
  DataFolder folder_;
  Offset log_end_ = 0;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> diagnose(const Config& config) {
  return Examination(config).run();
}

int print_diagnosis(std::FILE* out, const std::vector<Finding>& findings) {
  int exit_code = 0;
  for (const Finding& finding : findings) {
    const char* mark = finding.grade == Grade::kGood      ? "ok  "
                       : finding.grade == Grade::kWarning ? "warn"
                                                          : "BAD ";
    std::fprintf(out, "%s  %-14s %s\n", mark, finding.subject.c_str(), finding.advice.c_str());
    if (finding.grade == Grade::kBad) exit_code = 1;
  }
  return exit_code;
}

}  // namespace rapport
