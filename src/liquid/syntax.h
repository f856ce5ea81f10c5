// The syntax tree of a template and the parser that makes it from tokens.
//
// A Node renders itself into a Context and answers how rendering goes on; a Body is a sequence of
// nodes. To add a tag, write its Node and parse function in tags_<kind>.cc and a row in that file's
// table. Trees are immutable after parsing; blocks nest at most limits::kMaxTemplateDepth deep.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits/templates.h"
#include "liquid/context.h"
#include "liquid/expression.h"
#include "liquid/lexer.h"

namespace rapport::liquid {

enum class Flow : uint8_t { kNext, kBreak, kContinue };

class Node {
 public:
  explicit Node(size_t offset) : offset_(offset) {}
  virtual ~Node() = default;
  virtual Flow render(Context& context) const = 0;
  /// Prints nothing but white space, which a block of only such nodes then leaves out.
  virtual bool blank() const { return false; }
  /// Text of only white space.
  virtual bool is_space() const { return false; }
  size_t offset() const { return offset_; }

 private:
  size_t offset_;
};

class Body {
 public:
  void add(std::unique_ptr<const Node> node) { nodes_.push_back(std::move(node)); }
  Flow render(Context& context) const;
  bool blank() const;
  void drop_space();

 private:
  std::vector<std::unique_ptr<const Node>> nodes_;
};

class Parser {
 public:
  using TagFunction = std::unique_ptr<const Node> (*)(Parser&, const Token& tag);
  struct Tag {
    std::string_view name;
    TagFunction parse;
  };

  Parser(std::vector<Token> tokens, TemplateUses& uses, size_t depth = 0)
      : tokens_(std::move(tokens)), uses_(uses), depth_(depth) {}

  /// To the end of the tokens.
  Body document();
  /// Into `body`, until one of `terminators`, which is returned; `tag` is what they close.
  Token until(const Token& tag, std::initializer_list<std::string_view> terminators, Body& body);
  /// What the template was seen to use.
  TemplateUses& uses() { return uses_; }
  void note_output(const FilteredExpression& expression, const Token& tag);
  /// Past the end of a comment, whatever is in it.
  void skip_comment(const Token& tag);

  static ExpressionParser markup(const Token& token) { return {token.text, token.text_offset}; }

 private:
  void parse_token(const Token& token, Body& body);
  void parse_lines(const Token& tag, Body& body);

  std::vector<Token> tokens_;
  TemplateUses& uses_;
  size_t at_ = 0;
  size_t depth_;
};

std::span<const Parser::Tag> control_tags();
std::span<const Parser::Tag> loop_tags();
std::span<const Parser::Tag> variable_tags();
std::span<const Parser::Tag> partial_tags();

struct SyntaxTree {
  std::string source;  // what the views of tokens and nodes point into
  Body body;
  TemplateUses uses;
};

/// Renders a partial; what goes wrong in it is told with its name and place.
Flow render_partial(Context& context, const SyntaxTree& tree, const std::string& name);
/// The error with line and column.
TemplateError locate(ErrorCode code, std::string_view source, const SourceError& error,
                     const std::string& partial = {});

}  // namespace rapport::liquid
