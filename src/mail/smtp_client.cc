#include "mail/smtp_client.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <set>

#include "base/error.h"
#include "base/limits/delivery.h"
#include "base/text.h"
#include "mail/address.h"
#include "mail/stream_socket.h"

namespace rapport {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

SteadyTime now() {
  return std::chrono::steady_clock::now();
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
  char before = '\0';
  for (const char c : data) {
    if ((before == '\r') != (c == '\n')) return true;
    before = c;
  }
  return before == '\r';
}

bool has_high_bytes(std::string_view data) {
  return std::any_of(data.begin(), data.end(),
                     [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

/// Wrong or missing credentials are this installation's trouble, not the message's.
bool is_sign_in_problem(int code) {
  return code == 530 || code == 534 || code == 535 || code == 538;
}

std::string hmac_md5_hex(std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned int size = 0;
  HMAC(EVP_md5(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), bytes.data(), &size);
  return hex_encode({reinterpret_cast<const char*>(bytes.data()), size});
}

/// What EHLO was answered with.
struct Offers {
  bool pipelining = false;
  bool eight_bit = false;
  bool size = false;
  bool start_tls = false;
  uint64_t max_size = 0;  // 0: not told
  std::set<std::string> auth;

  void read(std::string_view line) {
    const std::string lower = to_lower_ascii(line);
    const auto words = split(lower, ' ');
    if (words[0] == "pipelining") pipelining = true;
    if (words[0] == "8bitmime") eight_bit = true;
    if (words[0] == "starttls") start_tls = true;
    if (words[0] == "size") {
      size = true;
      const auto value = words.size() > 1 ? parse_int(words[1]) : std::nullopt;
      if (value && *value > 0) max_size = static_cast<uint64_t>(*value);
    }
    // "AUTH=LOGIN" is what some old servers write.
    if (words[0].starts_with("auth=")) auth.emplace(words[0].substr(5));
    if (words[0].starts_with("auth")) {
      for (size_t i = 1; i < words.size(); ++i) auth.emplace(words[i]);
    }
  }
};

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
  return "";
}

std::string_view smtp_phase_name(SmtpPhase phase) {
  constexpr std::array<std::string_view, 9> kNames = {
      "connect", "greeting", "hello", "tls", "auth", "mail", "recipient", "data", "dot"};
  return kNames.at(static_cast<size_t>(phase));
}

std::string dot_stuffed(std::string_view mime) {
  std::string out;
  out.reserve(mime.size() + 64);
  if (mime.starts_with('.')) out += '.';
  size_t at = 0;
  while (true) {
    const size_t dot = mime.find("\n.", at);
    if (dot == std::string_view::npos) break;
    out.append(mime, at, dot + 2 - at);
    out += '.';
    at = dot + 2;
  }
  out.append(mime, at);
  out += mime.ends_with("\r\n") ? ".\r\n" : "\r\n.\r\n";
  return out;
}

struct SmtpClient::Impl {
  SmtpConfig config;
  StreamSocket socket;
  Offers offers;
  long connections = 0;
  size_t messages = 0;  // on this connection
  SteadyTime last_used{};
  SteadyTime deadline{};
  SmtpPhase phase = SmtpPhase::kConnect;
  bool tls_refused = false;  // this server cannot, or its handshake failed; kOpportunistic only

  explicit Impl(SmtpConfig given) : config(std::move(given)) { check(config); }
  ~Impl() {
    // A word of farewell; nobody waits for the answer.
    if (socket.is_open() && !socket.is_stale()) {
      socket.write("QUIT\r\n", now() + std::chrono::milliseconds(200));
    }
  }

  /// After the last dot the server may take its time: to give up then means to send twice.
  SteadyTime reply_deadline() const {
    return phase == SmtpPhase::kDot ? deadline : std::min(deadline, now() + config.command_timeout);
  }

  SmtpOutcome refusal(const SmtpReply& reply) const {
    SmtpOutcome out;
    out.phase = phase;
    out.reply_code = reply.code;
    out.text = reply.text;
    out.enhanced_code = enhanced_code_of(reply.text);
    out.failure = classify_failure(reply.code, out.enhanced_code, reply.text);
    if (is_sign_in_problem(reply.code)) {
      out.status = SmtpStatus::kConnection;
      out.failure = MailFailure::kSignIn;
    } else {
      out.status = reply.code / 100 == 5 ? SmtpStatus::kPermanent : SmtpStatus::kTransient;
    }
    return out;
  }

  SmtpOutcome broken(std::string text) {
    SmtpOutcome out;
    out.phase = phase;
    out.text = printable_line(text);
    if (out.text.empty()) out.text = "the connection broke";
    out.failure = MailFailure::kUnreachable;
    socket.close();
    return out;
  }

  SmtpOutcome local_refusal(std::string text, MailFailure failure) const {
    SmtpOutcome out;
    out.status = SmtpStatus::kPermanent;
    out.phase = phase;
    out.text = std::move(text);
    out.failure = failure;
    return out;
  }

  /// A whole reply; null when there is none that makes sense. `each` sees every line's text.
  template <class Each>
  std::optional<SmtpReply> read_reply(Each each) {
    SmtpReply whole;
    const SteadyTime until = reply_deadline();
    for (size_t lines = 0; lines < limits::kMaxSmtpReplyLines; ++lines) {
      const auto line = socket.read_line(limits::kMaxSmtpReplyLineBytes, until);
      if (!line) return std::nullopt;
      const auto reply = parse_smtp_reply_line(*line);
      if (!reply || (lines > 0 && reply->code != whole.code)) return std::nullopt;
      each(reply->text);
      whole.code = reply->code;
      // The last line carries the code again; of several, all words count for people.
      if (whole.text.empty()) {
        whole.text = reply->text;
      } else if (whole.text.size() + reply->text.size() < limits::kMaxSmtpReplyLineBytes) {
        whole.text += " " + reply->text;
      }
      if (reply->last) return whole;
    }
    return std::nullopt;
  }
  std::optional<SmtpReply> read_reply() {
    return read_reply([](const std::string&) {});
  }

  std::string why(const char* what) const {
    return std::string(smtp_phase_name(phase)) + ": " +
           (socket.reason().empty() ? what : socket.reason());
  }

  std::optional<SmtpReply> command(std::string_view line) {
    if (!socket.write(std::string(line) + "\r\n", reply_deadline())) return std::nullopt;
    return read_reply();
  }

  /// Null when the session is ready for MAIL.
  std::optional<SmtpOutcome> open() {
    if (config.security == SmtpSecurity::kOpportunistic) {
      auto failed = open_once(!tls_refused);
      if (failed && phase == SmtpPhase::kTls) {
        tls_refused = true;
        failed = open_once(false);
      }
      return failed;
    }
    return open_once(config.security != SmtpSecurity::kNone);
  }

  std::optional<SmtpOutcome> open_once(bool with_tls) {
    phase = SmtpPhase::kConnect;
    messages = 0;
    const SteadyTime until = std::min(deadline, now() + config.connect_timeout);
    if (!socket.connect(config.host, config.port, until)) return broken(socket.reason());
    ++connections;
    const bool verify = config.security != SmtpSecurity::kOpportunistic;
    if (config.security == SmtpSecurity::kTls) {
      phase = SmtpPhase::kTls;
      if (!socket.start_tls(config.host, config.ca_file, verify, until)) {
        return broken(socket.reason());
      }
    }
    phase = SmtpPhase::kGreeting;
    const auto greeting = read_reply();
    if (!greeting) return broken(why("the server does not speak SMTP"));
    if (greeting->code != 220) return give_up(*greeting);
    if (auto failed = hello()) return failed;
    if (with_tls && !socket.is_tls()) {
      if (auto failed = start_tls(verify)) return failed;
    }
    return config.username.empty() ? std::nullopt : sign_in();
  }

  SmtpOutcome give_up(const SmtpReply& reply) {
    SmtpOutcome out = refusal(reply);
    socket.close();
    return out;
  }

  std::optional<SmtpOutcome> hello() {
    phase = SmtpPhase::kHello;
    const std::string name = config.helo_name.empty() ? "localhost" : config.helo_name;
    offers = {};
    if (!socket.write("EHLO " + name + "\r\n", reply_deadline())) return broken(why("no answer"));
    auto reply = read_reply([this](const std::string& text) { offers.read(text); });
    if (reply && reply->code / 100 == 5) {
      offers = {};
      reply = command("HELO " + name);
    }
    if (!reply) return broken(why("no answer"));
    if (reply->code != 250) return give_up(*reply);
    return std::nullopt;
  }

  std::optional<SmtpOutcome> start_tls(bool verify) {
    if (!offers.start_tls) {
      if (config.security == SmtpSecurity::kOpportunistic) return std::nullopt;
      phase = SmtpPhase::kTls;
      return broken("the server does not offer TLS");
    }
    phase = SmtpPhase::kTls;
    const auto reply = command("STARTTLS");
    if (!reply) return broken(why("no answer"));
    if (reply->code != 220) return broken("STARTTLS refused: " + reply->text);
    if (!socket.start_tls(config.host, config.ca_file, verify, reply_deadline())) {
      return broken(socket.reason());
    }
    return hello();
  }

  std::optional<SmtpOutcome> sign_in() {
    phase = SmtpPhase::kAuth;
    const bool clear = !socket.is_tls() && config.security != SmtpSecurity::kNone;
    if (clear) return broken("signing in needs TLS, which the server does not offer");
    const bool token = config.auth == SmtpAuth::kXoauth2;
    const auto offered = [this](const char* name) { return offers.auth.count(name) > 0; };
    std::optional<SmtpReply> reply;
    if (token) {
      reply = auth_plainly("XOAUTH2", "user=" + config.username + "\x01" + "auth=Bearer " +
                                          config.password + "\x01\x01");
    } else if (!socket.is_tls() && offered("cram-md5")) {
      reply = auth_cram_md5();
    } else if (offered("plain")) {
      reply = auth_plainly(
          "PLAIN", std::string("\0", 1) + config.username + std::string("\0", 1) + config.password);
    } else if (offered("login")) {
      reply = auth_login();
    } else if (offered("cram-md5")) {
      reply = auth_cram_md5();
    } else {
      return broken("the server offers no way to sign in that is known here");
    }
    if (!reply) return broken(why("no answer"));
    if (reply->code == 235) return std::nullopt;
    if (reply->code == 334) reply = command("*");  // more is asked than there is to say
    return reply ? give_up(*reply) : broken(why("no answer"));
  }

  // The first answer goes after the challenge: some servers take no initial response.
  std::optional<SmtpReply> auth_plainly(const std::string& mechanism, const std::string& text) {
    const auto reply = command("AUTH " + mechanism);
    return reply && reply->code == 334 ? command(base64_encode(text)) : reply;
  }

  std::optional<SmtpReply> auth_login() {
    auto reply = command("AUTH LOGIN");
    if (reply && reply->code == 334) reply = command(base64_encode(config.username));
    if (reply && reply->code == 334) reply = command(base64_encode(config.password));
    return reply;
  }

  std::optional<SmtpReply> auth_cram_md5() {
    const auto reply = command("AUTH CRAM-MD5");
    if (!reply || reply->code != 334) return reply;
    const std::string challenge = base64_decode(trim(reply->text)).value_or("");
    return command(base64_encode(config.username + " " + hmac_md5_hex(config.password, challenge)));
  }

  std::string mail_command(const std::string& from, std::string_view mime, bool eight_bit) const {
    std::string line = "MAIL FROM:<" + from + ">";
    if (offers.size) line += " SIZE=" + std::to_string(mime.size());
    if (eight_bit) line += " BODY=8BITMIME";
    return line + "\r\n";
  }

  SmtpOutcome transfer(const std::string& from, const std::string& to, std::string_view mime) {
    phase = SmtpPhase::kMail;
    const bool eight_bit = has_high_bytes(mime);
    if (eight_bit && !offers.eight_bit) {
      return local_refusal("the server takes no 8-bit text", MailFailure::kOther);
    }
    if (offers.max_size > 0 && mime.size() > offers.max_size) {
      return local_refusal("the message is larger than the server takes", MailFailure::kSize);
    }
    const std::array<std::pair<SmtpPhase, std::string>, 3> commands{
        {{SmtpPhase::kMail, mail_command(from, mime, eight_bit)},
         {SmtpPhase::kRecipient, "RCPT TO:<" + to + ">\r\n"},
         {SmtpPhase::kData, "DATA\r\n"}}};
    if (offers.pipelining) {
      const std::string all = commands[0].second + commands[1].second + commands[2].second;
      if (!socket.write(all, reply_deadline())) return broken(why("no answer"));
    }
    std::optional<SmtpOutcome> refused;
    for (const auto& [step, line] : commands) {
      phase = step;
      if (!offers.pipelining && !socket.write(line, reply_deadline())) {
        return broken(why("no answer"));
      }
      const auto reply = read_reply();
      if (!reply)
        return refused && socket.is_open() ? close_with(*refused) : broken(why("no answer"));
      const int wanted = step == SmtpPhase::kData ? 3 : 2;
      if (reply->code / 100 != wanted && !refused) refused = refusal(*reply);
      if (refused && !offers.pipelining) return after_refusal(*refused);
      // A server that takes DATA without a recipient gets an empty message, which it will refuse.
      if (refused && step == SmtpPhase::kData && reply->code / 100 == 3) {
        if (!socket.write(".\r\n", reply_deadline()) || !read_reply()) return close_with(*refused);
      }
    }
    if (refused) return after_refusal(*refused);
    return send_data(mime);
  }

  SmtpOutcome close_with(SmtpOutcome outcome) {
    socket.close();
    return outcome;
  }

  /// The connection is used again when the server is ready for it.
  SmtpOutcome after_refusal(SmtpOutcome outcome) {
    if (outcome.reply_code == 421) return close_with(std::move(outcome));
    const auto reply = command("RSET");
    if (!reply || reply->code != 250) socket.close();
    return outcome;
  }

  SmtpOutcome send_data(std::string_view mime) {
    if (!socket.write(dot_stuffed(mime), deadline)) return broken(why("no answer"));
    phase = SmtpPhase::kDot;
    const auto reply = read_reply();
    if (!reply) return broken(why("no answer"));
    if (reply->code / 100 != 2) {
      SmtpOutcome outcome = refusal(*reply);
      if (reply->code == 421) socket.close();
      return outcome;
    }
    SmtpOutcome out;
    out.status = SmtpStatus::kAccepted;
    out.phase = phase;
    out.reply_code = reply->code;
    out.text = reply->text;
    out.enhanced_code = enhanced_code_of(reply->text);
    return out;
  }

  bool usable() {
    return socket.is_open() && messages < limits::kMaxMessagesPerConnection &&
           now() - last_used < limits::kSmtpIdle && !socket.is_stale();
  }

  SmtpOutcome send(const std::string& from, const std::string& to, std::string_view mime) {
    deadline = now() + config.deadline;
    const bool reused = usable();
    if (!reused) {
      if (auto failed = open()) return std::move(*failed);
    }
    SmtpOutcome outcome = transfer(from, to, mime);
    // A server may close an idle connection just as it is used; before the data nothing is lost.
    const bool lost = outcome.status == SmtpStatus::kConnection || outcome.reply_code == 421;
    if (reused && lost && outcome.phase < SmtpPhase::kData) {
      socket.close();
      if (auto failed = open()) return std::move(*failed);
      outcome = transfer(from, to, mime);
    }
    ++messages;
    last_used = now();
    return outcome;
  }
};

SmtpClient::SmtpClient(SmtpConfig config) : impl_(std::make_unique<Impl>(std::move(config))) {}
SmtpClient::~SmtpClient() = default;

long SmtpClient::connections_opened() const {
  return impl_->connections;
}

SmtpOutcome SmtpClient::send(const std::string& envelope_from, const std::string& recipient,
                             std::string_view mime) {
  const auto refused = [](std::string text, MailFailure failure) {
    SmtpOutcome out;
    out.status = SmtpStatus::kPermanent;
    out.phase = SmtpPhase::kMail;
    out.text = std::move(text);
    out.failure = failure;
    return out;
  };
  if (!envelope_from.empty()) {
    if (const auto problem = address_problem(envelope_from)) {
      return refused("sender: " + *problem, MailFailure::kOther);
    }
  }
  if (const auto problem = address_problem(recipient)) {
    return refused("recipient: " + *problem, MailFailure::kBadMailbox);
  }
  if (mime.empty() || has_bare_line_ends(mime)) {
    return refused("the message is empty or has line ends other than CRLF", MailFailure::kOther);
  }
  return impl_->send(envelope_from, recipient, mime);
}

}  // namespace rapport
