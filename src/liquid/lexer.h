// Cuts template source into text, outputs and tags, and the inside of those into expression tokens.
//
// Whitespace control (`{%-`, `-}}`), `raw` and `doc` are dealt with here; what comes out is what
// the parser needs. Views point into the source, offsets count bytes from its start. Throws
// SourceError, which Template::parse turns into a TemplateError. Pure functions.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace rapport::liquid {

/// A problem at a byte offset of the source.
struct SourceError : std::runtime_error {
  SourceError(size_t offset_in, const std::string& message)
      : std::runtime_error(message), offset(offset_in) {}
  size_t offset;
};

struct Token {
  enum class Kind { kText, kRaw, kOutput, kTag };
  Kind kind = Kind::kText;
  std::string_view name;   // of a tag
  std::string_view text;   // the text, or the markup after the name
  size_t offset = 0;       // of the construct
  size_t text_offset = 0;  // of `text`
};

std::vector<Token> tokenize(std::string_view source);
/// The lines of a `{% liquid %}` tag, each a tag. `base` is the offset of `lines` in the source.
std::vector<Token> tokenize_lines(std::string_view lines, size_t base);

struct ExpressionToken {
  enum class Kind {
    kName,
    kInteger,
    kFloat,
    kString,
    kDot,
    kDotDot,
    kOpenBracket,
    kCloseBracket,
    kOpenParen,
    kCloseParen,
    kComma,
    kColon,
    kPipe,
    kAssign,
    kComparison,
    kEnd,
  };
  Kind kind = Kind::kEnd;
  std::string_view text;  // a string's without its quotes
  size_t offset = 0;
};

/// The tokens of a markup, closed by kEnd. `base` is the offset of `markup` in the source.
std::vector<ExpressionToken> tokenize_expression(std::string_view markup, size_t base);

}  // namespace rapport::liquid
