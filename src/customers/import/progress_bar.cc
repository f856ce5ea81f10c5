#include "customers/import/progress_bar.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

namespace rapport {
namespace {

constexpr int kWidth = 30;
constexpr std::chrono::milliseconds kRedraw{100};

std::string time_text(double seconds) {
  const auto whole = static_cast<int64_t>(seconds + 0.5);
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{}:{:02} min", whole / 60, whole % 60);
  return fmt::format("{}:{:02} h", whole / 3600, whole / 60 % 60);
}

}  // namespace

ProgressBar::ProgressBar(std::FILE* out, std::string label, std::string unit)
    : out_(out),
      label_(std::move(label)),
      unit_(std::move(unit)),
      terminal_(isatty(fileno(out)) == 1) {}

ProgressBar::~ProgressBar() {
  if (!drawn_) return;
  fmt::print(out_, "\r\x1b[K");
  std::fflush(out_);
}

std::string ProgressBar::render(double share, uint64_t count,
                                std::chrono::milliseconds elapsed) const {
  share = std::clamp(share, 0.0, 1.0);
  const double seconds = std::chrono::duration<double>(elapsed).count();
  const int filled = static_cast<int>(share * kWidth);
  std::string text = fmt::format("{} [{}{}] {:3.0f} %", label_, std::string(filled, '#'),
                                 std::string(kWidth - filled, '.'), share * 100);
  text += fmt::format("  {} {}", count, unit_);
  if (seconds >= 0.5) {
    text += fmt::format("  {:.0f}/s", static_cast<double>(count) / seconds);
    if (share > 0.01) text += "  " + time_text(seconds / share - seconds) + " left";
  }
  return text;
}

void ProgressBar::update(double share, uint64_t count, std::chrono::milliseconds elapsed) {
  if (!terminal_ || elapsed - last_ < kRedraw) return;
  last_ = elapsed;
  drawn_ = true;
  fmt::print(out_, "\r{}\x1b[K", render(share, count, elapsed));
  std::fflush(out_);
}

void TerminalProgress::progress(const ImportProgress& progress) {
  const double read = progress.bytes_total == 0 ? 1.0
                                                : static_cast<double>(progress.bytes_read) /
                                                      static_cast<double>(progress.bytes_total);
  const double sent = progress.events_made == 0 ? 1.0
                                                : static_cast<double>(progress.events_sent) /
                                                      static_cast<double>(progress.events_made);
  bar_.update(read * sent, progress.rows, progress.elapsed);
}

}  // namespace rapport
