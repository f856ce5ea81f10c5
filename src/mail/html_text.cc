#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "base/text.h"
#include "mail/mime.h"

namespace rapport {
namespace {

constexpr std::string_view kSpace = " \t\r\n\f";

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void append_utf8(uint32_t c, std::string& out) {
  if (c == 0 || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) c = 0xFFFD;
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | (c >> 6));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | (c >> 12));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (c >> 18));
    out += static_cast<char>(0x80 | ((c >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

struct NamedCharacter {
  std::string_view name;
  std::string_view text;
};

constexpr std::array<NamedCharacter, 16> kNamed = {{{"amp", "&"},
                                                    {"lt", "<"},
                                                    {"gt", ">"},
                                                    {"quot", "\""},
                                                    {"apos", "'"},
                                                    {"nbsp", " "},
                                                    {"copy", "©"},
                                                    {"reg", "®"},
                                                    {"trade", "™"},
                                                    {"hellip", "…"},
                                                    {"mdash", "—"},
                                                    {"ndash", "–"},
                                                    {"rsquo", "’"},
                                                    {"lsquo", "‘"},
                                                    {"euro", "€"},
                                                    {"zwnj", ""}}};

/// Text of "amp", "#39", "#x27"; null when unknown.
std::optional<std::string> character_of(std::string_view name) {
  if (name.size() > 1 && name[0] == '#') {
    const bool hex = name[1] == 'x' || name[1] == 'X';
    uint32_t value = 0;
    for (const char c : name.substr(hex ? 2 : 1)) {
      const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
      uint32_t digit = 99;
      if (lower >= '0' && lower <= '9') digit = static_cast<uint32_t>(lower - '0');
      if (hex && lower >= 'a' && lower <= 'f') digit = static_cast<uint32_t>(lower - 'a' + 10);
      if (digit == 99 || value > 0x110000) return std::nullopt;
      value = value * (hex ? 16 : 10) + digit;
    }
    std::string out;
    append_utf8(value, out);
    return out;
  }
  for (const auto& named : kNamed) {
    if (named.name == name) return std::string(named.text);
  }
  return std::nullopt;
}

std::string decode_references(std::string_view text) {
  constexpr size_t kMaxReference = 12;
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const size_t end = text[i] == '&' ? text.substr(i, kMaxReference).find(';') : 0;
    if (text[i] == '&' && end != std::string_view::npos) {
      if (const auto character = character_of(text.substr(i + 1, end - 1))) {
        out += *character;
        i += end;
        continue;
      }
    }
    out += text[i];
  }
  return out;
}

struct HtmlTag {
  std::string name;  // lower case
  bool closing = false;
  std::string_view attributes;
};

/// The value of href, decoded; "" when there is none.
std::string href_of(std::string_view attributes) {
  const std::string lower = to_lower_ascii(attributes);
  for (size_t at = lower.find("href"); at != std::string::npos; at = lower.find("href", at + 4)) {
    if (at > 0 && kSpace.find(lower[at - 1]) == std::string_view::npos) continue;
    size_t i = attributes.find_first_not_of(kSpace, at + 4);
    if (i == std::string_view::npos || attributes[i] != '=') continue;
    i = attributes.find_first_not_of(kSpace, i + 1);
    if (i == std::string_view::npos) return {};
    const char quote = attributes[i];
    const bool quoted = quote == '"' || quote == '\'';
    if (quoted) ++i;
    const size_t end = quoted ? attributes.find(quote, i) : attributes.find_first_of(kSpace, i);
    return decode_references(trim(attributes.substr(i, end - i)));
  }
  return {};
}

class TextMaker {
 public:
  explicit TextMaker(std::string_view html) : html_(html) {}

  std::string run() {
    while (at_ < html_.size()) {
      const size_t open = std::min(html_.find('<', at_), html_.size());
      add_text(html_.substr(at_, open - at_));
      at_ = open;
      if (at_ < html_.size()) read_markup();
    }
    while (!out_.empty() && kSpace.find(out_.back()) != std::string_view::npos) out_.pop_back();
    return out_.empty() ? out_ : out_ + "\n";
  }

 private:
  void read_markup() {
    if (html_.substr(at_, 4) == "<!--") return skip_past("-->");
    const size_t close = html_.find('>', at_);
    if (close == std::string_view::npos) {
      add_text(html_.substr(at_));
      at_ = html_.size();
      return;
    }
    std::string_view inner = html_.substr(at_ + 1, close - at_ - 1);
    at_ = close + 1;
    HtmlTag tag;
    if (!inner.empty() && inner[0] == '/') {
      tag.closing = true;
      inner.remove_prefix(1);
    }
    const size_t name_end = std::min(inner.find_first_of(" \t\r\n\f/"), inner.size());
    tag.name = to_lower_ascii(inner.substr(0, name_end));
    tag.attributes = inner.substr(name_end);
    apply(tag);
  }

  void apply(const HtmlTag& tag) {
    if (!tag.closing && is_one_of(tag.name, {"script", "style", "head", "title"})) {
      return skip_element(tag.name);
    }
    if (tag.name == "br") return new_line(1);
    if (tag.name == "a") return tag.closing ? end_link() : begin_link(tag);
    if (tag.name == "li") {
      new_line(1);
      if (!tag.closing) out_ += "- ";
      return;
    }
    if (is_one_of(tag.name, {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table",
                             "blockquote", "hr", "pre"})) {
      return new_line(2);
    }
    if (is_one_of(tag.name, {"div", "tr", "section", "article", "header", "footer", "center"})) {
      return new_line(1);
    }
    if (is_one_of(tag.name, {"td", "th"})) space_ = true;
  }

  void skip_past(std::string_view mark) {
    const size_t end = html_.find(mark, at_);
    at_ = end == std::string_view::npos ? html_.size() : end + mark.size();
  }

  /// To the end tag, case ignored; a missing one swallows the rest, as browsers do.
  void skip_element(const std::string& name) {
    for (size_t at = html_.find("</", at_); at != std::string_view::npos;
         at = html_.find("</", at + 2)) {
      if (!equals_ignore_case(html_.substr(at + 2, name.size()), name)) continue;
      at_ = at;
      return skip_past(">");
    }
    at_ = html_.size();
  }

  void begin_link(const HtmlTag& tag) {
    href_ = href_of(tag.attributes);
    if (space_ && !out_.empty() && out_.back() != '\n') out_ += ' ';
    space_ = false;
    link_start_ = out_.size();
  }

  void end_link() {
    const std::string lower = to_lower_ascii(href_);
    const bool useful = lower.starts_with("http://") || lower.starts_with("https://") ||
                        lower.starts_with("mailto:");
    const std::string_view shown =
        link_start_ <= out_.size() ? trim(std::string_view(out_).substr(link_start_)) : "";
    if (useful && shown != href_ && "mailto:" + std::string(shown) != href_) {
      out_ += shown.empty() ? href_ : " (" + href_ + ")";
    }
    href_.clear();
  }

  void new_line(int count) {
    space_ = false;
    if (out_.empty()) return;
    int have = 0;
    for (size_t i = out_.size(); i > 0 && out_[i - 1] == '\n'; --i) ++have;
    for (; have < count; ++have) out_ += '\n';
  }

  void add_text(std::string_view raw) {
    for (const char c : decode_references(raw)) {
      if (kSpace.find(c) != std::string_view::npos) {
        space_ = true;
        continue;
      }
      if (space_ && !out_.empty() && kSpace.find(out_.back()) == std::string_view::npos) {
        out_ += ' ';
      }
      space_ = false;
      out_ += c;
    }
  }

  std::string_view html_;
  size_t at_ = 0;
  std::string out_;
  bool space_ = false;
  std::string href_;
  size_t link_start_ = 0;
};

}  // namespace

std::string html_to_text(std::string_view html) {
  return TextMaker(html).run();
}

}  // namespace rapport
