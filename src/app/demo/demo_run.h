// The main job, played through: a shop's history goes in over HTTP, a segment gets a campaign, real
// e-mails arrive at a mailbox, its owners open, click and unsubscribe, and the counts are compared
// with what was played.
//
// Needs a running program and its keys; talks to it over HTTP and SMTP only. One call at a time.
// Nothing is printed but the progress bar.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "app/demo/shop_generator.h"

namespace rapport::demo {

struct DemoOptions {
  std::string base_url;       // "http://127.0.0.1:8080"
  std::string write_key;      // wk_…
  std::string admin_key;      // rk_…
  uint16_t mailbox_port = 0;  // 0: any free one
  uint32_t customers = 2'000;
  uint32_t days = 90;
  uint64_t seed = 1;
  std::string login_email;  // shown at the end
  std::string login_password;
  std::FILE* progress = stderr;  // the bar shows on a terminal only
};

struct DemoRow {
  std::string label;
  std::string value;
};

struct DemoCheck {
  std::string what;
  std::string expected;
  std::string found;
  bool ok = false;
};

struct DemoOutcome {
  std::vector<DemoRow> rows;
  std::vector<DemoCheck> checks;
  bool ok() const;
};

/// Throws Error when the program cannot be reached or refuses a request. A count that differs is a
/// check that failed, not an error.
DemoOutcome run_demo(const DemoOptions& options);

/// The table of rows, then the checks.
void print_demo_outcome(std::FILE* out, const DemoOutcome& outcome);

}  // namespace rapport::demo
