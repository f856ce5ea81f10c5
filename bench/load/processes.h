// The processes under measurement: the program on a fresh data folder, the limit peers, their
// memory and their end.
//
// A ChildProcess is killed when its owner goes. Folders are made on a real disk and removed.
// Used by one thread, except where noted.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace rapport::bench {

class ChildProcess {
 public:
  /// Starts `arguments[0]`; its output goes to `log_file`.
  ChildProcess(const std::vector<std::string>& arguments, const std::string& log_file);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }
  /// Sends the signal and waits for the end.
  void end(int signal);
  bool running();
  /// Of VmRSS and VmHWM, in bytes.
  uint64_t resident_bytes() const;
  uint64_t peak_resident_bytes() const;
  /// User and system time so far.
  double cpu_seconds() const;

 private:
  pid_t pid_ = -1;
};

/// A folder below `parent`, removed at the end. Throws when it would lie in memory (tmpfs).
class ScratchFolder {
 public:
  explicit ScratchFolder(const std::string& parent);
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

uint16_t free_port();
/// Size of all files below `path`.
uint64_t folder_bytes(const std::string& path);
/// Output of a command that ends; throws when it fails.
std::string output_of(const std::vector<std::string>& arguments);

/// The program on a data folder of its own.
class Server {
 public:
  /// Runs `init` and `serve`, and waits until it is ready.
  Server(std::string program, const std::string& parent);

  uint16_t port() const { return port_; }
  const std::string& write_key() const { return write_key_; }
  const std::string& admin_key() const { return admin_key_; }
  std::string data() const { return folder_.file("data"); }
  ChildProcess& process() { return *process_; }
  std::string url() const;

  /// Starts it again after `process().end(…)`; time from start to ready.
  std::chrono::duration<double> start();
  /// `rapport_applied` and `rapport_log_end` of /metrics. Any thread.
  uint64_t applied() const;
  uint64_t log_end() const;
  /// Waits until everything in the log is applied.
  void drain() const;

 private:
  std::string program_;
  ScratchFolder folder_;
  uint16_t port_;
  std::string write_key_;
  std::string admin_key_;
  std::unique_ptr<ChildProcess> process_;
};

/// Waits until `path` is answered with 200.
void wait_until_answers(uint16_t port, const std::string& path, ChildProcess& process);

}  // namespace rapport::bench
