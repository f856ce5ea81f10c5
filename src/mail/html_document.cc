#include "mail/html_document.h"

#include <algorithm>
#include <map>
#include <vector>

#include "base/error.h"
#include "base/limits/content.h"
#include "base/text.h"

namespace rapport {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Elements that hold nothing, or that end by themselves where the next of them begins.
bool never_open(std::string_view name) {
  static constexpr std::string_view kNames[] = {
      "area",  "base",   "br",    "col",   "embed", "hr",   "img",  "input", "link", "meta",
      "param", "source", "track", "wbr",   "li",    "p",    "td",   "th",    "tr",   "option",
      "dd",    "dt",     "thead", "tbody", "tfoot", "html", "head", "body"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

/// The parser opens unclosed elements again in every block that follows, so what it makes of HTML
/// may be as large as tags times elements left open; and it frees its tree by recursion.
void check_growth(std::string_view html) {
  std::map<std::string, size_t, std::less<>> open;
  size_t tags = 0;
  size_t now_open = 0;
  size_t most_open = 0;
  for (size_t at = html.find('<'); at != std::string_view::npos; at = html.find('<', at + 1)) {
    const bool closing = at + 1 < html.size() && html[at + 1] == '/';
    const size_t start = at + (closing ? 2 : 1);
    if (start >= html.size() || !is_letter(html[start])) continue;
    const size_t end = std::min(html.find_first_of(" \t\r\n\f/>", start), html.size());
    const std::string name = to_lower_ascii(html.substr(start, std::min<size_t>(end - start, 32)));
    ++tags;
    if (never_open(name)) continue;
    size_t& count = open[name];
    if (!closing) {
      ++count;
      most_open = std::max(most_open, ++now_open);
    } else if (count > 0) {
      --count;
      --now_open;
    }
  }
  if (most_open > limits::kMaxHtmlOpen || tags * (most_open + 1) > limits::kMaxHtmlGrowth) {
    throw Error(ErrorCode::kUnprocessable,
                "The HTML has too many elements inside each other or without an end");
  }
}

}  // namespace

HtmlDocument::HtmlDocument(std::string html) : source_(std::move(html)) {
  check_growth(source_);
  output_ = gumbo_parse_with_options(&kGumboDefaultOptions, source_.data(), source_.size());
}

HtmlDocument::~HtmlDocument() {
  gumbo_destroy_output(&kGumboDefaultOptions, output_);
}

size_t HtmlDocument::offset_of(const GumboStringPiece& piece) const {
  const char* begin = source_.data();
  if (piece.data == nullptr || piece.data < begin || piece.data > begin + source_.size()) {
    return std::string::npos;
  }
  return static_cast<size_t>(piece.data - begin);
}

void each_element(const GumboNode& root, const std::function<void(const GumboNode&)>& visit) {
  std::vector<const GumboNode*> stack{&root};
  while (!stack.empty()) {
    const GumboNode& node = *stack.back();
    stack.pop_back();
    if (node.type != GUMBO_NODE_ELEMENT && node.type != GUMBO_NODE_TEMPLATE) continue;
    visit(node);
    const GumboVector& children = node.v.element.children;
    for (unsigned i = children.length; i > 0; --i) {
      stack.push_back(static_cast<const GumboNode*>(children.data[i - 1]));
    }
  }
}

std::string element_name(const GumboNode& element) {
  if (element.v.element.tag != GUMBO_TAG_UNKNOWN) {
    return gumbo_normalized_tagname(element.v.element.tag);
  }
  GumboStringPiece name = element.v.element.original_tag;
  gumbo_tag_from_original_text(&name);
  return to_lower_ascii(HtmlDocument::view(name));
}

const char* attribute_of(const GumboNode& element, const char* name) {
  const GumboAttribute* found = gumbo_get_attribute(&element.v.element.attributes, name);
  return found ? found->value : nullptr;
}

std::string text_content(const GumboNode& root) {
  std::string out;
  std::vector<const GumboNode*> stack{&root};
  while (!stack.empty()) {
    const GumboNode& node = *stack.back();
    stack.pop_back();
    if (node.type == GUMBO_NODE_TEXT || node.type == GUMBO_NODE_WHITESPACE ||
        node.type == GUMBO_NODE_CDATA) {
      out += node.v.text.text;
    } else if (node.type == GUMBO_NODE_ELEMENT && node.v.element.tag != GUMBO_TAG_STYLE &&
               node.v.element.tag != GUMBO_TAG_SCRIPT) {
      const GumboVector& children = node.v.element.children;
      for (unsigned i = children.length; i > 0; --i) {
        stack.push_back(static_cast<const GumboNode*>(children.data[i - 1]));
      }
    }
  }
  return out;
}

std::string mask_template_code(std::string_view source) {
  std::string masked(source);
  for (size_t at = masked.find('{'); at != std::string::npos; at = masked.find('{', at)) {
    const char second = at + 1 < masked.size() ? masked[at + 1] : '\0';
    if (second != '{' && second != '%') {
      ++at;
      continue;
    }
    const size_t close = masked.find(second == '{' ? "}}" : "%}", at + 2);
    if (close == std::string::npos) break;
    for (; at < close + 2; ++at) masked[at] = 'x';
  }
  return masked;
}

}  // namespace rapport
