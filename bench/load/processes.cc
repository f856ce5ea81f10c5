#include "load/processes.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/error.h"
#include "http/client.h"

namespace rapport::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

Error failed(const std::string& what) {
  return Error(ErrorCode::kUnavailable, what);
}

[[noreturn]] void execute(const std::vector<std::string>& arguments) {
  std::vector<char*> plain;
  for (const std::string& argument : arguments) {
    plain.push_back(const_cast<char*>(argument.c_str()));
  }
  plain.push_back(nullptr);
  execvp(plain[0], plain.data());
  _exit(127);
}

uint64_t status_kib(pid_t pid, const std::string& field) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  std::string line;
  while (std::getline(status, line)) {
    if (line.starts_with(field)) return std::strtoull(line.c_str() + field.size(), nullptr, 10);
  }
  return 0;
}

std::string json_member(const std::string& json, const std::string& name) {
  const std::string mark = "\"" + name + "\":\"";
  size_t at = json.find(mark);
  if (at == json.npos) throw failed("no " + name + " in: " + json);
  at += mark.size();
  return json.substr(at, json.find('"', at) - at);
}

uint64_t metric(const std::string& url, const std::string& name) {
  thread_local std::string known_url;
  thread_local std::unique_ptr<HttpClient> client;
  if (!client || known_url != url) {
    client = std::make_unique<HttpClient>(url);
    known_url = url;
  }
  const std::string body = "\n" + client->send("GET", "/metrics").body;
  const size_t at = body.find("\n" + name + " ");
  if (at == body.npos) throw failed("no metric " + name);
  return static_cast<uint64_t>(std::strtod(body.c_str() + at + name.size() + 2, nullptr));
}

}  // namespace

ChildProcess::ChildProcess(const std::vector<std::string>& arguments, const std::string& log_file) {
  pid_ = fork();
  if (pid_ < 0) throw failed("fork");
  if (pid_ > 0) return;
  const int log = open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  execute(arguments);
}

ChildProcess::~ChildProcess() {
  if (pid_ > 0) end(SIGKILL);
}

void ChildProcess::end(int signal) {
  if (pid_ <= 0) return;
  kill(pid_, signal);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

bool ChildProcess::running() {
  if (pid_ <= 0) return false;
  if (waitpid(pid_, nullptr, WNOHANG) == 0) return true;
  pid_ = -1;
  return false;
}

uint64_t ChildProcess::resident_bytes() const {
  return status_kib(pid_, "VmRSS:") * 1'024;
}

uint64_t ChildProcess::peak_resident_bytes() const {
  return status_kib(pid_, "VmHWM:") * 1'024;
}

double ChildProcess::cpu_seconds() const {
  std::ifstream stat("/proc/" + std::to_string(pid_) + "/stat");
  std::string line;
  std::getline(stat, line);
  std::istringstream fields(line.substr(line.rfind(')') + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

ScratchFolder::ScratchFolder(const std::string& parent) {
  std::filesystem::create_directories(parent);
  struct statfs about {};
  if (statfs(parent.c_str(), &about) == 0 && about.f_type == TMPFS_MAGIC) {
    throw Error(ErrorCode::kInvalidArgument,
                parent + " is in memory; name a folder on a disk with --folder");
  }
  std::string pattern = parent + "/load-XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) throw failed("cannot make a folder in " + parent);
  path_ = pattern;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

uint16_t free_port() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  bind(fd, reinterpret_cast<sockaddr*>(&address), size);
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  close(fd);
  return ntohs(address.sin_port);
}

uint64_t folder_bytes(const std::string& path) {
  uint64_t bytes = 0;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path, ignored)) {
    if (entry.is_regular_file(ignored)) bytes += entry.file_size(ignored);
  }
  return bytes;
}

std::string output_of(const std::vector<std::string>& arguments) {
  int ends[2];
  if (pipe(ends) != 0) throw failed("pipe");
  const pid_t pid = fork();
  if (pid == 0) {
    dup2(ends[1], STDOUT_FILENO);
    close(ends[0]);
    execute(arguments);
  }
  close(ends[1]);
  std::string out;
  char buffer[4'096];
  for (ssize_t got = 0; (got = read(ends[0], buffer, sizeof buffer)) > 0;) {
    out.append(buffer, static_cast<size_t>(got));
  }
  close(ends[0]);
  int status = 0;
  waitpid(pid, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) throw failed(arguments[0] + " failed");
  return out;
}

void wait_until_answers(uint16_t port, const std::string& path, ChildProcess& process) {
  const auto give_up = steady_clock::now() + std::chrono::seconds(120);
  while (steady_clock::now() < give_up) {
    if (!process.running()) throw failed("a measured process ended by itself");
    try {
      HttpClient client("http://127.0.0.1:" + std::to_string(port));
      if (client.send("GET", path).status == 200) return;
    } catch (const Error&) {
      // Not listening yet.
    }
    std::this_thread::sleep_for(milliseconds(5));
  }
  throw failed("a measured process does not answer");
}

Server::Server(std::string program, const std::string& parent)
    : program_(std::move(program)), folder_(parent), port_(free_port()) {
  const std::string said = output_of({program_, "init", "--data", data(), "--workspace", "Load",
                                      "--email", "load@example.com", "--json"});
  write_key_ = json_member(said, "write_key");
  admin_key_ = json_member(said, "admin_key");
  start();
}

std::string Server::url() const {
  return "http://127.0.0.1:" + std::to_string(port_);
}

std::chrono::duration<double> Server::start() {
  const auto begin = steady_clock::now();
  process_ = std::make_unique<ChildProcess>(
      std::vector<std::string>{program_, "serve", "--data", data(), "--listen",
                               "127.0.0.1:" + std::to_string(port_)},
      folder_.file("serve.log"));
  wait_until_answers(port_, "/readyz", *process_);
  return steady_clock::now() - begin;
}

uint64_t Server::applied() const {
  return metric(url(), "rapport_applied");
}

uint64_t Server::log_end() const {
  return metric(url(), "rapport_log_end");
}

void Server::drain() const {
  while (applied() < log_end()) std::this_thread::sleep_for(milliseconds(10));
}

}  // namespace rapport::bench
