#include "mail/mime.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/limits/delivery.h"
#include "base/limits/templates.h"
#include "base/text.h"

namespace rapport {
namespace {

constexpr size_t kFoldAt = 78;
constexpr size_t kMaxLine = 998;
constexpr size_t kMaxHeaderBytes = 4'000;
constexpr size_t kMaxSubjectBytes = 2'000;
constexpr size_t kMaxEncodedWord = 75;
constexpr size_t kMaxFilenameBytes = 150;
constexpr size_t kFilenamePiece = 50;
constexpr std::string_view kWordOpen = "=?UTF-8?B?";
constexpr std::string_view kWordClose = "?=";

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

bool is_plain_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

void check_line(std::string_view text, std::string_view field) {
  if (std::any_of(text.begin(), text.end(), is_control)) {
    throw Error::invalid(std::string(field), "line breaks and control characters are not allowed");
  }
  if (!is_valid_utf8(text)) throw Error::invalid(std::string(field), "the text is not UTF-8");
}

/// Folds at spaces so that lines stay within 78 where words allow it. A line must never consist of
/// white space only, so a run of spaces is broken before its last one.
std::string fold(std::string_view text, size_t column) {
  std::string out;
  size_t line_start = 0;  // in out; the first line starts `column` later
  size_t last_space = std::string::npos;
  size_t offset = column;
  for (const char c : text) {
    if (c == ' ' && !out.empty()) last_space = out.size();
    out += c;
    if (out.size() - line_start + offset <= kFoldAt || last_space == std::string::npos) continue;
    const std::string_view line = std::string_view(out).substr(line_start, last_space - line_start);
    if (trim(line).empty()) continue;
    out.insert(last_space, "\r\n");
    line_start = last_space + 2;
    last_space = std::string::npos;
    offset = 0;
  }
  return out;
}

/// A name in a header: an atom phrase, a quoted string, or encoded-words.
std::string encode_name(std::string_view name, size_t column) {
  if (!is_plain_ascii(name)) return encode_header_text(name, column);
  const bool atoms = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' ' ||
           c == '-' || c == '_' || c == '\'' || c == '&' || c == '!';
  });
  // "=?" in a plain name must not be taken for an encoded-word by the reader; quoting prevents it.
  if (atoms) return fold(name, column);
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return fold(quoted + "\"", column);
}

void check_mailbox(const Mailbox& mailbox, std::string_view field) {
  check_line(mailbox.name, field);
  if (const auto problem = address_problem(mailbox.address)) {
    throw Error::invalid(std::string(field), *problem);
  }
}

void add_mailbox(std::string& out, std::string_view header, const Mailbox& mailbox) {
  std::string line = fmt::format("{}: ", header);
  if (mailbox.name.empty()) {
    line += mailbox.address;
  } else {
    line += encode_name(mailbox.name, line.size());
    const size_t start = line.rfind('\n') == std::string::npos ? 0 : line.rfind('\n') + 1;
    const bool fits = line.size() - start + mailbox.address.size() + 3 <= kFoldAt;
    line += fmt::format("{}<{}>", fits ? " " : "\r\n ", mailbox.address);
  }
  out += line + "\r\n";
}

bool is_header_name(std::string_view name) {
  return !name.empty() && name.size() <= 70 && std::all_of(name.begin(), name.end(), [](char c) {
    return c > 0x20 && c < 0x7F && c != ':';
  });
}

/// Headers that build_mime writes itself; a second one would contradict it.
bool is_standard_header(std::string_view name) {
  for (const std::string_view known :
       {"From", "To", "Cc", "Bcc", "Reply-To", "Subject", "Date", "Message-ID", "MIME-Version",
        "Content-Type", "Content-Transfer-Encoding", "Sender", "Return-Path", "Received"}) {
    if (equals_ignore_case(name, known)) return true;
  }
  return false;
}

void add_header(std::string& out, const std::string& name, const std::string& value) {
  const std::string field = "headers." + name;
  if (!is_header_name(name) || is_standard_header(name)) {
    throw Error::invalid(field, "this header cannot be set");
  }
  check_line(value, field);
  if (value.size() > kMaxHeaderBytes) throw Error::invalid(field, "the value is too long");
  const std::string prefix = name + ": ";
  const std::string folded =
      is_plain_ascii(value) ? fold(value, prefix.size()) : encode_header_text(value, prefix.size());
  size_t line = prefix.size();
  for (const char c : folded) line = c == '\n' ? 0 : line + 1;
  if (value.empty() || line > kMaxLine) {
    throw Error::invalid(field, "the value is empty or has a word that is too long");
  }
  out += prefix + folded + "\r\n";
}

bool is_message_id(std::string_view id) {
  const size_t at = id.find('@');
  return at != std::string_view::npos && at > 0 && at + 1 < id.size() && id.size() <= 250 &&
         id.find('@', at + 1) == std::string_view::npos &&
         std::all_of(id.begin(), id.end(), [](char c) {
           return c > 0x20 && c < 0x7F && c != '<' && c != '>' && c != '"' && c != '(' && c != ')';
         });
}

/// Lines of text with any line ends, ended by CRLF.
std::string base64_lines(std::string_view text) {
  const std::string encoded = base64_encode(text);
  std::string out;
  for (size_t i = 0; i < encoded.size(); i += 76) {
    out += encoded.substr(i, 76);
    out += "\r\n";
  }
  return out;
}

std::string with_crlf(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 32);
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    if (text[i] == '\n' || text[i] == '\r') {
      out += "\r\n";
    } else {
      out += text[i];
    }
  }
  return out;
}

/// Headers and body of one part; whichever encoding is shorter.
std::string body_part(std::string_view subtype, std::string_view text) {
  const std::string quoted = quoted_printable_encode(text);
  const bool base64 = quoted.size() > text.size() * 3 / 2;
  return fmt::format(
      "Content-Type: text/{}; charset=utf-8\r\nContent-Transfer-Encoding: {}\r\n\r\n{}", subtype,
      base64 ? "base64" : "quoted-printable", base64 ? base64_lines(with_crlf(text)) : quoted);
}

/// Same content, same boundary. "=_" cannot occur in quoted-printable or base64.
std::string boundary_of(const MailMessage& message) {
  const auto hash = [](std::string_view text, uint64_t seed) {
    for (const char c : text) seed = (seed ^ static_cast<unsigned char>(c)) * 0x100000001B3ull;
    return seed;
  };
  const uint64_t content = hash(message.text, hash(message.html, 0xCBF29CE484222325ull));
  return fmt::format("=_{:016x}{:016x}", hash(message.message_id, content), content);
}

void check_body(std::string_view text, std::string_view field) {
  if (text.size() > limits::kMaxRenderedBytes) {
    throw Error::invalid(std::string(field), "the text is too long");
  }
  if (!is_valid_utf8(text)) throw Error::invalid(std::string(field), "the text is not UTF-8");
}

bool is_type_name(std::string_view type) {
  const size_t slash = type.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == type.size()) return false;
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$&-^_.+/").find(c) != std::string_view::npos;
  };
  return type.size() <= 127 && type.find('/', slash + 1) == std::string_view::npos &&
         std::all_of(type.begin(), type.end(), good);
}

void check_attachments(const MailMessage& message) {
  if (message.attachments.size() > limits::kMaxAttachments) {
    throw Error::invalid("attachments", "are too many");
  }
  size_t bytes = 0;
  for (const Attachment& attachment : message.attachments) {
    check_line(attachment.filename, "attachments.filename");
    if (attachment.filename.empty() || attachment.filename.size() > kMaxFilenameBytes ||
        attachment.filename.find_first_of("/\\") != std::string::npos) {
      throw Error::invalid("attachments.filename", "must be a name of 1 to 150 bytes, no path");
    }
    if (!is_attachment_type(attachment.content_type)) {
      throw Error::invalid("attachments.content_type", "is not the type of a file");
    }
    if (attachment.content.size() > limits::kMaxAttachmentBytes) {
      throw Error::invalid("attachments.content", "is too large");
    }
    bytes += attachment.content.size();
  }
  if (bytes > limits::kMaxAttachmentsBytes) throw Error::invalid("attachments", "are too large");
  if (message.calendar.size() > limits::kMaxCalendarBytes || !is_valid_utf8(message.calendar)) {
    throw Error::invalid("calendar", "is too large or not UTF-8");
  }
  if (message.calendar_method != "REQUEST" && message.calendar_method != "CANCEL") {
    throw Error::invalid("calendar_method", "must be REQUEST or CANCEL");
  }
}

/// RFC 2231 for those who read it, and an ASCII name for those who do not.
std::string attachment_part(const Attachment& attachment) {
  std::string plain = attachment.filename;
  if (!is_plain_ascii(plain) || plain.size() > kFilenamePiece ||
      plain.find('"') != std::string::npos) {
    const size_t dot = std::min(plain.rfind('.'), plain.size());
    const std::string ending = plain.substr(dot);
    const bool usable =
        ending.size() <= 10 && is_plain_ascii(ending) && ending.find('"') == ending.npos;
    plain = "attachment" + (usable ? ending : std::string());
  }
  std::string out;
  if (plain == attachment.filename) {
    out = fmt::format("Content-Type: {}\r\nContent-Disposition: attachment;\r\n filename=\"{}\"",
                      attachment.content_type, plain);
  } else {
    // The plain name is for readers that do not know RFC 2231. It stands with the type: beside the
    // true one, parsers take it for a second name of the same file, and the first of two wins.
    out = fmt::format("Content-Type: {};\r\n name=\"{}\"\r\nContent-Disposition: attachment",
                      attachment.content_type, plain);
    const std::string encoded = percent_encode(attachment.filename);
    // Pieces between escapes, each on a line of its own: RFC 2231 continuations.
    size_t piece = 0;
    for (size_t at = 0; at < encoded.size(); ++piece) {
      size_t end = std::min(at + kFilenamePiece, encoded.size());
      while (end < encoded.size() && (encoded[end - 1] == '%' || encoded[end - 2] == '%')) --end;
      out += fmt::format(";\r\n filename*{}*={}{}", piece, piece == 0 ? "utf-8''" : "",
                         encoded.substr(at, end - at));
      at = end;
    }
  }
  return out + "\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64_lines(attachment.content);
}

/// Header and body of the text, the HTML and the invitation, in rising order of richness.
std::string alternatives(const MailMessage& message, const std::string& boundary) {
  const std::string text = message.text.empty() ? html_to_text(message.html) : message.text;
  if (message.html.empty() && message.calendar.empty()) return body_part("plain", text);
  std::string out =
      fmt::format("Content-Type: multipart/alternative;\r\n boundary=\"{}\"\r\n\r\n", boundary);
  out += fmt::format("--{}\r\n{}\r\n", boundary, body_part("plain", text));
  if (!message.html.empty()) {
    out += fmt::format("--{}\r\n{}\r\n", boundary, body_part("html", message.html));
  }
  if (!message.calendar.empty()) {
    out += fmt::format(
        "--{}\r\nContent-Type: text/calendar; charset=utf-8; method={}\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n{}\r\n",
        boundary, message.calendar_method, base64_lines(message.calendar));
  }
  return out + fmt::format("--{}--\r\n", boundary);
}

std::string headers_of(const MailMessage& message) {
  check_mailbox(message.from, "from");
  check_mailbox(message.to, "to");
  check_line(message.subject, "subject");
  if (message.subject.size() > kMaxSubjectBytes) {
    throw Error::invalid("subject", "the subject is longer than 2000 bytes");
  }
  if (!is_message_id(message.message_id)) {
    throw Error::invalid("message_id", "a message id has the form local@domain");
  }
  std::string out;
  add_mailbox(out, "From", message.from);
  add_mailbox(out, "To", message.to);
  if (message.reply_to) {
    check_mailbox(*message.reply_to, "reply_to");
    add_mailbox(out, "Reply-To", *message.reply_to);
  }
  out += "Subject: " + encode_header_text(message.subject, 9) + "\r\n";
  out += "Date: " + format_mail_date(message.date) + "\r\n";
  out += "Message-ID: <" + message.message_id + ">\r\n";
  out += "MIME-Version: 1.0\r\n";
  for (const auto& [name, value] : message.headers) add_header(out, name, value);
  return out;
}

}  // namespace

std::string encode_header_text(std::string_view text, size_t first_column) {
  // Text that would be read as an encoded-word, or has a word no fold can shorten, is encoded too.
  bool long_word = false;
  for (const std::string_view word : split(text, ' ')) long_word |= word.size() > kFoldAt - 2;
  if (is_plain_ascii(text) && text.find("=?") == std::string_view::npos && !long_word &&
      trim(text).size() == text.size()) {
    return fold(text, first_column);
  }
  std::string out;
  size_t column = first_column;
  while (!text.empty()) {
    const size_t room = std::min(kMaxEncodedWord, kFoldAt - std::min(column, kFoldAt));
    const size_t frame = kWordOpen.size() + kWordClose.size();
    const size_t bytes = room > frame ? (room - frame) / 4 * 3 : 0;
    const std::string_view chunk = utf8_prefix(text, bytes);
    if (chunk.empty()) {
      out += "\r\n ";
      column = 1;
      continue;
    }
    out += fmt::format("{}{}{}", kWordOpen, base64_encode(chunk), kWordClose);
    text.remove_prefix(chunk.size());
    if (text.empty()) break;
    out += "\r\n ";
    column = 1;
  }
  return out;
}

std::string quoted_printable_encode(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  constexpr size_t kMaxEncodedLine = 75;  // and "=" for a soft break
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  size_t column = 0;
  const auto put = [&](std::string_view piece) {
    if (column + piece.size() > kMaxEncodedLine) {
      out += "=\r\n";
      column = 0;
    }
    out += piece;
    column += piece.size();
  };
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool crlf = c == '\r' && i + 1 < text.size() && text[i + 1] == '\n';
    if (crlf) continue;
    if (c == '\n' || c == '\r') {
      out += "\r\n";
      column = 0;
      continue;
    }
    const bool line_end = i + 1 == text.size() || text[i + 1] == '\n' || text[i + 1] == '\r';
    const auto byte = static_cast<unsigned char>(c);
    const bool plain =
        (byte >= 33 && byte <= 126 && c != '=') || ((c == ' ' || c == '\t') && !line_end);
    // A leading dot and "From " are changed by some relays.
    const bool fragile = column == 0 && (c == '.' || (c == 'F' && text.substr(i, 5) == "From "));
    if (plain && !fragile) {
      put(text.substr(i, 1));
    } else {
      const char escaped[] = {'=', kHex[byte >> 4], kHex[byte & 15]};
      put(std::string_view(escaped, 3));
    }
  }
  if (column > 0) out += "\r\n";
  return out;
}

bool is_attachment_type(std::string_view type) {
  const std::string lower = to_lower_ascii(type);
  return is_type_name(type) && !lower.starts_with("multipart/") && !lower.starts_with("message/");
}

std::string build_mime(const MailMessage& message) {
  check_attachments(message);
  check_body(message.html, "html");
  check_body(message.text, "text");
  if (message.html.empty() && message.text.empty()) {
    throw Error::invalid("text", "a message needs html or text");
  }
  const std::string boundary = boundary_of(message);
  const std::string body = alternatives(message, boundary);
  if (message.attachments.empty()) return headers_of(message) + body;
  // "=_" and more: neither boundary is the beginning of the other.
  std::string out = headers_of(message);
  out += fmt::format("Content-Type: multipart/mixed;\r\n boundary=\"=_m{}\"\r\n\r\n", boundary);
  out += fmt::format("--=_m{}\r\n{}", boundary, body);
  for (const Attachment& attachment : message.attachments) {
    out += fmt::format("\r\n--=_m{}\r\n{}", boundary, attachment_part(attachment));
  }
  return out + fmt::format("\r\n--=_m{}--\r\n", boundary);
}

}  // namespace rapport
