#include "mail/smtp_sink.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <exception>
#include <list>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>

#include "base/error.h"
#include "base/limits/mail.h"
#include "base/text.h"

namespace rapport {
namespace {

constexpr size_t kMaxCommandBytes = 2'000;
constexpr int kIdleMs = 60'000;

/// `FROM:<a@b>` → a@b; null when the form is wrong. Parameters after the path are ignored.
std::optional<std::string> path_of(std::string_view argument, std::string_view keyword) {
  if (!equals_ignore_case(argument.substr(0, keyword.size()), keyword)) return std::nullopt;
  argument = trim(argument.substr(keyword.size()));
  if (argument.empty() || argument.front() != '<') return std::nullopt;
  const size_t close = argument.find('>');
  if (close == std::string_view::npos) return std::nullopt;
  return std::string(argument.substr(1, close - 1));
}

/// SIZE=n of MAIL (RFC 1870); 0 when it is not said.
uint64_t announced_size(std::string_view argument) {
  for (const std::string_view word : split(argument, ' ')) {
    if (!equals_ignore_case(word.substr(0, 5), "size=")) continue;
    const auto size = parse_int(word.substr(5));
    return size && *size > 0 ? static_cast<uint64_t>(*size) : 0;
  }
  return 0;
}

struct Handlers {
  SmtpSinkOptions options;
  SmtpSink::OnMail on_mail;
  SmtpSink::OnRecipient on_recipient;
  std::mutex mutex;  // one callback at a time
  std::atomic<uint64_t> messages{0};
};

/// One connection, from greeting to QUIT.
class Session {
 public:
  Session(int socket, uint64_t number, Handlers& handlers)
      : socket_(socket), number_(number), handlers_(handlers) {}

  void run() {
    reply("220 " + options().name + " ESMTP");
    while (!closed_) {
      const auto line = read_line(kMaxCommandBytes);
      if (!line) break;
      command(*line);
    }
    flush();
  }

 private:
  const SmtpSinkOptions& options() const { return handlers_.options; }

  void command(std::string_view line) {
    const std::string verb = to_lower_ascii(line.substr(0, line.find(' ')));
    const std::string_view argument =
        line.size() > verb.size() ? trim(line.substr(verb.size())) : std::string_view();
    if (verb == "ehlo") {
      reset();
      reply("250-" + options().name +
            "\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 SIZE " +
            std::to_string(options().max_message_bytes));
    } else if (verb == "helo") {
      reset();
      reply("250 " + options().name);
    } else if (verb == "mail") {
      mail(argument);
    } else if (verb == "rcpt") {
      recipient(argument);
    } else if (verb == "data") {
      data();
    } else if (verb == "rset") {
      reset();
      reply("250 2.0.0 reset");
    } else if (verb == "noop") {
      reply("250 2.0.0 ok");
    } else if (verb == "vrfy") {
      reply("252 2.0.0 try it");
    } else if (verb == "quit") {
      reply("221 2.0.0 bye");
      closed_ = true;
    } else {
      reply("500 5.5.2 unknown command");
    }
  }

  void mail(std::string_view argument) {
    const auto path = path_of(argument, "from:");
    if (!path) return reply("501 5.5.4 MAIL FROM:<address>");
    if (open_) return reply("503 5.5.1 a message is open already");
    if (announced_size(argument) > options().max_message_bytes) {
      return reply("552 5.3.4 the message is too large");
    }
    open_ = true;
    mail_.envelope_from = *path;
    reply("250 2.1.0 ok");
  }

  void recipient(std::string_view argument) {
    const auto path = path_of(argument, "to:");
    if (!open_) return reply("503 5.5.1 MAIL first");
    if (!path || path->empty()) return reply("501 5.5.4 RCPT TO:<address>");
    if (mail_.recipients.size() >= options().max_recipients) {
      return reply("452 4.5.3 too many recipients");
    }
    std::string refusal;
    if (handlers_.on_recipient) {
      const std::lock_guard lock(handlers_.mutex);
      refusal = handlers_.on_recipient(*path);
    }
    if (!refusal.empty()) return reply(refusal);
    mail_.recipients.push_back(*path);
    reply("250 2.1.5 ok");
  }

  void data() {
    if (mail_.recipients.empty()) return reply("503 5.5.1 RCPT first");
    reply("354 end with a dot on a line of its own");
    bool too_large = false;
    size_t read = 0;
    while (true) {
      const auto line = read_line(options().max_message_bytes);
      if (!line) {
        closed_ = true;
        return;
      }
      if (*line == ".") break;
      const std::string_view text =
          std::string_view(*line).substr(!line->empty() && line->front() == '.' ? 1 : 0);
      read += text.size() + 2;
      too_large = too_large || read > options().max_message_bytes;
      if (read > 2 * options().max_message_bytes) {
        reply("552 5.3.4 the message is too large");
        closed_ = true;
        return;
      }
      if (too_large) continue;
      mail_.data += text;
      mail_.data += "\r\n";
    }
    if (too_large) {
      reply("552 5.3.4 the message is too large");
    } else {
      mail_.connection = number_;
      const std::lock_guard lock(handlers_.mutex);
      std::string answer;
      try {
        answer = handlers_.on_mail(std::move(mail_));
      } catch (const std::exception&) {
        answer = "451 4.3.0 the message could not be stored";
      }
      if (answer.empty()) ++handlers_.messages;
      reply(answer.empty() ? "250 2.0.0 accepted" : answer);
    }
    reset();
  }

  void reset() {
    mail_ = {};
    open_ = false;
  }

  /// Without its CRLF; null at the end of the connection or when the line is too long.
  std::optional<std::string> read_line(size_t max_bytes) {
    size_t searched = at_;
    while (true) {
      const size_t end = input_.find("\r\n", searched > at_ ? searched - 1 : at_);
      if (end != std::string::npos) {
        std::string line = input_.substr(at_, end - at_);
        at_ = end + 2;
        if (at_ > 64 * 1024 || at_ == input_.size()) {
          input_.erase(0, at_);
          at_ = 0;
        }
        return line;
      }
      searched = input_.size();
      if (input_.size() - at_ > max_bytes || !fill()) return std::nullopt;
    }
  }

  /// Replies leave when there is nothing more to read: those of a pipelined group together.
  bool fill() {
    flush();
    if (closed_) return false;
    pollfd waiting{socket_, POLLIN, 0};
    if (poll(&waiting, 1, kIdleMs) <= 0) return false;
    char buffer[16 * 1024];
    const ssize_t n = recv(socket_, buffer, sizeof buffer, 0);
    if (n < 0 && errno == EINTR) return true;
    if (n <= 0) return false;
    input_.append(buffer, static_cast<size_t>(n));
    return true;
  }

  void reply(std::string_view text) {
    if ((text[0] == '4' || text[0] == '5') && ++failures_ > options().max_failures) closed_ = true;
    output_ += text;
    output_ += "\r\n";
  }

  void flush() {
    std::string_view left = output_;
    while (!left.empty()) {
      const ssize_t n = send(socket_, left.data(), left.size(), MSG_NOSIGNAL);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) {
        closed_ = true;
        break;
      }
      left.remove_prefix(static_cast<size_t>(n));
    }
    output_.clear();
  }

  int socket_;
  uint64_t number_;
  Handlers& handlers_;
  std::string input_;
  size_t at_ = 0;  // of what is not read yet
  std::string output_;
  ReceivedMail mail_;
  bool open_ = false;
  bool closed_ = false;
  size_t failures_ = 0;
};

}  // namespace

struct SmtpSink::Impl {
  struct Connection {
    int socket = -1;  // guarded by mutex; -1 once closed
    std::atomic<bool> finished{false};
    std::thread thread;
  };

  Handlers handlers;
  int listener = -1;
  int stop_event = -1;
  uint16_t port = 0;
  std::atomic<uint64_t> accepted{0};
  std::mutex mutex;
  std::list<Connection> connections;
  std::thread acceptor;

  void listen_on(const std::string& host, uint16_t wanted) {
    sockaddr_in6 address{};
    auto& v4 = reinterpret_cast<sockaddr_in&>(address);
    socklen_t length = sizeof v4;
    if (inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
      v4.sin_family = AF_INET;
      v4.sin_port = htons(wanted);
    } else if (inet_pton(AF_INET6, host.c_str(), &address.sin6_addr) == 1) {
      address.sin6_family = AF_INET6;
      address.sin6_port = htons(wanted);
      length = sizeof address;
    } else {
      throw Error::invalid("host", "is not an IP address");
    }
    listener = socket(address.sin6_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int yes = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (listener < 0 || bind(listener, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
        listen(listener, 128) != 0 ||
        getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
      const std::string reason = std::to_string(errno);
      if (listener >= 0) close(listener);
      throw Error(ErrorCode::kUnavailable,
                  "The mail port " + std::to_string(wanted) + " is not free", "errno " + reason);
    }
    port = ntohs(address.sin6_port);  // at the same place in both
    stop_event = eventfd(0, EFD_CLOEXEC);
  }

  void accept_loop() {
    while (true) {
      pollfd waiting[2] = {{listener, POLLIN, 0}, {stop_event, POLLIN, 0}};
      if (poll(waiting, 2, -1) < 0 && errno != EINTR) return;
      if (waiting[1].revents) return;
      if (!(waiting[0].revents & POLLIN)) continue;
      const int socket = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket >= 0) start(socket);
    }
  }

  void start(int socket) {
    const int yes = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    const std::lock_guard lock(mutex);
    connections.remove_if([](Connection& one) {
      if (!one.finished) return false;
      one.thread.join();
      return true;
    });
    if (connections.size() >= handlers.options.max_connections) {
      constexpr std::string_view kBusy = "421 4.3.2 too many connections\r\n";
      (void)!::send(socket, kBusy.data(), kBusy.size(), MSG_NOSIGNAL);
      close(socket);
      return;
    }
    const uint64_t number = ++accepted;
    Connection& connection = connections.emplace_back();
    connection.socket = socket;
    connection.thread = std::thread([this, &connection, socket, number] {
      Session(socket, number, handlers).run();
      const std::lock_guard closing(mutex);
      close(socket);
      connection.socket = -1;
      connection.finished = true;
    });
  }

  void shut_all() {
    const std::lock_guard lock(mutex);
    for (auto& connection : connections) {
      if (connection.socket >= 0) shutdown(connection.socket, SHUT_RDWR);
    }
  }
};

SmtpSink::SmtpSink(uint16_t port, OnMail on_mail, OnRecipient on_recipient)
    : SmtpSink(SmtpSinkOptions{.port = port}, std::move(on_mail), std::move(on_recipient)) {}

SmtpSink::SmtpSink(SmtpSinkOptions options, OnMail on_mail, OnRecipient on_recipient)
    : impl_(std::make_unique<Impl>()) {
  impl_->handlers.on_mail = std::move(on_mail);
  impl_->handlers.on_recipient = std::move(on_recipient);
  impl_->listen_on(options.host, options.port);
  impl_->handlers.options = std::move(options);
  impl_->acceptor = std::thread([impl = impl_.get()] { impl->accept_loop(); });
}

SmtpSink::~SmtpSink() {
  const uint64_t one = 1;
  (void)!write(impl_->stop_event, &one, sizeof one);
  impl_->acceptor.join();
  impl_->shut_all();
  for (auto& connection : impl_->connections) connection.thread.join();
  close(impl_->listener);
  close(impl_->stop_event);
}

uint16_t SmtpSink::port() const {
  return impl_->port;
}
uint64_t SmtpSink::connections() const {
  return impl_->accepted;
}
uint64_t SmtpSink::messages() const {
  return impl_->handlers.messages;
}
void SmtpSink::drop_connections() {
  impl_->shut_all();
}

}  // namespace rapport
