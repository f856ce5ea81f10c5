#include "app/demo/demo_mailbox.h"

#include "base/text.h"
#include "mail/mime_reader.h"

namespace rapport::demo {
namespace {

/// From `prefix` up to what ends an address in HTML, text or a header.
std::string find_path(std::string_view text, std::string_view prefix) {
  const size_t begin = text.find(prefix);
  if (begin == std::string_view::npos) return {};
  const size_t end = text.find_first_of("\"'<> \r\n\t,", begin);
  return std::string(text.substr(begin, end == std::string_view::npos ? end : end - begin));
}

}  // namespace

DemoMail read_demo_mail(std::string recipient, std::string_view data) {
  const ParsedMail parsed = parse_mail(data);
  DemoMail mail;
  mail.to = std::move(recipient);
  mail.subject = parsed.header("subject");
  mail.html = parsed.html;
  mail.open_path = find_path(parsed.html, "/t/o/");
  mail.click_path = find_path(parsed.html, "/t/c/");
  mail.unsubscribe_path = find_path(parsed.header("list-unsubscribe"), "/t/u/");
  mail.one_click = equals_ignore_case(trim(parsed.header("list-unsubscribe-post")),
                                      "List-Unsubscribe=One-Click");
  return mail;
}

DemoMailbox::DemoMailbox(uint16_t port)
    : sink_(std::make_unique<SmtpSink>(port, [this](ReceivedMail mail) { return keep(mail); })) {}

std::string DemoMailbox::keep(const ReceivedMail& received) {
  {
    const std::lock_guard lock(mutex_);
    for (const std::string& recipient : received.recipients) {
      mails_.push_back(read_demo_mail(recipient, received.data));
    }
  }
  arrived_.notify_all();
  return {};
}

size_t DemoMailbox::wait_for(size_t count, std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  arrived_.wait_for(lock, patience, [&] { return mails_.size() >= count; });
  return mails_.size();
}

std::vector<DemoMail> DemoMailbox::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(mails_, {});
}

}  // namespace rapport::demo
