// A small SMTP receiver: the listener for mail that comes back, the demo's "customers' mailboxes",
// and the far end of tests.
//
// Speaks EHLO, HELO, MAIL, RCPT, DATA, RSET, NOOP, VRFY, QUIT with PIPELINING, 8BITMIME and SIZE;
// many messages on a connection, one thread each. It offers neither TLS nor AUTH. A message over
// the size is refused when it says so beforehand, else read on and refused, and the connection ends
// when it goes on past twice the size. Messages are handed over one at a time, in whatever thread
// received them, before the 250 goes out; the callback's answer is the reply to DATA.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>
#include "base/limits/mail.h"

#include "base/limits.h"

namespace rapport {

struct ReceivedMail {
  std::string envelope_from;
  std::vector<std::string> recipients;
  std::string data;         // as sent, dot-stuffing removed, CRLF kept
  uint64_t connection = 0;  // number of the connection, from 1
};

struct SmtpSinkOptions {
  std::string host = "127.0.0.1";
  uint16_t port = 0;  // 0 picks a free one
  std::string name = "localhost";
  size_t max_message_bytes = limits::kMaxMailBytes;
  size_t max_recipients = limits::kMaxMailRecipients;
  size_t max_connections = limits::kMaxMailConnections;
  size_t max_failures = 1'000;  // refused commands of one connection, then it ends
};

class SmtpSink {
 public:
  /// Returns the reply line without CRLF ("451 4.3.0 try later"); empty means "250 2.0.0 accepted".
  using OnMail = std::function<std::string(ReceivedMail)>;
  /// Asked at RCPT; same convention. May be empty: everyone is known.
  using OnRecipient = std::function<std::string(const std::string& recipient)>;

  /// Listens at once; port 0 picks a free one. Throws kUnavailable when the port is taken.
  SmtpSink(uint16_t port, OnMail on_mail, OnRecipient on_recipient = {});
  /// Throws kInvalidArgument when the host is no IPv4 or IPv6 address.
  SmtpSink(SmtpSinkOptions options, OnMail on_mail, OnRecipient on_recipient = {});
  /// Stops and joins.
  ~SmtpSink();
  SmtpSink(const SmtpSink&) = delete;
  SmtpSink& operator=(const SmtpSink&) = delete;

  uint16_t port() const;
  uint64_t connections() const;
  uint64_t messages() const;
  /// Closes every open connection, as a crashing server would; keeps listening.
  void drop_connections();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rapport
