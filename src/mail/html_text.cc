#include <algorithm>
#include <vector>

#include "base/text.h"
#include "mail/html_document.h"
#include "mail/mime.h"

namespace rapport {
namespace {

constexpr std::string_view kSpace = " \t\r\n\f";
constexpr std::string_view kInvisible = "\u200b\u200c\u200d\ufeff\u034f\u00ad";

/// Characters that only keep a preview line empty: they are not text.
std::string without_invisible(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    const std::string_view c = text.substr(i, size);
    if (c == "\u00a0") {
      out += ' ';
    } else if (size == 1 || kInvisible.find(c) == std::string_view::npos) {
      out += c;
    }
    i += size;
  }
  return out;
}

bool is_hidden(const GumboNode& element) {
  const char* style = attribute_of(element, "style");
  if (style == nullptr) return false;
  std::string plain;
  for (const char c : to_lower_ascii(style)) {
    if (kSpace.find(c) == std::string_view::npos) plain += c;
  }
  return plain.find("display:none") != std::string::npos;
}

class TextMaker {
 public:
  std::string run(const GumboNode& root) {
    enter(root);
    while (!out_.empty() && kSpace.find(out_.back()) != std::string_view::npos) out_.pop_back();
    return out_.empty() ? out_ : out_ + "\n";
  }

 private:
  struct Open {
    const GumboNode* node;
    unsigned next = 0;
  };

  /// Walks without recursion: the depth is the sender's choice.
  void enter(const GumboNode& root) {
    std::vector<Open> stack;
    if (open(root)) stack.push_back({&root});
    while (!stack.empty()) {
      Open& top = stack.back();
      const GumboVector& children = top.node->v.element.children;
      if (top.next == children.length) {
        close(*top.node);
        stack.pop_back();
        continue;
      }
      const auto& child = *static_cast<const GumboNode*>(children.data[top.next++]);
      if (child.type == GUMBO_NODE_ELEMENT) {
        if (open(child)) stack.push_back({&child});
      } else if (child.type != GUMBO_NODE_COMMENT && child.type != GUMBO_NODE_TEMPLATE) {
        add_text(child.v.text.text);
      }
    }
  }

  static int lines_around(GumboTag tag) {
    switch (tag) {
      case GUMBO_TAG_P:
      case GUMBO_TAG_H1:
      case GUMBO_TAG_H2:
      case GUMBO_TAG_H3:
      case GUMBO_TAG_H4:
      case GUMBO_TAG_H5:
      case GUMBO_TAG_H6:
      case GUMBO_TAG_UL:
      case GUMBO_TAG_OL:
      case GUMBO_TAG_TABLE:
      case GUMBO_TAG_BLOCKQUOTE:
      case GUMBO_TAG_HR:
      case GUMBO_TAG_PRE:
        return 2;
      case GUMBO_TAG_DIV:
      case GUMBO_TAG_TR:
      case GUMBO_TAG_LI:
      case GUMBO_TAG_SECTION:
      case GUMBO_TAG_ARTICLE:
      case GUMBO_TAG_HEADER:
      case GUMBO_TAG_FOOTER:
      case GUMBO_TAG_CENTER:
        return 1;
      default:
        return 0;
    }
  }

  /// False when nothing in it is shown.
  bool open(const GumboNode& element) {
    const GumboTag tag = element.v.element.tag;
    if (tag == GUMBO_TAG_SCRIPT || tag == GUMBO_TAG_STYLE || tag == GUMBO_TAG_HEAD ||
        tag == GUMBO_TAG_TITLE || tag == GUMBO_TAG_NOSCRIPT || is_hidden(element)) {
      return false;
    }
    if (tag == GUMBO_TAG_BR) {
      new_line(1);
    } else if (tag == GUMBO_TAG_A) {
      begin_link(element);
    } else if (tag == GUMBO_TAG_IMG) {
      if (const char* alt = attribute_of(element, "alt")) add_text(alt);
    } else if (tag == GUMBO_TAG_TD || tag == GUMBO_TAG_TH) {
      space_ = true;
    } else if (const int lines = lines_around(tag); lines > 0) {
      new_line(lines);
    }
    if (tag == GUMBO_TAG_OL || tag == GUMBO_TAG_UL) lists_.push_back(tag == GUMBO_TAG_OL ? 1 : 0);
    if (tag == GUMBO_TAG_LI) begin_item();
    return true;
  }

  void close(const GumboNode& element) {
    const GumboTag tag = element.v.element.tag;
    if (tag == GUMBO_TAG_A) end_link();
    if ((tag == GUMBO_TAG_OL || tag == GUMBO_TAG_UL) && !lists_.empty()) lists_.pop_back();
    if (const int lines = lines_around(tag); lines > 0) new_line(lines);
  }

  void begin_item() {
    out_ += lists_.empty() || lists_.back() == 0 ? "- " : std::to_string(lists_.back()++) + ". ";
  }

  void begin_link(const GumboNode& element) {
    const char* href = attribute_of(element, "href");
    href_ = std::string(trim(href ? href : ""));
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
    while (!out_.empty() && out_.back() == ' ') out_.pop_back();
    if (out_.empty()) return;
    int have = 0;
    for (size_t i = out_.size(); i > 0 && out_[i - 1] == '\n'; --i) ++have;
    for (; have < count; ++have) out_ += '\n';
  }

  void add_text(std::string_view text) {
    for (const char c : without_invisible(text)) {
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

  std::string out_;
  bool space_ = false;
  std::string href_;
  size_t link_start_ = 0;
  std::vector<int> lists_;  // next number of each open list; 0 for those without
};

}  // namespace

std::string html_to_text(std::string_view html) {
  if (html.empty()) return {};
  const HtmlDocument document{std::string(html)};
  return TextMaker().run(document.root());
}

}  // namespace rapport
