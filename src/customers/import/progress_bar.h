// A progress line on a terminal: bar, share, rate and time left. Silent when it is not a terminal.
//
// Used by one thread; redraws at most ten times a second.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>

#include "customers/import/import.h"

namespace rapport {

class ProgressBar {
 public:
  /// `unit` is what the rate counts: "rows", "events".
  ProgressBar(std::FILE* out, std::string label, std::string unit);
  /// Clears the line.
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// `share` from 0 to 1; `count` of units done after `elapsed`.
  void update(double share, uint64_t count, std::chrono::milliseconds elapsed);
  /// The line as drawn, for a test: no control characters.
  std::string render(double share, uint64_t count, std::chrono::milliseconds elapsed) const;

 private:
  std::FILE* out_;
  std::string label_;
  std::string unit_;
  bool terminal_;
  bool drawn_ = false;
  std::chrono::milliseconds last_{-1000};
};

/// Shows an import on a ProgressBar.
class TerminalProgress final : public ProgressSink {
 public:
  explicit TerminalProgress(std::FILE* out) : bar_(out, "import", "rows") {}
  void progress(const ImportProgress& progress) override;

 private:
  ProgressBar bar_;
};

}  // namespace rapport
