#include "mail/mime_reader.h"

#include <algorithm>
#include <optional>

#include "base/limits/mail.h"
#include "base/text.h"

namespace rapport {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

constexpr size_t kMaxHeaders = 200;
constexpr size_t kMaxHeaderBytes = 64 * 1024;
constexpr size_t kMaxEncodedWord = 1'024;  // RFC 2047 says 75; some senders write longer ones
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

/// =XX; `underscore_is_space` for the Q encoding of headers.
std::string decode_quoted(std::string_view text, bool underscore_is_space) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '=' && i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_value(text[i + 2]) : -1;
    if (low >= 0) {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else if (text[i] == '_' && underscore_is_space) {
      out += ' ';
    } else {
      out += text[i];
    }
  }
  return out;
}

/// Soft line breaks joined, then =XX.
std::string decode_quoted_printable(std::string_view text) {
  std::string joined;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    const size_t last = line.find_last_not_of(" \t\r");
    line = line.substr(0, last == std::string_view::npos ? 0 : last + 1);
    const bool soft = !line.empty() && line.back() == '=';
    joined += soft ? line.substr(0, line.size() - 1) : line;
    if (!soft && end != std::string_view::npos) joined += '\n';
  }
  // "=" and "X" "X" must be seen with their two digits, also at the very end.
  return decode_quoted(joined, false);
}

std::optional<std::string> decode_base64_loose(std::string_view text) {
  std::string packed;
  packed.reserve(text.size());
  for (const char c : text) {
    if (c != ' ' && c != '\t' && c != '\r' && c != '\n') packed += c;
  }
  return base64_decode(packed);
}

std::string latin1_to_utf8(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out += c;
    } else {
      out += static_cast<char>(0xC0 | (byte >> 6));
      out += static_cast<char>(0x80 | (byte & 0x3F));
    }
  }
  return out;
}

/// Valid UTF-8 whatever comes in.
std::string to_utf8(std::string text, std::string_view charset) {
  const std::string lower = to_lower_ascii(charset);
  if (lower == "iso-8859-1" || lower == "latin1") return latin1_to_utf8(text);
  if (is_valid_utf8(text)) return text;
  std::string out;
  std::string_view left = text;
  while (!left.empty()) {
    size_t length = 1;
    while (length <= 4 && length <= left.size() && !is_valid_utf8(left.substr(0, length))) ++length;
    if (length > 4 || length > left.size()) {
      out += kReplacement;
      left.remove_prefix(1);
    } else {
      out += left.substr(0, length);
      left.remove_prefix(length);
    }
  }
  return out;
}

struct EncodedWord {
  std::string bytes;
  std::string charset;
  size_t size = 0;  // in the source
};

/// "=?charset?B?text?=" at the front of `text`.
std::optional<EncodedWord> read_encoded_word(std::string_view text) {
  text = text.substr(0, kMaxEncodedWord);
  if (!text.starts_with("=?")) return std::nullopt;
  const size_t first = text.find('?', 2);
  if (first == std::string_view::npos || first + 2 >= text.size() || text[first + 2] != '?') {
    return std::nullopt;
  }
  const size_t end = text.find("?=", first + 3);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view body = text.substr(first + 3, end - first - 3);
  if (body.find_first_of(" \r\n?") != std::string_view::npos) return std::nullopt;
  EncodedWord word;
  const std::string_view charset = text.substr(2, first - 2);
  word.charset = std::string(charset.substr(0, charset.find('*')));
  word.size = end + 2;
  const char encoding = text[first + 1];
  if (encoding == 'B' || encoding == 'b') {
    auto bytes = base64_decode(body);
    if (!bytes) return std::nullopt;
    word.bytes = std::move(*bytes);
  } else if (encoding == 'Q' || encoding == 'q') {
    word.bytes = decode_quoted(body, true);
  } else {
    return std::nullopt;
  }
  return word;
}

/// Splits off the headers, unfolded but not decoded; `rest` becomes the body.
Headers read_headers(std::string_view& rest) {
  Headers headers;
  size_t bytes = 0;
  while (!rest.empty()) {
    const size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty()) break;
    bytes += line.size();
    if (headers.size() >= kMaxHeaders || bytes > kMaxHeaderBytes) continue;
    if ((line[0] == ' ' || line[0] == '\t') && !headers.empty()) {
      headers.back().second += line;
      continue;
    }
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    headers.emplace_back(trim(line.substr(0, colon)), trim(line.substr(colon + 1)));
  }
  return headers;
}

std::string_view find_header(const Headers& headers, std::string_view name) {
  for (const auto& [key, value] : headers) {
    if (equals_ignore_case(key, name)) return value;
  }
  return {};
}

/// `name=value` or `name="value"` of a structured header.
std::string parameter_of(std::string_view header, std::string_view name) {
  size_t at = header.find(';');
  while (at != std::string_view::npos) {
    std::string_view rest = trim(header.substr(at + 1));
    const size_t equals = rest.find('=');
    if (equals == std::string_view::npos) return {};
    const bool wanted = equals_ignore_case(trim(rest.substr(0, equals)), name);
    std::string_view value = trim(rest.substr(equals + 1));
    const bool quoted = !value.empty() && value[0] == '"';
    const size_t end = quoted ? value.find('"', 1) : value.find_first_of("; \t");
    if (wanted) return std::string(quoted ? value.substr(1, end - 1) : value.substr(0, end));
    if (end == std::string_view::npos) return {};
    const size_t next = value.find(';', quoted ? end + 1 : end);
    at = next == std::string_view::npos ? next
                                        : static_cast<size_t>(value.data() - header.data()) + next;
  }
  return {};
}

std::string with_lf(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    out += text[i];
  }
  return out;
}

class PartReader {
 public:
  explicit PartReader(ParsedMail& mail) : mail_(mail) {}

  void read(const Headers& headers, std::string_view body, size_t depth) {
    if (++parts_ > limits::kMaxMimeParts || depth > limits::kMaxMimeDepth) return;
    const std::string_view header = find_header(headers, "Content-Type");
    std::string type = to_lower_ascii(trim(header.substr(0, header.find(';'))));
    if (type.empty()) type = "text/plain";
    if (type.starts_with("multipart/")) {
      const std::string boundary = parameter_of(header, "boundary");
      if (!boundary.empty()) read_multipart(body, "--" + boundary, depth);
      return;
    }
    std::string* target = type == "text/plain"  ? &mail_.text
                          : type == "text/html" ? &mail_.html
                                                : nullptr;
    if (!target || !target->empty()) return;
    const std::string encoding =
        to_lower_ascii(trim(find_header(headers, "Content-Transfer-Encoding")));
    std::string decoded(body);
    if (encoding == "quoted-printable") decoded = decode_quoted_printable(body);
    if (encoding == "base64") decoded = decode_base64_loose(body).value_or(decoded);
    *target = with_lf(to_utf8(std::move(decoded), parameter_of(header, "charset")));
  }

 private:
  void read_multipart(std::string_view body, const std::string& delimiter, size_t depth) {
    size_t start = std::string_view::npos;  // of the current part
    size_t line = 0;
    while (line < body.size()) {
      const size_t end = std::min(body.find('\n', line), body.size());
      const std::string_view text = body.substr(line, end - line);
      if (text.starts_with(delimiter)) {
        if (start != std::string_view::npos) read_part(body.substr(start, line - start), depth);
        start = std::min(end + 1, body.size());
        if (text.substr(delimiter.size()).starts_with("--")) return;
      }
      line = end + 1;
    }
    if (start != std::string_view::npos) read_part(body.substr(start), depth);
  }

  void read_part(std::string_view part, size_t depth) {
    // The line end before a delimiter belongs to the delimiter.
    if (!part.empty() && part.back() == '\n') part.remove_suffix(1);
    if (!part.empty() && part.back() == '\r') part.remove_suffix(1);
    const Headers headers = read_headers(part);
    read(headers, part, depth + 1);
  }

  ParsedMail& mail_;
  size_t parts_ = 0;
};

}  // namespace

std::string decode_header_text(std::string_view text) {
  std::string out;
  std::string pending;  // bytes of adjacent words of one charset: a character may span two words
  std::string charset;
  const auto flush = [&] {
    if (!pending.empty()) out += to_utf8(std::move(pending), charset);
    pending.clear();
  };
  while (!text.empty()) {
    // White space between two encoded-words is not part of the text.
    const size_t space = std::min(text.find_first_not_of(" \t\r\n"), text.size());
    if (const auto word = read_encoded_word(text.substr(space))) {
      if (pending.empty()) out += text.substr(0, space);
      if (word->charset != charset) flush();
      charset = word->charset;
      pending += word->bytes;
      text.remove_prefix(space + word->size);
      continue;
    }
    flush();
    const size_t next = std::min(text.find_first_of(" \t\r\n=", space + 1), text.size());
    out += text.substr(0, next);
    text.remove_prefix(next);
  }
  flush();
  return to_utf8(std::move(out), "utf-8");
}

std::string_view ParsedMail::header(std::string_view name) const {
  return find_header(headers, name);
}

ParsedMail parse_mail(std::string_view message) {
  message = message.substr(0, limits::kMaxMailBytes);
  ParsedMail mail;
  const Headers headers = read_headers(message);
  PartReader(mail).read(headers, message, 0);
  for (const auto& [name, value] : headers) {
    mail.headers.emplace_back(to_utf8(name, "utf-8"), decode_header_text(value));
  }
  return mail;
}

}  // namespace rapport
