#include "mail/css_selector.h"

#include <algorithm>

#include "base/text.h"
#include "mail/html_document.h"

namespace rapport {
namespace {

constexpr size_t kMaxCompounds = 16;

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

/// Whether a word is among those of a list.
bool has_word(std::string_view list, std::string_view word) {
  size_t at = 0;
  while (at < list.size()) {
    while (at < list.size() && is_space(list[at])) ++at;
    const size_t start = at;
    while (at < list.size() && !is_space(list[at])) ++at;
    if (at > start && list.substr(start, at - start) == word) return true;
  }
  return false;
}

bool attribute_fits(char test, std::string_view value, std::string_view wanted) {
  switch (test) {
    case '=':
      return value == wanted;
    case '~':
      return has_word(value, wanted);
    case '|':
      return value == wanted || value.starts_with(std::string(wanted) + "-");
    case '^':
      return !wanted.empty() && value.starts_with(wanted);
    case '$':
      return !wanted.empty() && value.ends_with(wanted);
    case '*':
      return !wanted.empty() && value.find(wanted) != std::string_view::npos;
    default:
      return true;
  }
}

}  // namespace

class CssSelector::Reader {
 public:
  explicit Reader(std::string_view text) : text_(trim(text)) {}

  std::optional<CssSelector> run() {
    CssSelector selector;
    bool child = false;
    while (true) {
      Compound compound;
      compound.child = child;
      if (!read_compound(compound) || selector.compounds_.size() >= kMaxCompounds) {
        return std::nullopt;
      }
      count(compound, selector.specificity_);
      selector.compounds_.push_back(std::move(compound));
      if (at_ == text_.size()) return selector;
      skip_space();
      child = peek() == '>';
      if (child) ++at_;
      skip_space();
    }
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_space() {
    while (is_space(peek())) ++at_;
  }
  std::string name() {
    const size_t start = at_;
    while (at_ < text_.size() && is_name(text_[at_])) ++at_;
    return std::string(text_.substr(start, at_ - start));
  }

  static void count(const Compound& compound, std::array<int, 3>& specificity) {
    if (!compound.id.empty()) ++specificity[0];
    specificity[1] += static_cast<int>(compound.classes.size() + compound.attributes.size());
    if (!compound.type.empty()) ++specificity[2];
  }

  /// False when it is none, or not of the kinds that are known.
  bool read_compound(Compound& compound) {
    const size_t start = at_;
    if (peek() == '*') {
      ++at_;
    } else {
      compound.type = to_lower_ascii(name());
    }
    while (at_ < text_.size() && !is_space(peek()) && peek() != '>') {
      const char c = text_[at_++];
      if (c == '.') {
        compound.classes.push_back(name());
        if (compound.classes.back().empty()) return false;
      } else if (c == '#' && compound.id.empty()) {
        compound.id = name();
        if (compound.id.empty()) return false;
      } else if (c != '[' || !read_attribute(compound)) {
        return false;
      }
    }
    return at_ > start;
  }

  bool read_attribute(Compound& compound) {
    Attribute attribute;
    skip_space();
    attribute.name = to_lower_ascii(name());
    skip_space();
    if (attribute.name.empty()) return false;
    if (peek() != ']') {
      attribute.test = text_[at_++];
      if (attribute.test != '=' &&
          (std::string_view("~|^$*").find(attribute.test) == std::string_view::npos ||
           peek() != '=')) {
        return false;
      }
      if (attribute.test != '=') ++at_;
      skip_space();
      if (!read_value(attribute.value)) return false;
      skip_space();
    }
    if (peek() != ']') return false;
    ++at_;
    compound.attributes.push_back(std::move(attribute));
    return true;
  }

  bool read_value(std::string& value) {
    const char quote = peek();
    if (quote != '"' && quote != '\'') {
      value = name();
      return !value.empty();
    }
    const size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) return false;
    value = std::string(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
};

std::optional<CssSelector> CssSelector::parse(std::string_view text) {
  return Reader(text).run();
}

bool CssSelector::fits(const Compound& compound, const GumboNode& element) {
  if (!compound.type.empty() && compound.type != element_name(element)) return false;
  if (!compound.id.empty()) {
    const char* id = attribute_of(element, "id");
    if (id == nullptr || compound.id != id) return false;
  }
  if (!compound.classes.empty()) {
    const char* classes = attribute_of(element, "class");
    if (classes == nullptr) return false;
    for (const std::string& wanted : compound.classes) {
      if (!has_word(classes, wanted)) return false;
    }
  }
  return std::all_of(compound.attributes.begin(), compound.attributes.end(),
                     [&](const Attribute& wanted) {
                       const char* value = attribute_of(element, wanted.name.c_str());
                       return value != nullptr && attribute_fits(wanted.test, value, wanted.value);
                     });
}

// From the last compound to the first, keeping every ancestor that each may stand for: the nearest
// alone is not enough where a child combinator comes before it, and trying one after the other
// takes for ever on selectors made for it.
bool CssSelector::matches(const GumboNode& element) const {
  if (!fits(compounds_.back(), element)) return false;
  if (compounds_.size() == 1) return true;
  std::vector<const GumboNode*> ancestors;  // the parent first
  for (const GumboNode* at = element.parent; at != nullptr && at->type == GUMBO_NODE_ELEMENT;
       at = at->parent) {
    ancestors.push_back(at);
  }
  std::vector<bool> below(ancestors.size() + 1, false);  // [i + 1]: ancestor i; [0]: the element
  below[0] = true;
  for (size_t last = compounds_.size() - 1; last > 0; --last) {
    std::vector<bool> here(below.size(), false);
    bool any = false;
    bool found = false;
    for (size_t i = 0; i < ancestors.size(); ++i) {
      any = any || below[i];
      const bool may = compounds_[last].child ? static_cast<bool>(below[i]) : any;
      if (may && fits(compounds_[last - 1], *ancestors[i])) here[i + 1] = found = true;
    }
    if (!found) return false;
    below = std::move(here);
  }
  return true;
}

}  // namespace rapport
