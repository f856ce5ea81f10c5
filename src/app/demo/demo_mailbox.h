// The demo customers' mailbox: a real SMTP receiver, and what a mail program finds in each message.
//
// The receiver runs on threads of its own; `wait_for` and `take` may be called from any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "mail/smtp_sink.h"

namespace rapport::demo {

/// Paths are those of the program's address ("/t/o/…"), empty when the message has no such link.
struct DemoMail {
  std::string to;
  std::string subject;
  std::string html;
  std::string open_path;
  std::string click_path;
  std::string unsubscribe_path;
  bool one_click = false;  // RFC 8058: List-Unsubscribe-Post says so
};

/// What a mail program finds in a raw message.
DemoMail read_demo_mail(std::string recipient, std::string_view data);

class DemoMailbox {
 public:
  /// Port 0 picks a free one. Throws Error(kUnavailable) when the port is taken.
  explicit DemoMailbox(uint16_t port);

  uint16_t port() const { return sink_->port(); }
  /// Waits until `count` messages are there or `patience` is over; returns how many are.
  size_t wait_for(size_t count, std::chrono::milliseconds patience);
  /// Gives up the messages so far.
  std::vector<DemoMail> take();

 private:
  std::string keep(const ReceivedMail& mail);

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<DemoMail> mails_;
  std::unique_ptr<SmtpSink> sink_;  // last: its threads use the members above
};

}  // namespace rapport::demo
