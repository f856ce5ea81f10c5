// CSS selectors that can be matched against an element: type, class, id, attribute, with descendant
// and child combinators. Pure; immutable once parsed.
#pragma once

#include <gumbo.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rapport {

class CssSelector {
 public:
  /// Null for what is not one of those: pseudo-classes, siblings, nonsense.
  static std::optional<CssSelector> parse(std::string_view text);
  bool matches(const GumboNode& element) const;
  /// Numbers of ids, of classes and attributes, of types; compared in this order.
  std::array<int, 3> specificity() const { return specificity_; }

 private:
  struct Attribute {
    std::string name;
    char test = 0;  // 0: is there; '=', '~', '|', '^', '$', '*'
    std::string value;
  };
  struct Compound {
    std::string type;  // empty: any
    std::string id;
    std::vector<std::string> classes;
    std::vector<Attribute> attributes;
    bool child = false;  // directly inside the compound before it, else anywhere inside
  };
  class Reader;

  static bool fits(const Compound& compound, const GumboNode& element);

  std::vector<Compound> compounds_;
  std::array<int, 3> specificity_{};
};

}  // namespace rapport
