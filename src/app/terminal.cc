#include "app/terminal.h"

#include <termios.h>
#include <unistd.h>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <iostream>

#include "base/error.h"

namespace rapport {
namespace {

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

std::string ask_hidden(const char* prompt) {
  std::fputs(prompt, stderr);
  termios shown{};
  tcgetattr(STDIN_FILENO, &shown);
  termios hidden = shown;
  hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
  std::string line = read_line_from_stdin();
  tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
  std::fputs("\n", stderr);
  return line;
}

}  // namespace

std::string read_line_from_stdin() {
  std::string line;
  std::getline(std::cin, line);
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return line;
}

std::string ask_new_password() {
  if (isatty(STDIN_FILENO) == 0) return {};
  const std::string first = ask_hidden("Password (empty: generate one): ");
  if (first.empty()) return {};
  if (ask_hidden("Once more: ") != first) {
    throw Error(ErrorCode::kInvalidArgument, "The two passwords differ");
  }
  return first;
}

void block_stop_signals() {
  const sigset_t set = stop_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  // A peer that closes must not end the program.
  std::signal(SIGPIPE, SIG_IGN);
}

bool wait_for_stop_signal(int timeout_ms) {
  const sigset_t set = stop_signals();
  if (timeout_ms < 0) {
    int received = 0;
    sigwait(&set, &received);
    return true;
  }
  const timespec wait{timeout_ms / 1000, (timeout_ms % 1000) * 1'000'000L};
  return sigtimedwait(&set, nullptr, &wait) > 0;
}

}  // namespace rapport
