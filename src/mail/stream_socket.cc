#include "mail/stream_socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace rapport {
namespace {

constexpr size_t kReadChunk = 16 * 1024;

/// OpenSSL writes without MSG_NOSIGNAL, and SIGPIPE's default ends the process. While this lives
/// the calling thread does not get one; other threads and the process's handler are untouched.
class WithoutSigpipe {
 public:
  WithoutSigpipe() {
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    sigemptyset(&set_);
    sigaddset(&set_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &set_, &before_);
  }
  ~WithoutSigpipe() {
    const timespec no_wait{};
    while (!was_pending_ && sigtimedwait(&set_, nullptr, &no_wait) == SIGPIPE) {
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  WithoutSigpipe(const WithoutSigpipe&) = delete;
  WithoutSigpipe& operator=(const WithoutSigpipe&) = delete;

 private:
  sigset_t set_;
  sigset_t before_;
  bool was_pending_ = false;
};

struct ContextDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct SslDeleter {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
struct AddressesDeleter {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};

std::string error_text(int code) {
  return std::generic_category().message(code);
}

std::string tls_error_text() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "the connection broke";
  char text[256];
  ERR_error_string_n(code, text, sizeof text);
  return text;
}

bool is_address(const std::string& host) {
  unsigned char bytes[16];
  return inet_pton(AF_INET, host.c_str(), bytes) == 1 ||
         inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

}  // namespace

struct StreamSocket::Impl {
  int fd = -1;
  std::unique_ptr<SSL_CTX, ContextDeleter> context;
  std::unique_ptr<SSL, SslDeleter> ssl;
  std::string input;
  size_t at = 0;
  std::string reason;

  bool fail(std::string text) {
    if (reason.empty()) reason = std::move(text);
    return false;
  }

  bool wait(short events, Time deadline) {
    while (true) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
          deadline - std::chrono::steady_clock::now());
      if (left.count() <= 0) return fail("timed out");
      pollfd waiting{fd, events, 0};
      const int ready =
          poll(&waiting, 1, static_cast<int>(std::min<int64_t>(left.count() + 1, 60'000)));
      if (ready > 0) return true;
      if (ready < 0 && errno != EINTR) return fail(error_text(errno));
    }
  }

  bool connect_one(const addrinfo& address, Time deadline) {
    fd = socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return fail(error_text(errno));
    const int yes = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (::connect(fd, address.ai_addr, address.ai_addrlen) == 0) return true;
    if (errno != EINPROGRESS) return fail(error_text(errno));
    if (!wait(POLLOUT, deadline)) return false;
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    return error == 0 || fail(error_text(error));
  }

  /// What to wait for after `result` of an SSL call; 0 when it failed for good.
  short tls_wants(int result) const {
    const int error = SSL_get_error(ssl.get(), result);
    return error == SSL_ERROR_WANT_READ    ? static_cast<short>(POLLIN)
           : error == SSL_ERROR_WANT_WRITE ? static_cast<short>(POLLOUT)
                                           : static_cast<short>(0);
  }

  bool hand_shake(Time deadline) {
    while (true) {
      ERR_clear_error();
      const int result = SSL_connect(ssl.get());
      if (result == 1) return true;
      const short wanted = tls_wants(result);
      if (wanted == 0) {
        const long verified = SSL_get_verify_result(ssl.get());
        return fail(verified == X509_V_OK
                        ? "TLS: " + tls_error_text()
                        : std::string("TLS: ") + X509_verify_cert_error_string(verified));
      }
      if (!wait(wanted, deadline)) return false;
    }
  }

  bool fill(Time deadline) {
    if (at == input.size()) {
      input.clear();
      at = 0;
    } else if (at > kReadChunk) {
      input.erase(0, at);
      at = 0;
    }
    char buffer[kReadChunk];
    while (true) {
      ssize_t count = 0;
      short wanted = POLLIN;
      if (ssl) {
        const WithoutSigpipe guard;
        ERR_clear_error();
        count = SSL_read(ssl.get(), buffer, sizeof buffer);
        if (count <= 0) {
          wanted = tls_wants(static_cast<int>(count));
          if (wanted == 0) return fail("the connection was closed");
        }
      } else {
        if (!wait(POLLIN, deadline)) return false;
        count = recv(fd, buffer, sizeof buffer, 0);
        if (count == 0) return fail("the connection was closed");
        if (count < 0 && errno != EAGAIN && errno != EINTR) return fail(error_text(errno));
      }
      if (count > 0) {
        input.append(buffer, static_cast<size_t>(count));
        return true;
      }
      if (ssl && !wait(wanted, deadline)) return false;
    }
  }
};

StreamSocket::StreamSocket() : impl_(std::make_unique<Impl>()) {}
StreamSocket::~StreamSocket() {
  close();
}

bool StreamSocket::connect(const std::string& host, uint16_t port, Time deadline) {
  close();
  impl_->reason.clear();
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG;
  if (is_address(host)) hints.ai_flags = AI_NUMERICSERV | AI_NUMERICHOST;
  addrinfo* found = nullptr;
  const int result = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (result != 0) return impl_->fail("the name cannot be resolved");
  const std::unique_ptr<addrinfo, AddressesDeleter> addresses(found);
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    impl_->reason.clear();
    if (impl_->connect_one(*one, deadline)) return true;
    const std::string reason = impl_->reason;
    close();
    impl_->reason = "cannot connect: " + reason;
  }
  return false;
}

void StreamSocket::adopt(int socket) {
  close();
  impl_->reason.clear();
  impl_->fd = socket;
  fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK);
}

bool StreamSocket::start_tls(const std::string& host, const std::string& ca_file, bool verify,
                             Time deadline) {
  // Whatever came before the handshake was not protected by it, and must not be read as if it were.
  if (has_unread()) return impl_->fail("TLS: the server spoke before the handshake");
  impl_->context.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* context = impl_->context.get();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  if (verify) {
    const int loaded = ca_file.empty()
                           ? SSL_CTX_set_default_verify_paths(context)
                           : SSL_CTX_load_verify_locations(context, ca_file.c_str(), nullptr);
    if (loaded != 1) return impl_->fail("TLS: the certificates to trust cannot be read");
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  }
  impl_->ssl.reset(SSL_new(context));
  SSL* ssl = impl_->ssl.get();
  SSL_set_fd(ssl, impl_->fd);
  if (is_address(host)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str());
  } else {
    SSL_set_tlsext_host_name(ssl, host.c_str());
    SSL_set1_host(ssl, host.c_str());
  }
  const WithoutSigpipe guard;
  return impl_->hand_shake(deadline);
}

bool StreamSocket::is_tls() const {
  return impl_->ssl != nullptr;
}

bool StreamSocket::write(std::string_view bytes, Time deadline) {
  if (!is_open()) return impl_->fail("not connected");
  while (!bytes.empty()) {
    ssize_t count = 0;
    short wanted = POLLOUT;
    if (impl_->ssl) {
      const WithoutSigpipe guard;
      ERR_clear_error();
      const int size = static_cast<int>(std::min<size_t>(bytes.size(), 1 << 20));
      count = SSL_write(impl_->ssl.get(), bytes.data(), size);
      if (count <= 0) {
        wanted = impl_->tls_wants(static_cast<int>(count));
        if (wanted == 0) return impl_->fail("the connection was closed");
      }
    } else {
      count = send(impl_->fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count < 0 && errno != EAGAIN && errno != EINTR) return impl_->fail(error_text(errno));
    }
    if (count > 0) {
      bytes.remove_prefix(static_cast<size_t>(count));
    } else if (!impl_->wait(wanted, deadline)) {
      return false;
    }
  }
  return true;
}

std::optional<std::string> StreamSocket::read_line(size_t max_bytes, Time deadline) {
  size_t searched = impl_->at;
  while (true) {
    const size_t end = impl_->input.find('\n', searched);
    const size_t length = (end == std::string::npos ? impl_->input.size() : end) - impl_->at;
    if (length > max_bytes) {
      impl_->fail("a line is too long");
      return std::nullopt;
    }
    if (end != std::string::npos) {
      std::string line = impl_->input.substr(impl_->at, length);
      impl_->at = end + 1;
      if (line.ends_with('\r')) line.pop_back();
      return line;
    }
    const size_t unread = impl_->input.size() - impl_->at;
    if (!is_open() || !impl_->fill(deadline)) return std::nullopt;
    searched = impl_->at + unread;
  }
}

std::optional<std::string> StreamSocket::read_bytes(size_t size, Time deadline) {
  while (impl_->input.size() - impl_->at < size) {
    if (!is_open() || !impl_->fill(deadline)) return std::nullopt;
  }
  std::string bytes = impl_->input.substr(impl_->at, size);
  impl_->at += size;
  return bytes;
}

bool StreamSocket::is_stale() {
  if (!is_open() || has_unread()) return true;
  pollfd waiting{impl_->fd, POLLIN, 0};
  return poll(&waiting, 1, 0) != 0;
}

bool StreamSocket::has_unread() const {
  return impl_->at < impl_->input.size();
}
bool StreamSocket::is_open() const {
  return impl_->fd >= 0;
}
const std::string& StreamSocket::reason() const {
  return impl_->reason;
}

void StreamSocket::close() {
  if (impl_->ssl) {
    const WithoutSigpipe guard;
    SSL_shutdown(impl_->ssl.get());
    impl_->ssl.reset();
  }
  if (impl_->fd >= 0) ::close(impl_->fd);
  impl_->fd = -1;
  impl_->input.clear();
  impl_->at = 0;
}

}  // namespace rapport
