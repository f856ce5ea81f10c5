#include "liquid/lexer.h"

#include <array>

namespace rapport::liquid {
namespace {

constexpr std::string_view kSpace = " \t\r\n\f\v";

bool is_space(char c) {
  return kSpace.find(c) != std::string_view::npos;
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

std::string_view trim_left(std::string_view text) {
  const size_t first = text.find_first_not_of(kSpace);
  // Even when empty the view must point into the source.
  return text.substr(first == std::string_view::npos ? text.size() : first);
}

std::string_view trim_right(std::string_view text) {
  const size_t last = text.find_last_not_of(kSpace);
  return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

size_t name_length(std::string_view text) {
  if (!text.empty() && text[0] == '#') return 1;
  size_t length = 0;
  while (length < text.size() && (is_letter(text[length]) || is_digit(text[length]))) ++length;
  return length;
}

class Tokenizer {
 public:
  explicit Tokenizer(std::string_view source) : source_(source) {}

  std::vector<Token> run() {
    while (at_ < source_.size()) {
      const size_t open = find_open();
      add_text(open);
      if (open == std::string_view::npos) break;
      at_ = open;
      read_construct();
    }
    return std::move(tokens_);
  }

 private:
  void push(Token::Kind kind, std::string_view name, std::string_view text, size_t offset) {
    const auto text_offset = static_cast<size_t>(text.data() - source_.data());
    tokens_.push_back({kind, name, text, offset, text_offset});
  }

  size_t find_open() const {
    for (size_t i = source_.find('{', at_); i != std::string_view::npos;
         i = source_.find('{', i + 1)) {
      if (i + 1 < source_.size() && (source_[i + 1] == '{' || source_[i + 1] == '%')) return i;
    }
    return std::string_view::npos;
  }

  void add_text(size_t end) {
    std::string_view text = source_.substr(at_, end == std::string_view::npos ? end : end - at_);
    size_t offset = at_;
    if (trim_next_) {
      const std::string_view left = trim_left(text);
      offset += text.size() - left.size();
      text = left;
      trim_next_ = false;
    }
    if (end != std::string_view::npos && end + 2 < source_.size() && source_[end + 2] == '-') {
      text = trim_right(text);
    }
    if (!text.empty()) push(Token::Kind::kText, {}, text, offset);
  }

  void read_construct() {
    const bool output = source_[at_ + 1] == '{';
    const size_t start = at_;
    size_t inner = start + 2;
    if (inner < source_.size() && source_[inner] == '-') ++inner;
    const size_t close = source_.find(output ? "}}" : "%}", inner);
    if (close == std::string_view::npos) {
      throw SourceError(start,
                        output ? "'{{' is not closed with '}}'" : "'{%' is not closed with '%}'");
    }
    std::string_view markup = source_.substr(inner, close - inner);
    if (!markup.empty() && markup.back() == '-') {
      markup.remove_suffix(1);
      trim_next_ = true;
    }
    at_ = close + 2;
    if (output) {
      push(Token::Kind::kOutput, {}, markup, start);
      return;
    }
    markup = trim_left(markup);
    const std::string_view name = markup.substr(0, name_length(markup));
    const std::string_view rest = markup.substr(name.size());
    if (name == "raw" || name == "doc") {
      read_verbatim(name, rest, start);
    } else if (name != "#") {
      push(Token::Kind::kTag, name, rest, start);
    }
  }

  /// Everything up to the matching end tag is not Liquid.
  void read_verbatim(std::string_view name, std::string_view markup, size_t start) {
    if (!trim_left(markup).empty()) {
      throw SourceError(start, "'" + std::string(name) + "' takes no arguments");
    }
    const std::string end_name = "end" + std::string(name);
    trim_next_ = false;
    const size_t body = at_;
    for (size_t open = source_.find("{%", body); open != std::string_view::npos;
         open = source_.find("{%", open + 2)) {
      std::string_view tag = source_.substr(open + 2);
      if (!tag.empty() && tag[0] == '-') tag.remove_prefix(1);
      tag = trim_left(tag);
      const std::string_view tag_name = tag.substr(0, name_length(tag));
      if (name == "doc" && tag_name == "doc") {
        throw SourceError(open, "'doc' cannot be inside 'doc'");
      }
      const size_t close = tag_name == end_name ? tag.find("%}") : std::string_view::npos;
      if (close == std::string_view::npos) continue;
      trim_next_ = close > 0 && tag[close - 1] == '-';
      at_ = static_cast<size_t>(tag.data() - source_.data()) + close + 2;
      const std::string_view text = source_.substr(body, open - body);
      if (name == "raw") push(Token::Kind::kRaw, {}, text, body);
      return;
    }
    throw SourceError(start, "'" + std::string(name) + "' is not closed with '" + end_name + "'");
  }

  std::string_view source_;
  size_t at_ = 0;
  bool trim_next_ = false;
  std::vector<Token> tokens_;
};

class ExpressionTokenizer {
 public:
  using Kind = ExpressionToken::Kind;

  ExpressionTokenizer(std::string_view text, size_t base) : text_(text), base_(base) {}

  std::vector<ExpressionToken> run() {
    while (true) {
      while (at_ < text_.size() && is_space(text_[at_])) ++at_;
      if (at_ == text_.size()) break;
      read();
    }
    push(Kind::kEnd, 0);
    return std::move(tokens_);
  }

 private:
  char peek(size_t ahead) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  void push(Kind kind, size_t length) {
    tokens_.push_back({kind, text_.substr(at_, length), base_ + at_});
    at_ += length;
  }

  void read() {
    const char c = peek(0);
    if (is_letter(c)) return read_name();
    if (is_digit(c) || (c == '-' && is_digit(peek(1)))) return read_number();
    if (c == '"' || c == '\'') return read_string(c);
    switch (c) {
      case '.':
        return peek(1) == '.' ? push(Kind::kDotDot, 2) : push(Kind::kDot, 1);
      case '[':
        return push(Kind::kOpenBracket, 1);
      case ']':
        return push(Kind::kCloseBracket, 1);
      case '(':
        return push(Kind::kOpenParen, 1);
      case ')':
        return push(Kind::kCloseParen, 1);
      case ',':
        return push(Kind::kComma, 1);
      case ':':
        return push(Kind::kColon, 1);
      case '|':
        return push(Kind::kPipe, 1);
      default:
        return read_operator();
    }
  }

  void read_operator() {
    static constexpr std::array<std::string_view, 7> kOperators = {
        "==", "!=", "<>", "<=", ">=", "<", ">"};
    for (const std::string_view op : kOperators) {
      if (text_.substr(at_, op.size()) == op) return push(Kind::kComparison, op.size());
    }
    if (peek(0) == '=') return push(Kind::kAssign, 1);
    throw SourceError(base_ + at_, "unexpected character '" + printable(peek(0)) + "'");
  }

  static std::string printable(char c) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7F) return std::string(1, c);
    constexpr std::string_view kHex = "0123456789abcdef";
    return std::string("\\x") + kHex[byte >> 4] + kHex[byte & 15];
  }

  void read_name() {
    size_t length = 1;
    while (is_letter(peek(length)) || is_digit(peek(length)) || peek(length) == '-') ++length;
    if (peek(length) == '?') ++length;
    push(text_.substr(at_, length) == "contains" ? Kind::kComparison : Kind::kName, length);
  }

  void read_number() {
    size_t length = 1;
    while (is_digit(peek(length))) ++length;
    if (peek(length) != '.' || !is_digit(peek(length + 1))) return push(Kind::kInteger, length);
    ++length;
    while (is_digit(peek(length))) ++length;
    push(Kind::kFloat, length);
  }

  void read_string(char quote) {
    const size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) throw SourceError(base_ + at_, "text without closing quote");
    tokens_.push_back({Kind::kString, text_.substr(at_ + 1, end - at_ - 1), base_ + at_});
    at_ = end + 1;
  }

  std::string_view text_;
  size_t base_;
  size_t at_ = 0;
  std::vector<ExpressionToken> tokens_;
};

}  // namespace

std::vector<Token> tokenize(std::string_view source) {
  return Tokenizer(source).run();
}

std::vector<Token> tokenize_lines(std::string_view lines, size_t base) {
  std::vector<Token> tokens;
  size_t at = 0;
  while (at < lines.size()) {
    const size_t end = std::min(lines.find('\n', at), lines.size());
    const std::string_view line = trim_left(lines.substr(at, end - at));
    const size_t offset = base + static_cast<size_t>(line.data() - lines.data());
    const std::string_view name = line.substr(0, name_length(line));
    if (!line.empty() && name != "#") {
      const std::string_view rest = line.substr(name.size());
      tokens.push_back({Token::Kind::kTag, name, rest, offset, offset + name.size()});
    }
    at = end + 1;
  }
  return tokens;
}

std::vector<ExpressionToken> tokenize_expression(std::string_view markup, size_t base) {
  return ExpressionTokenizer(markup, base).run();
}

}  // namespace rapport::liquid
