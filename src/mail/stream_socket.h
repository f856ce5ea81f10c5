// StreamSocket: a TCP connection for text protocols (SMTP, IMAP), in clear or TLS, with deadlines.
//
// Blocking calls, each ended by its deadline; not thread-safe. What a peer sends is bounded: a line
// longer than the caller allows ends the connection. Certificates are verified against the system's
// store or a file, with the host's name. Failures are values with a reason, nothing throws.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace rapport {

class StreamSocket {
 public:
  using Time = std::chrono::steady_clock::time_point;

  StreamSocket();
  ~StreamSocket();
  StreamSocket(const StreamSocket&) = delete;
  StreamSocket& operator=(const StreamSocket&) = delete;

  /// Tries the host's addresses in turn. False with `reason()`.
  bool connect(const std::string& host, uint16_t port, Time deadline);
  /// Takes over an accepted socket.
  void adopt(int socket);
  /// TLS from here on, at least 1.2. Fails when the peer has sent anything before it. Without
  /// `verify` any certificate will do.
  bool start_tls(const std::string& host, const std::string& ca_file, bool verify, Time deadline);
  bool is_tls() const;

  bool write(std::string_view bytes, Time deadline);
  /// A line without its CRLF (or LF); null at the end, the deadline, or after `max_bytes`.
  std::optional<std::string> read_line(size_t max_bytes, Time deadline);
  /// Exactly `size` bytes.
  std::optional<std::string> read_bytes(size_t size, Time deadline);

  /// Something unexpected waits to be read, or the peer has gone: not to be used again.
  bool is_stale();
  bool has_unread() const;
  bool is_open() const;
  void close();
  const std::string& reason() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rapport
