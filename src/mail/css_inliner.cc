#include "mail/css_inliner.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "base/error.h"
#include "base/limits/content.h"
#include "base/text.h"
#include "mail/css_selector.h"
#include "mail/html_document.h"

namespace rapport {
namespace {

struct Declaration {
  std::string_view name;  // lower case is the author's; compared without case
  std::string_view text;  // "color: red"
  bool important = false;
};

struct Rule {
  size_t begin = 0;  // in the source, selectors to closing brace
  size_t end = 0;
  std::vector<CssSelector> selectors;
  std::vector<Declaration> declarations;
  bool complete = true;  // every selector of it is of the kinds that are inlined
  bool used = false;
};

/// Declarations of an element with what orders them.
struct Applied {
  bool important;
  std::array<int, 3> specificity;
  size_t order;
  Declaration declaration;
  bool operator<(const Applied& other) const {
    if (important != other.important) return other.important;
    if (specificity != other.specificity) return specificity < other.specificity;
    return order < other.order;
  }
};

/// Reads the top-level rules of one style sheet. Structure comes from the masked text, so that the
/// braces of template code do not count; names and values come from the source.
class SheetReader {
 public:
  SheetReader(std::string_view masked, std::string_view source, size_t begin, size_t end)
      : masked_(masked.substr(0, end)), source_(source.substr(0, end)), at_(begin) {}

  void run(std::vector<Rule>& rules) {
    while (true) {
      skip_space_and_comments();
      if (at_ >= masked_.size()) return;
      const size_t begin = at_;
      const size_t stop = masked_.find_first_of("{;", at_);
      if (stop == std::string_view::npos) return;
      if (masked_[stop] == ';') {
        at_ = stop + 1;
        continue;
      }
      const size_t end = end_of_block(stop);
      if (masked_[begin] != '@') add_rule(begin, stop, end, rules);
      at_ = end;
    }
  }

 private:
  void skip_space_and_comments() {
    while (at_ < masked_.size()) {
      const std::string_view rest = masked_.substr(at_);
      if (rest.starts_with("/*")) {
        const size_t close = masked_.find("*/", at_ + 2);
        at_ = close == std::string_view::npos ? masked_.size() : close + 2;
      } else if (rest.starts_with("<!--")) {
        at_ += 4;
      } else if (rest.starts_with("-->")) {
        at_ += 3;
      } else if (std::string_view(" \t\r\n\f}").find(masked_[at_]) != std::string_view::npos) {
        ++at_;
      } else {
        return;
      }
    }
  }

  /// Past a string or comment that begins at `i`; `i` + 1 when none does.
  size_t past_token(size_t i) const {
    if (masked_[i] == '"' || masked_[i] == '\'') {
      const size_t close = masked_.find(masked_[i], i + 1);
      return close == std::string_view::npos ? masked_.size() : close + 1;
    }
    if (masked_.substr(i, 2) == "/*") {
      const size_t close = masked_.find("*/", i + 2);
      return close == std::string_view::npos ? masked_.size() : close + 2;
    }
    return i + 1;
  }

  size_t end_of_block(size_t open) const {
    size_t depth = 0;
    for (size_t i = open; i < masked_.size(); i = past_token(i)) {
      if (masked_[i] == '{') ++depth;
      if (masked_[i] == '}' && --depth == 0) return i + 1;
    }
    return masked_.size();
  }

  void add_rule(size_t begin, size_t open, size_t end, std::vector<Rule>& rules) const {
    Rule rule;
    rule.begin = begin;
    rule.end = end;
    for (const std::string_view text : split(masked_.substr(begin, open - begin), ',')) {
      auto selector = CssSelector::parse(text);
      if (selector) {
        rule.selectors.push_back(std::move(*selector));
      } else {
        rule.complete = false;
      }
    }
    const size_t close = masked_[end - 1] == '}' ? end - 1 : end;
    size_t start = open + 1;
    for (size_t i = start; i <= close; i = i < close ? past_token(i) : i + 1) {
      if (i < close && masked_[i] == '(') i = std::min(masked_.find(')', i), close - 1);
      if (i < close && masked_[i] != ';') continue;
      add_declaration(start, i, rule);
      start = i + 1;
    }
    rules.push_back(std::move(rule));
  }

  void add_declaration(size_t from, size_t to, Rule& rule) const {
    const std::string_view text = trim(source_.substr(from, to - from));
    const size_t colon = text.find(':');
    if (colon == std::string_view::npos || text.starts_with("/*")) return;
    const std::string_view name = trim(text.substr(0, colon));
    const bool plain = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
    });
    if (!plain) {
      rule.complete = false;
      return;
    }
    const bool important = to_lower_ascii(text).find("!important") != std::string::npos;
    rule.declarations.push_back({name, text, important});
  }

  std::string_view masked_;
  std::string_view source_;
  size_t at_;
};

struct Change {
  size_t at;
  size_t length;  // replaced
  std::string text;
};

class Inliner {
 public:
  explicit Inliner(std::string_view html) : source_(html), document_(mask_template_code(html)) {}

  std::string run() {
    find_parts();
    if (rules_.empty() || !affordable()) return std::string(source_);
    for (const GumboNode* element : elements_) style(*element);
    for (const Rule& rule : rules_) {
      // What a rule could not be written into everywhere is still wanted where it stands.
      if (rule.used && rule.complete) changes_.push_back({rule.begin, rule.end - rule.begin, ""});
    }
    std::sort(changes_.begin(), changes_.end(),
              [](const Change& a, const Change& b) { return a.at < b.at; });
    std::string out;
    size_t at = 0;
    for (const Change& change : changes_) {
      out += source_.substr(at, change.at - at);
      out += change.text;
      at = change.at + change.length;
    }
    out += source_.substr(at);
    return out;
  }

 private:
  void find_parts() {
    std::set<const char*> seen;  // the parser may make several elements from one tag
    each_element(document_.root(), [&](const GumboNode& node) {
      const GumboElement& element = node.v.element;
      if (element.original_tag.length == 0 || !seen.insert(element.original_tag.data).second) {
        return;
      }
      if (element.tag == GUMBO_TAG_STYLE) {
        read_sheet(node);
      } else if (element.tag != GUMBO_TAG_HEAD && element.tag != GUMBO_TAG_META &&
                 element.tag != GUMBO_TAG_TITLE && element.tag != GUMBO_TAG_LINK &&
                 element.tag != GUMBO_TAG_SCRIPT) {
        elements_.push_back(&node);
      }
    });
  }

  void read_sheet(const GumboNode& style) {
    const char* wanted = attribute_of(style, "data-inline");
    const char* media = attribute_of(style, "media");
    const GumboVector& children = style.v.element.children;
    if (children.length == 0 || (wanted && std::string_view(wanted) == "false")) return;
    if (media && std::string_view(media) != "all" && *media != '\0') return;
    const auto& text = *static_cast<const GumboNode*>(children.data[0]);
    const size_t begin = document_.offset_of(text.v.text.original_text);
    if (begin == std::string::npos) return;
    const size_t end = begin + text.v.text.original_text.length;
    SheetReader(document_.source(), source_, begin, end).run(rules_);
  }

  bool affordable() const {
    size_t selectors = 0;
    for (const Rule& rule : rules_) selectors += rule.selectors.size();
    return selectors * elements_.size() <= limits::kMaxCssMatches;
  }

  void style(const GumboNode& element) {
    std::vector<Applied> applied;
    for (size_t i = 0; i < rules_.size(); ++i) {
      Rule& rule = rules_[i];
      std::optional<std::array<int, 3>> best;
      for (const CssSelector& selector : rule.selectors) {
        if (selector.matches(element))
          best = std::max(best.value_or(std::array<int, 3>{}), selector.specificity());
      }
      if (!best) continue;
      rule.used = true;
      for (const Declaration& d : rule.declarations) {
        applied.push_back({d.important, *best, i, d});
      }
    }
    if (applied.empty()) return;
    std::stable_sort(applied.begin(), applied.end());
    write_style(element, applied);
  }

  void write_style(const GumboNode& element, const std::vector<Applied>& applied) {
    std::map<std::string, size_t> last;  // of each property: later ones win
    for (size_t i = 0; i < applied.size(); ++i) {
      last[to_lower_ascii(applied[i].declaration.name)] = i;
    }
    std::string text;
    for (size_t i = 0; i < applied.size(); ++i) {
      if (last[to_lower_ascii(applied[i].declaration.name)] != i) continue;
      text += (text.empty() ? "" : "; ") + std::string(applied[i].declaration.text);
    }
    text = attribute_value(text);
    const GumboElement& e = element.v.element;
    const size_t tag = document_.offset_of(e.original_tag);
    const GumboAttribute* own = gumbo_get_attribute(&e.attributes, "style");
    if (own == nullptr) {
      const size_t name_end = source_.find_first_of(" \t\r\n\f/>", tag + 1);
      changes_.push_back({name_end, 0, " style=\"" + text + "\""});
      return;
    }
    const size_t begin = document_.offset_of(own->original_value);
    if (begin == std::string::npos) return;
    std::string_view value = source_.substr(begin, own->original_value.length);
    const bool quoted = !value.empty() && (value[0] == '"' || value[0] == '\'');
    const bool single = quoted && value[0] == '\'';
    if (quoted) value = value.substr(1, value.size() - 2);
    std::string kept(trim(value));
    if (single) kept = attribute_value(kept);
    changes_.push_back({begin, own->original_value.length,
                        "\"" + text + (kept.empty() ? "" : "; " + kept) + "\""});
  }

  /// Double quotes become references, but for those of template code, which is gone when the HTML
  /// is read.
  static std::string attribute_value(std::string_view text) {
    const std::string masked = mask_template_code(text);
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '"' && masked[i] == '"') {
        out += "&quot;";
      } else {
        out += text[i] == '\n' ? ' ' : text[i];
      }
    }
    return out;
  }

  std::string_view source_;
  HtmlDocument document_;
  std::vector<Rule> rules_;
  std::vector<const GumboNode*> elements_;
  std::vector<Change> changes_;
};

}  // namespace

std::string inline_css(std::string_view html) {
  // Most HTML has no style sheet, and parsing it would be for nothing.
  if (html.find("<style") == std::string_view::npos &&
      html.find("<STYLE") == std::string_view::npos)
    return std::string(html);
  try {
    return Inliner(html).run();
  } catch (const Error&) {
    return std::string(html);
  }
}

}  // namespace rapport
