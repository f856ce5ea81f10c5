#include "load/load_client.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "base/error.h"

namespace rapport::bench {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;
using std::chrono::steady_clock;

constexpr size_t kReadBytes = 64 * 1024;
constexpr int kWaitMs = 1;

Error broken(const char* what) {
  return Error(ErrorCode::kUnavailable, std::string(what) + ": " + std::strerror(errno));
}

int connect_to(uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    throw broken("connect");
  }
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  return fd;
}

struct Connection {
  int fd = -1;
  bool busy = false;
  bool wants_write = false;
  std::string_view unsent;
  std::string answer;
  SteadyTime due;
};

/// Size of the complete answer at the front of `bytes`, or 0.
size_t answer_size(std::string_view bytes) {
  const size_t head = bytes.find("\r\n\r\n");
  if (head == bytes.npos) return 0;
  constexpr std::string_view kLength = "Content-Length: ";
  size_t length = 0;
  const size_t at = bytes.find(kLength);
  if (at < head) {
    std::from_chars(bytes.data() + at + kLength.size(), bytes.data() + head, length);
  }
  const size_t size = head + 4 + length;
  return bytes.size() >= size ? size : 0;
}

/// 2xx, or a redirect: 3xx.
bool is_success(std::string_view answer) {
  return answer.starts_with("HTTP/1.1 2") || answer.starts_with("HTTP/1.1 3");
}

class Run {
 public:
  Run(RequestSource& source, const LoadOptions& options)
      : source_(source), options_(options), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    connections_.resize(options.connections);
    for (size_t i = 0; i < connections_.size(); ++i) {
      connections_[i].fd = connect_to(options.port);
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.u64 = i;
      epoll_ctl(epoll_, EPOLL_CTL_ADD, connections_[i].fd, &event);
    }
    result_.latencies_us.reserve(1 << 18);
  }
  ~Run() {
    for (const Connection& c : connections_) close(c.fd);
    close(epoll_);
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  LoadResult run();

 private:
  void start_due(SteadyTime now);
  bool start(size_t index, SteadyTime due);
  void write_some(size_t index);
  void read_some(size_t index);
  void finish(Connection& connection, bool ok);

  RequestSource& source_;
  const LoadOptions& options_;
  int epoll_;
  std::vector<Connection> connections_;
  LoadResult result_;
  SteadyTime count_from_;
  SteadyTime end_;
  SteadyTime last_;
  SteadyTime next_due_;
  size_t in_flight_ = 0;
  bool exhausted_ = false;
  std::array<char, kReadBytes> buffer_;
};

bool Run::start(size_t index, SteadyTime due) {
  Connection& connection = connections_[index];
  if (options_.may_send && !options_.may_send()) return false;
  connection.unsent = source_.next(index);
  if (connection.unsent.empty()) {
    exhausted_ = true;
    return false;
  }
  connection.due = due;
  connection.busy = true;
  ++in_flight_;
  write_some(index);
  return true;
}

void Run::start_due(SteadyTime now) {
  for (size_t i = 0; i < connections_.size() && !exhausted_; ++i) {
    if (connections_[i].busy) continue;
    if (options_.requests_per_second <= 0) {
      if (!start(i, now)) return;
      continue;
    }
    if (next_due_ > now) return;
    if (!start(i, next_due_)) return;
    next_due_ += std::chrono::nanoseconds(static_cast<int64_t>(1e9 / options_.requests_per_second));
  }
}

void Run::write_some(size_t index) {
  Connection& connection = connections_[index];
  while (!connection.unsent.empty()) {
    const ssize_t sent = send(connection.fd, connection.unsent.data(), connection.unsent.size(),
                              MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN) throw broken("send");
    if (sent < 0) break;
    connection.unsent.remove_prefix(static_cast<size_t>(sent));
  }
  const bool wants = !connection.unsent.empty();
  if (wants == connection.wants_write) return;
  connection.wants_write = wants;
  epoll_event event{};
  event.events = wants ? EPOLLIN | EPOLLOUT : EPOLLIN;
  event.data.u64 = index;
  epoll_ctl(epoll_, EPOLL_CTL_MOD, connection.fd, &event);
}

void Run::finish(Connection& connection, bool ok) {
  const auto now = steady_clock::now();
  connection.busy = false;
  --in_flight_;
  ++result_.all_requests;
  if (!ok) ++result_.failed;
  if (now < count_from_ || now > end_) return;
  ++result_.requests;
  last_ = now;
  result_.latencies_us.push_back(static_cast<uint32_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(now - connection.due).count()));
}

void Run::read_some(size_t index) {
  Connection& connection = connections_[index];
  const ssize_t got = recv(connection.fd, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) throw broken("the server closed a connection");
  connection.answer.append(buffer_.data(), static_cast<size_t>(got));
  const size_t size = answer_size(connection.answer);
  if (size == 0) return;
  finish(connection, is_success(connection.answer));
  connection.answer.erase(0, size);
  const auto now = steady_clock::now();
  if (options_.requests_per_second <= 0 && now < end_ && !exhausted_) start(index, now);
}

LoadResult Run::run() {
  const auto begin = steady_clock::now();
  count_from_ = begin + options_.warm_up;
  end_ = count_from_ + options_.duration;
  last_ = count_from_;
  next_due_ = begin;
  std::array<epoll_event, 64> events;
  while (true) {
    const auto now = steady_clock::now();
    const bool over = now >= end_ || exhausted_;
    if (over && in_flight_ == 0) break;
    if (!over) start_due(now);
    const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), kWaitMs);
    for (int i = 0; i < count; ++i) {
      const auto& event = events[static_cast<size_t>(i)];
      if (event.events & EPOLLOUT) write_some(event.data.u64);
      if (event.events & (EPOLLIN | EPOLLERR | EPOLLHUP)) read_some(event.data.u64);
    }
  }
  const auto counted_until = exhausted_ ? last_ : end_;
  result_.seconds = std::chrono::duration<double>(counted_until - count_from_).count();
  std::sort(result_.latencies_us.begin(), result_.latencies_us.end());
  return std::move(result_);
}

}  // namespace

double LoadResult::percentile_us(double share) const {
  if (latencies_us.empty()) return 0;
  const auto at = static_cast<size_t>(share * static_cast<double>(latencies_us.size() - 1));
  return latencies_us[at];
}

LoadResult run_load(RequestSource& source, const LoadOptions& options) {
  return Run(source, options).run();
}

}  // namespace rapport::bench
