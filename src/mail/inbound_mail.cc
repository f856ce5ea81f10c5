#include "mail/inbound_mail.h"

#include <gmime/gmime.h>

#include <algorithm>
#include <memory>
#include <mutex>

#include "base/error.h"
#include "base/limits/delivery.h"
#include "base/text.h"
#include "mail/mime.h"

namespace rapport {
namespace {

constexpr size_t kMaxBoundaries = 64;  // as many multiparts may be nested
constexpr size_t kMaxNestedMessages = 32;
constexpr size_t kMaxReports = 100;
constexpr size_t kMaxReferences = 50;
constexpr size_t kMaxOriginalHeaders = 64 * 1024;
constexpr size_t kMaxTextScanned = 64 * 1024;

struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};
template <class T>
using Object = std::unique_ptr<T, Unref>;

void initialise() {
  static std::once_flag once;
  std::call_once(once, [] { g_mime_init(); });
}

size_t count_of(std::string_view lower, std::string_view what) {
  size_t count = 0;
  for (size_t at = 0; (at = lower.find(what, at)) != std::string_view::npos; at += what.size()) {
    ++count;
  }
  return count;
}

/// Values of all boundary parameters, in headers or in what looks like them.
std::vector<std::string> boundaries_of(std::string_view raw, std::string_view lower) {
  std::vector<std::string> found;
  constexpr std::string_view kName = "boundary=";
  for (size_t at = 0; (at = lower.find(kName, at)) != std::string_view::npos;) {
    at += kName.size();
    const bool quoted = at < raw.size() && raw[at] == '"';
    const size_t start = quoted ? at + 1 : at;
    const size_t end =
        std::min(raw.find_first_of(quoted ? "\"\r\n" : "; \t\r\n", start), raw.size());
    std::string value(raw.substr(start, std::min<size_t>(end - start, 200)));
    if (!value.empty() && std::find(found.begin(), found.end(), value) == found.end()) {
      found.push_back(std::move(value));
      if (found.size() > kMaxBoundaries) return found;
    }
  }
  return found;
}

size_t count_parts(std::string_view raw, const std::vector<std::string>& boundaries) {
  size_t parts = 0;
  for (size_t at = 0; at < raw.size();) {
    if (raw.compare(at, 2, "--") == 0) {
      for (const std::string& boundary : boundaries) {
        if (raw.compare(at + 2, boundary.size(), boundary) == 0) {
          ++parts;
          break;
        }
      }
    }
    const size_t end = raw.find('\n', at);
    if (end == std::string_view::npos) break;
    at = end + 1;
  }
  return parts;
}

std::string text_of(const char* text) {
  if (!text) return {};
  std::string out(text);
  if (!is_valid_utf8(out)) {
    for (char& c : out) c = static_cast<unsigned char>(c) >= 0x80 ? '?' : c;
  }
  return out;
}

std::string header_of(GMimeObject* object, const char* name) {
  return text_of(g_mime_object_get_header(object, name));
}

/// Decoded bytes of a leaf part, at most `limit`.
std::string content_of(GMimeObject* object, size_t limit) {
  if (!GMIME_IS_PART(object)) return {};
  if (GMIME_IS_TEXT_PART(object)) {
    char* text = g_mime_text_part_get_text(GMIME_TEXT_PART(object));
    std::string out = text_of(text);
    g_free(text);
    out.resize(utf8_prefix(out, limit).size());
    return out;
  }
  GMimeDataWrapper* wrapper = g_mime_part_get_content(GMIME_PART(object));
  if (!wrapper) return {};
  const Object<GMimeStream> stream(g_mime_stream_mem_new());
  if (g_mime_data_wrapper_write_to_stream(wrapper, stream.get()) < 0) return {};
  const GByteArray* bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream.get()));
  return {reinterpret_cast<const char*>(bytes->data), std::min<size_t>(bytes->len, limit)};
}

bool is_type(GMimeObject* object, const char* type, const char* subtype) {
  return g_mime_content_type_is_type(g_mime_object_get_content_type(object), type, subtype);
}

/// The groups of "Name: value" lines of a machine-readable part, names in lower case.
using Fields = std::vector<std::pair<std::string, std::string>>;
std::vector<Fields> field_groups(std::string_view text) {
  std::vector<Fields> groups(1);
  while (!text.empty()) {
    const size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (trim(line).empty()) {
      if (!groups.back().empty()) groups.emplace_back();
      if (groups.size() > kMaxReports + 1) break;
      continue;
    }
    if ((line[0] == ' ' || line[0] == '\t') && !groups.back().empty()) {
      groups.back().back().second += " " + std::string(trim(line));
      continue;
    }
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    groups.back().emplace_back(to_lower_ascii(trim(line.substr(0, colon))),
                               trim(line.substr(colon + 1)));
  }
  if (groups.back().empty()) groups.pop_back();
  return groups;
}

std::string_view field(const Fields& fields, std::string_view name) {
  for (const auto& [key, value] : fields) {
    if (key == name) return value;
  }
  return {};
}

/// "rfc822; a@b" → "a@b", angle brackets dropped.
std::string typed_value(std::string_view value) {
  const size_t semicolon = value.find(';');
  if (semicolon != std::string_view::npos) value = value.substr(semicolon + 1);
  value = trim(value);
  if (value.starts_with('<') && value.ends_with('>')) value = value.substr(1, value.size() - 2);
  return std::string(value);
}

std::optional<ReportAction> parse_action(std::string_view text) {
  const std::string action = to_lower_ascii(trim(text.substr(0, text.find_first_of(";( "))));
  if (action == "failed" || action == "failure") return ReportAction::kFailed;
  if (action == "delayed") return ReportAction::kDelayed;
  if (action == "delivered") return ReportAction::kDelivered;
  if (action == "relayed") return ReportAction::kRelayed;
  if (action == "expanded") return ReportAction::kExpanded;
  return std::nullopt;
}

/// The first reply code in a diagnostic: "smtp; 550 5.1.1 …" → 550.
int code_in(std::string_view text) {
  for (size_t i = 0; i + 3 <= text.size(); ++i) {
    const bool edge = (i == 0 || !(text[i - 1] >= '0' && text[i - 1] <= '9')) &&
                      (i + 3 == text.size() || text[i + 3] == ' ' || text[i + 3] == '-');
    if (!edge || (text[i] != '4' && text[i] != '5')) continue;
    if (text[i + 1] < '0' || text[i + 1] > '5' || text[i + 2] < '0' || text[i + 2] > '9') continue;
    return (text[i] - '0') * 100 + (text[i + 1] - '0') * 10 + (text[i + 2] - '0');
  }
  return 0;
}

/// The first "5.1.1" or "4.2.2" in a text.
std::string status_in(std::string_view text) {
  for (size_t i = 0; i + 5 <= text.size(); ++i) {
    if ((text[i] != '4' && text[i] != '5') || text[i + 1] != '.') continue;
    if (i > 0 && (text[i - 1] == '.' || (text[i - 1] >= '0' && text[i - 1] <= '9'))) continue;
    const size_t end = std::min(text.find_first_not_of("0123456789.", i), text.size());
    std::string_view word = text.substr(i, end - i);
    while (word.ends_with('.')) word.remove_suffix(1);
    const std::string code = enhanced_code_of(word);
    if (!code.empty()) return code;
  }
  return {};
}

void classify(RecipientReport& report) {
  if (report.status.empty()) report.status = status_in(report.diagnostic);
  report.failure = classify_failure(code_in(report.diagnostic), report.status, report.diagnostic);
}

void read_status(InboundMail& mail, std::string_view text) {
  for (const Fields& fields : field_groups(text)) {
    const auto action = parse_action(field(fields, "action"));
    if (!action || mail.recipients.size() >= kMaxReports) continue;  // the per-message group
    RecipientReport report;
    report.action = *action;
    report.recipient = to_lower_ascii(typed_value(field(fields, "final-recipient")));
    if (report.recipient.empty() || field(fields, "original-recipient").size() > 0) {
      const std::string original = typed_value(field(fields, "original-recipient"));
      if (!original.empty()) report.recipient = to_lower_ascii(original);
    }
    report.status = enhanced_code_of(trim(field(fields, "status")));
    report.diagnostic = printable_line(typed_value(field(fields, "diagnostic-code")));
    if (*action == ReportAction::kFailed || *action == ReportAction::kDelayed) classify(report);
    mail.recipients.push_back(std::move(report));
  }
}

void read_feedback(InboundMail& mail, std::string_view text) {
  const auto groups = field_groups(text);
  if (groups.empty()) return;
  mail.kind = InboundKind::kComplaint;
  mail.feedback_type = to_lower_ascii(field(groups[0], "feedback-type"));
  for (const auto& [name, value] : groups[0]) {
    if (name != "original-rcpt-to" || mail.recipients.size() >= kMaxReports) continue;
    RecipientReport report;
    report.recipient = to_lower_ascii(typed_value(value));
    mail.recipients.push_back(std::move(report));
  }
}

void read_original(InboundMail& mail, std::string_view text) {
  if (!mail.original_headers.empty()) return;
  const size_t end = std::min(text.find("\n\r\n"), text.find("\n\n"));
  mail.original_headers = std::string(text.substr(0, std::min(end, kMaxOriginalHeaders)));
  for (const Fields& fields : field_groups(mail.original_headers)) {
    const std::string id = typed_value(field(fields, "message-id"));
    if (!id.empty() && mail.original_message_id.empty()) mail.original_message_id = id;
  }
}

struct Walk {
  InboundMail& mail;
  size_t parts = 0;
  std::string plain;  // first text part
  std::string html;

  void visit(GMimeObject* object) {
    if (++parts > limits::kMaxInboundParts) return;
    if (GMIME_IS_MULTIPART(object)) {
      const int count = g_mime_multipart_get_count(GMIME_MULTIPART(object));
      for (int i = 0; i < count; ++i) visit(g_mime_multipart_get_part(GMIME_MULTIPART(object), i));
    } else if (GMIME_IS_MESSAGE_PART(object)) {
      GMimeMessage* inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
      if (!inner) return;
      char* headers = g_mime_object_get_headers(GMIME_OBJECT(inner), nullptr);
      read_original(mail, text_of(headers));
      g_free(headers);
    } else if (is_type(object, "message", "delivery-status")) {
      read_status(mail, content_of(object, kMaxTextScanned));
    } else if (is_type(object, "message", "feedback-report")) {
      read_feedback(mail, content_of(object, kMaxTextScanned));
    } else if (is_type(object, "text", "rfc822-headers")) {
      read_original(mail, content_of(object, kMaxTextScanned));
    } else if (is_type(object, "text", "plain")) {
      if (plain.empty()) plain = content_of(object, kMaxTextScanned);
    } else if (is_type(object, "text", "html")) {
      if (html.empty()) html = content_of(object, kMaxTextScanned);
    }
  }
};

/// RFC 3834 and what came before it.
bool is_automatic(GMimeObject* message, const std::string& subject) {
  const std::string submitted = to_lower_ascii(trim(header_of(message, "Auto-Submitted")));
  if (!submitted.empty() && !submitted.starts_with("no")) return true;
  for (const char* name : {"X-Autoreply", "X-Autorespond", "X-Autoresponse",
                           "X-Auto-Response-Suppress", "X-Mailer-Daemon-Error"}) {
    if (!header_of(message, name).empty()) return true;
  }
  const std::string precedence = to_lower_ascii(trim(header_of(message, "Precedence")));
  if (precedence == "auto_reply" || precedence == "bulk" || precedence == "junk") return true;
  const std::string lower = to_lower_ascii(subject);
  for (const std::string_view start :
       {"out of office", "automatic reply", "auto reply", "autoreply", "auto:", "abwesenheit",
        "automatische antwort", "réponse automatique", "respuesta automática", "自动回复",
        "自動回覆", "trả lời tự động"}) {
    if (lower.starts_with(start)) return true;
  }
  return false;
}

/// Bounces without a report: qmail's, old Exchange's, and those of a postmaster in plain words.
bool read_plain_bounce(InboundMail& mail, const std::string& text) {
  const std::string lower = to_lower_ascii(text.substr(0, 8'192));
  const std::string from = mail.from.substr(0, mail.from.find('@'));
  const bool daemon = from == "mailer-daemon" || from == "postmaster" || from.empty();
  bool says_so = false;
  for (const std::string_view words :
       {"this is the qmail-send program", "wasn't able to deliver your message",
        "could not be delivered", "delivery has failed", "delivery failed",
        "undelivered mail returned", "undeliverable", "permanent error",
        "message was not delivered", "returned mail"}) {
    says_so |= lower.find(words) != std::string::npos;
  }
  if (!daemon || !says_so) return false;
  RecipientReport report;
  report.status = status_in(text.substr(0, 8'192));
  // The line that has the code says why; the words before it are the program's own.
  const size_t at = report.status.empty() ? 0 : text.find(report.status);
  const size_t line = at == 0 ? 0 : text.rfind('\n', at) + 1;
  report.diagnostic = printable_line(std::string_view(text).substr(line, 300));
  classify(report);
  if (report.status.starts_with("4.")) report.action = ReportAction::kDelayed;
  mail.recipients.push_back(std::move(report));
  mail.kind = InboundKind::kReport;
  return true;
}

/// What the person wrote: up to the line that introduces the quoted message.
std::string without_quotes(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with("-----Original Message") || line.starts_with("________________")) break;
    const bool introduces = line.ends_with(':') && text.starts_with('>');
    if (introduces || line.starts_with('>')) break;
    out += line;
    out += '\n';
    if (out.size() > limits::kMaxReplyTextBytes) break;
  }
  return std::string(utf8_prefix(trim(out), limits::kMaxReplyTextBytes));
}

void read_references(InboundMail& mail, std::string_view header) {
  for (size_t at = 0; (at = header.find('<', at)) != std::string_view::npos;) {
    const size_t end = header.find('>', at);
    if (end == std::string_view::npos || mail.references.size() >= kMaxReferences) return;
    mail.references.emplace_back(header.substr(at + 1, end - at - 1));
    at = end;
  }
}

std::string sender_of(GMimeMessage* message) {
  InternetAddressList* list = g_mime_message_get_from(message);
  if (!list || internet_address_list_length(list) == 0) return {};
  InternetAddress* first = internet_address_list_get_address(list, 0);
  if (!INTERNET_ADDRESS_IS_MAILBOX(first)) return {};
  return to_lower_ascii(
      text_of(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(first))));
}

}  // namespace

std::optional<std::string> inbound_problem(std::string_view raw) {
  if (raw.size() > limits::kMaxInboundBytes) return "the message is too large";
  const size_t headers = std::min({raw.find("\r\n\r\n"), raw.find("\n\n"), raw.size()});
  if (headers > limits::kMaxInboundHeaderBytes) return "the header is too large";
  const std::string lower = to_lower_ascii(raw);
  const auto boundaries = boundaries_of(raw, lower);
  if (boundaries.size() > kMaxBoundaries) return "parts are nested too deep";
  if (count_of(lower, "message/rfc822") > kMaxNestedMessages) return "messages are nested too deep";
  if (count_parts(raw, boundaries) > limits::kMaxInboundParts) return "there are too many parts";
  return std::nullopt;
}

InboundMail read_inbound_mail(std::string_view raw) {
  if (const auto problem = inbound_problem(raw)) throw Error::invalid("message", *problem);
  initialise();
  const Object<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(raw.data(), raw.size()));
  const Object<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
  const Object<GMimeMessage> message(g_mime_parser_construct_message(parser.get(), nullptr));
  InboundMail mail;
  if (!message) return mail;
  GMimeObject* object = GMIME_OBJECT(message.get());
  mail.from = sender_of(message.get());
  mail.subject = printable_line(text_of(g_mime_message_get_subject(message.get())));
  mail.message_id = text_of(g_mime_message_get_message_id(message.get()));
  read_references(mail, header_of(object, "In-Reply-To"));
  read_references(mail, header_of(object, "References"));
  Walk walk{mail, 0, {}, {}};
  if (GMimeObject* body = g_mime_message_get_mime_part(message.get())) walk.visit(body);
  if (mail.kind == InboundKind::kComplaint) return mail;
  if (!mail.recipients.empty()) {
    mail.kind = InboundKind::kReport;
    return mail;
  }
  const std::string text = walk.plain.empty() ? html_to_text(walk.html) : walk.plain;
  if (read_plain_bounce(mail, text)) return mail;
  if (is_automatic(object, mail.subject)) return mail;
  mail.kind = InboundKind::kReply;
  mail.text = without_quotes(text);
  return mail;
}

}  // namespace rapport
