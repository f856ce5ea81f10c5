#include "mail/imap_client.h"

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "base/limits/delivery.h"
#include "base/text.h"
#include "mail/stream_socket.h"

namespace rapport {
namespace {

constexpr size_t kMaxLines = 10'000;  // of one answer

/// One response: its lines, with literals in the order they came.
struct Answer {
  bool ok = false;
  std::string text;  // of the tagged line
  std::vector<std::string> lines;
  std::vector<std::string> literals;
};

struct Failed {
  std::string why;
};

class Session {
 public:
  explicit Session(const ImapConfig& config) : config_(config) {}

  void open() {
    if (!socket_.connect(config_.host, config_.port, deadline())) throw Failed{socket_.reason()};
    if (config_.security == SmtpSecurity::kTls) secure();
    const auto greeting = socket_.read_line(limits::kMaxImapLineBytes, deadline());
    if (!greeting || !greeting->starts_with("* OK")) throw Failed{"no IMAP server answers"};
    if (config_.security == SmtpSecurity::kStartTls) {
      command("STARTTLS");
      secure();
    }
    const Answer answer =
        send("LOGIN " + quoted(config_.username) + " " + quoted(config_.password));
    if (!answer.ok) throw Failed{"sign-in refused: " + answer.text};
  }

  Answer command(const std::string& line) {
    Answer answer = send(line);
    if (!answer.ok) throw Failed{answer.text};
    return answer;
  }

  static std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    return out + "\"";
  }

 private:
  static std::chrono::steady_clock::time_point deadline() {
    return std::chrono::steady_clock::now() + limits::kImapDeadline;
  }

  void secure() {
    if (!socket_.start_tls(config_.host, config_.ca_file, true, deadline())) {
      throw Failed{socket_.reason()};
    }
  }

  /// Does not throw for a refusal: that of LOGIN must not be told with the command.
  Answer send(const std::string& line) {
    const std::string tag = "r" + std::to_string(++tag_);
    if (!socket_.write(tag + " " + line + "\r\n", deadline())) throw Failed{socket_.reason()};
    Answer answer;
    while (answer.lines.size() < kMaxLines) {
      auto text = socket_.read_line(limits::kMaxImapLineBytes, deadline());
      if (!text) throw Failed{socket_.reason()};
      if (text->starts_with(tag + " ")) {
        answer.text = printable_line(std::string_view(*text).substr(tag.size() + 1));
        answer.ok = to_lower_ascii(answer.text.substr(0, 2)) == "ok";
        return answer;
      }
      read_literals(*text, answer);
      answer.lines.push_back(std::move(*text));
    }
    throw Failed{"the answer is too long"};
  }

  /// "… {123}" is followed by so many bytes and the rest of the line.
  void read_literals(std::string& line, Answer& answer) {
    while (line.ends_with('}')) {
      const size_t open = line.rfind('{');
      if (open == std::string::npos) return;
      const auto size = parse_int(std::string_view(line).substr(open + 1, line.size() - open - 2));
      if (!size || *size < 0) return;
      if (static_cast<size_t>(*size) > limits::kMaxInboundBytes)
        throw Failed{"a literal is too large"};
      auto bytes = socket_.read_bytes(static_cast<size_t>(*size), deadline());
      const auto rest = socket_.read_line(limits::kMaxImapLineBytes, deadline());
      if (!bytes || !rest) throw Failed{socket_.reason()};
      answer.literals.push_back(std::move(*bytes));
      line += *rest;
      if (line.size() > limits::kMaxImapLineBytes) throw Failed{"a line is too long"};
    }
  }

  const ImapConfig& config_;
  StreamSocket socket_;
  int tag_ = 0;
};

/// The number after `name` in any of the lines.
std::optional<int64_t> number_after(const std::vector<std::string>& lines, std::string_view name) {
  for (const std::string& line : lines) {
    const size_t at = line.find(name);
    if (at == std::string::npos) continue;
    const size_t start = at + name.size();
    const size_t end = std::min(line.find_first_not_of("0123456789", start), line.size());
    const auto number = parse_int(std::string_view(line).substr(start, end - start));
    if (number) return number;
  }
  return std::nullopt;
}

std::vector<int64_t> searched(const Answer& answer) {
  std::vector<int64_t> uids;
  for (const std::string& line : answer.lines) {
    if (!line.starts_with("* SEARCH")) continue;
    for (const std::string_view word : split(std::string_view(line).substr(8), ' ')) {
      const auto uid = parse_int(word);
      if (uid && *uid > 0) uids.push_back(*uid);
    }
  }
  std::sort(uids.begin(), uids.end());
  return uids;
}

void poll(const ImapConfig& config, ImapPosition& position,
          const std::function<void(const std::string&)>& use) {
  Session session(config);
  session.open();
  const Answer state = session.command("EXAMINE " + Session::quoted(config.mailbox));
  const int64_t validity = number_after(state.lines, "[UIDVALIDITY ").value_or(0);
  if (validity == 0) throw Failed{"the server does not number its messages"};
  if (validity != position.uid_validity) {
    const std::vector<int64_t> all = searched(session.command("UID SEARCH ALL"));
    position = {validity, all.empty() ? 0 : all.back()};
    return;
  }
  size_t taken = 0;
  for (const int64_t uid : searched(
           session.command("UID SEARCH UID " + std::to_string(position.last_uid + 1) + ":*"))) {
    // "n:*" names the last message even when it is below n.
    if (uid <= position.last_uid) continue;
    if (taken++ >= limits::kMaxImapFetch) break;
    const std::string fetch = "UID FETCH " + std::to_string(uid);
    const auto size = number_after(session.command(fetch + " (RFC822.SIZE)").lines, "RFC822.SIZE ");
    if (size && static_cast<size_t>(*size) <= limits::kMaxInboundBytes) {
      const Answer message = session.command(fetch + " (BODY.PEEK[])");
      if (!message.literals.empty()) use(message.literals.front());
    }
    position.last_uid = uid;
  }
  session.command("LOGOUT");
}

}  // namespace

std::optional<std::string> poll_imap(const ImapConfig& config, ImapPosition& position,
                                     const std::function<void(const std::string&)>& use) {
  for (const std::string* text : {&config.username, &config.password, &config.mailbox}) {
    for (const char c : *text) {
      if (static_cast<unsigned char>(c) < 0x20) return "control characters are not allowed";
    }
  }
  try {
    poll(config, position, use);
    return std::nullopt;
  } catch (const Failed& failed) {
    return failed.why.empty() ? "the connection broke" : failed.why;
  }
}

}  // namespace rapport
