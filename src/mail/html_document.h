// HTML as a tree, parsed as browsers parse it (libgumbo), with the places of its tags in the
// source.
//
// Memory and stack are bounded: HTML that would grow far beyond its own size, by elements left open
// or nested in masses, is refused with kUnprocessable before it is parsed. One document belongs to
// one thread; its nodes and the source live as long as it does.
#pragma once

#include <gumbo.h>

#include <functional>
#include <string>
#include <string_view>

namespace rapport {

class HtmlDocument {
 public:
  explicit HtmlDocument(std::string html);
  ~HtmlDocument();
  HtmlDocument(const HtmlDocument&) = delete;
  HtmlDocument& operator=(const HtmlDocument&) = delete;

  const std::string& source() const { return source_; }
  const GumboNode& root() const { return *output_->root; }
  /// Offset in the source of what a node was read from; npos for what the parser added.
  size_t offset_of(const GumboStringPiece& piece) const;
  static std::string_view view(const GumboStringPiece& piece) { return {piece.data, piece.length}; }

 private:
  std::string source_;
  GumboOutput* output_;
};

/// Calls `visit` for every element in document order.
void each_element(const GumboNode& root, const std::function<void(const GumboNode&)>& visit);
/// Lower-case name of an element, also of one that HTML does not know.
std::string element_name(const GumboNode& element);
/// Null when the element has no such attribute; references in it are decoded.
const char* attribute_of(const GumboNode& element, const char* name);
/// The text in and below a node, without that of scripts and styles.
std::string text_content(const GumboNode& node);

/// The template code of a source (`{{ }}`, `{% %}`) overwritten with letters of the same length, so
/// that its HTML can be parsed and every place in it found again.
std::string mask_template_code(std::string_view source);

}  // namespace rapport
