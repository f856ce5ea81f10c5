#include "mail/smtp_client.h"

#include <curl/curl.h>
#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <cctype>
#include <mutex>
#include <optional>

#include "base/error.h"
#include "base/text.h"
#include "mail/address.h"

namespace rapport {
namespace {

constexpr size_t kMaxReplyText = 300;

void global_init() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

/// One printable line of a server's reply.
std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
  }
  out = std::string(trim(out));
  if (!is_valid_utf8(out)) {
    for (char& c : out) c = static_cast<unsigned char>(c) >= 0x80 ? '?' : c;
  }
  return std::string(utf8_prefix(out, kMaxReplyText));
}

struct Reply {
  int code = 0;
  std::string text;
};

/// "550 5.1.1 no such user" or "250-SIZE"; null when it is no reply line.
std::optional<Reply> parse_reply(std::string_view line) {
  if (line.size() < 3) return std::nullopt;
  for (size_t i = 0; i < 3; ++i) {
    if (line[i] < '0' || line[i] > '9') return std::nullopt;
  }
  if (line.size() > 3 && line[3] != ' ' && line[3] != '-' && line[3] != '\r' && line[3] != '\n') {
    return std::nullopt;
  }
  const int code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
  return Reply{code, printable(line.size() > 4 ? line.substr(4) : std::string_view())};
}

/// RFC 3463 "class.subject.detail" at the front of a reply's text.
std::string enhanced_code_of(std::string_view text) {
  const std::string_view word = text.substr(0, text.find(' '));
  const auto parts = split(word, '.');
  if (parts.size() != 3 || parts[0].size() != 1 ||
      std::string_view("245").find(parts[0][0]) == std::string_view::npos) {
    return {};
  }
  for (const std::string_view part : parts) {
    const auto number = parse_int(part);
    if (!number || *number < 0 || part.size() > 3 || part[0] == '+') return {};
  }
  return std::string(word);
}

/// What curl reads from while it sends the message, and what the server answered meanwhile.
struct Transfer {
  std::string_view data;
  size_t sent = 0;
  Reply last;
  Reply failure;  // code 0 when the latest command did not fail
};

size_t read_data(char* buffer, size_t size, size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const size_t n = std::min(size * count, transfer.data.size() - transfer.sent);
  std::copy_n(transfer.data.data() + transfer.sent, n, buffer);
  transfer.sent += n;
  return n;
}

/// Server replies arrive here, a line at a time.
size_t on_reply_line(char* line, size_t size, size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (const auto reply = parse_reply({line, size * count})) {
    // A refusal stands until a command succeeds (EHLO refused, HELO taken); the answer to QUIT,
    // 221, is only clean-up.
    transfer.last = *reply;
    if (reply->code >= 400) {
      transfer.failure = *reply;
    } else if (reply->code != 221) {
      transfer.failure = {};
    }
  }
  return size * count;
}

size_t discard(char*, size_t size, size_t count, void*) {
  return size * count;
}

void check(const SmtpConfig& config) {
  const auto bad_host = [](char c) {
    return !(std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-');
  };
  if (config.host.empty() || config.host.size() > 253 ||
      std::any_of(config.host.begin(), config.host.end(), bad_host)) {
    throw Error::invalid("host", "not a host name or IPv4 address");
  }
  if (config.port == 0) throw Error::invalid("port", "must be 1 to 65535");
  if (std::any_of(config.helo_name.begin(), config.helo_name.end(), bad_host)) {
    throw Error::invalid("helo_name", "not a host name");
  }
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20; };
  for (const auto& [field, value] :
       {std::pair<const char*, const std::string&>("username", config.username),
        {"password", config.password}}) {
    if (std::any_of(value.begin(), value.end(), control)) {
      throw Error::invalid(field, "control characters are not allowed");
    }
  }
}

/// RFC 5321 forbids bare CR and LF, and servers that read them loosely can be tricked into seeing a
/// second message.
bool has_bare_line_ends(std::string_view data) {
  for (size_t i = 0; i < data.size(); ++i) {
    if (data[i] == '\n' && (i == 0 || data[i - 1] != '\r')) return true;
    if (data[i] == '\r' && (i + 1 == data.size() || data[i + 1] != '\n')) return true;
  }
  return false;
}

/// Wrong or missing credentials are this installation's trouble, not the message's.
bool is_sign_in_problem(int code) {
  return code == 530 || code == 534 || code == 535 || code == 538;
}

/// Writing TLS to a peer that has gone raises SIGPIPE, whose default ends the process. While this
/// lives the calling thread does not get one; other threads and the process's handler are
/// untouched.
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

SmtpOutcome refused(std::string text) {
  return {SmtpStatus::kPermanent, 0, {}, std::move(text)};
}

}  // namespace

std::string_view smtp_status_name(SmtpStatus status) {
  switch (status) {
    case SmtpStatus::kAccepted:
      return "accepted";
    case SmtpStatus::kTransient:
      return "transient";
    case SmtpStatus::kPermanent:
      return "permanent";
    case SmtpStatus::kConnection:
      return "connection";
  }
  return "connection";
}

struct SmtpClient::Impl {
  SmtpConfig config;
  CURL* curl = nullptr;
  std::string url;
  std::string error = std::string(CURL_ERROR_SIZE, '\0');
  long connections = 0;

  explicit Impl(SmtpConfig given) : config(std::move(given)) {
    check(config);
    global_init();
    curl = curl_easy_init();
    if (!curl) throw Error(ErrorCode::kInternal, "E-mail cannot be sent", "curl_easy_init failed");
    const std::string helo = config.helo_name.empty() ? "localhost" : config.helo_name;
    url = std::string(config.security == SmtpSecurity::kTls ? "smtps" : "smtp") + "://" +
          config.host + ":" + std::to_string(config.port) + "/" + helo;
    set_fixed_options();
  }
  ~Impl() {
    const WithoutSigpipe guard;  // it says QUIT to the server
    curl_easy_cleanup(curl);
  }

  void set_fixed_options() {
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");  // no proxy, whatever the environment says
    curl_easy_setopt(curl, CURLOPT_NETRC, CURL_NETRC_IGNORED);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error.data());
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                     static_cast<long>(config.connect_timeout.count()));
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(config.deadline.count()));
    curl_easy_setopt(curl, CURLOPT_USE_SSL,
                     static_cast<long>(config.security == SmtpSecurity::kNone ? CURLUSESSL_NONE
                                                                              : CURLUSESSL_ALL));
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!config.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, config.ca_file.c_str());
    if (!config.username.empty()) {
      curl_easy_setopt(curl, CURLOPT_USERNAME, config.username.c_str());
      curl_easy_setopt(curl, CURLOPT_PASSWORD, config.password.c_str());
    }
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, read_data);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_reply_line);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, discard);
  }

  SmtpOutcome perform(const std::string& from, const std::string& to, std::string_view mime) {
    const WithoutSigpipe guard;
    Transfer transfer;
    transfer.data = mime;
    const std::string sender = "<" + from + ">";
    curl_slist* recipients = curl_slist_append(nullptr, ("<" + to + ">").c_str());
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, sender.c_str());
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients);
    curl_easy_setopt(curl, CURLOPT_READDATA, &transfer);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &transfer);
    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(mime.size()));
    std::fill(error.begin(), error.end(), '\0');
    const CURLcode result = curl_easy_perform(curl);
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, nullptr);
    curl_slist_free_all(recipients);
    long opened = 0;
    if (curl_easy_getinfo(curl, CURLINFO_NUM_CONNECTS, &opened) == CURLE_OK) connections += opened;
    return outcome(result, transfer);
  }

  SmtpOutcome outcome(CURLcode result, const Transfer& transfer) const {
    const Reply& reply = result == CURLE_OK ? transfer.last : transfer.failure;
    SmtpOutcome out;
    out.reply_code = reply.code;
    out.text = reply.text;
    out.enhanced_code = enhanced_code_of(reply.text);
    if (result == CURLE_OK) {
      out.status = SmtpStatus::kAccepted;
    } else if (reply.code / 100 == 4) {
      out.status = SmtpStatus::kTransient;
    } else if (reply.code / 100 == 5 && !is_sign_in_problem(reply.code)) {
      out.status = SmtpStatus::kPermanent;
    } else {
      out.status = SmtpStatus::kConnection;
      if (out.text.empty())
        out.text = printable(error[0] ? error.c_str() : curl_easy_strerror(result));
    }
    return out;
  }
};

SmtpClient::SmtpClient(SmtpConfig config) : impl_(std::make_unique<Impl>(std::move(config))) {}
SmtpClient::~SmtpClient() = default;

long SmtpClient::connections_opened() const {
  return impl_->connections;
}

SmtpOutcome SmtpClient::send(const std::string& envelope_from, const std::string& recipient,
                             std::string_view mime) {
  if (const auto problem = address_problem(envelope_from)) return refused("sender: " + *problem);
  if (const auto problem = address_problem(recipient)) return refused("recipient: " + *problem);
  if (mime.empty() || has_bare_line_ends(mime)) {
    return refused("the message is empty or has line ends other than CRLF");
  }
  return impl_->perform(envelope_from, recipient, mime);
}

}  // namespace rapport
