#include "liquid/syntax.h"

#include <algorithm>

#include "base/limits/templates.h"

namespace rapport::liquid {
namespace {

class TextNode final : public Node {
 public:
  TextNode(const Token& token)
      : Node(token.offset),
        text_(token.text),
        space_(token.kind == Token::Kind::kText &&
               text_.find_first_not_of(" \t\r\n\f\v") == std::string_view::npos) {}
  Flow render(Context& context) const override {
    context.at(offset());
    context.write(text_);
    return Flow::kNext;
  }
  bool blank() const override { return space_; }
  bool is_space() const override { return space_; }

 private:
  std::string_view text_;
  bool space_;
};

class OutputNode final : public Node {
 public:
  OutputNode(Parser& parser, const Token& token) : Node(token.offset) {
    ExpressionParser markup = Parser::markup(token);
    expression_ = markup.filtered();
    markup.expect_end();
    parser.note_output(expression_, token);
  }
  Flow render(Context& context) const override {
    context.at(offset());
    const Value value = expression_.evaluate(context);
    context.at(offset());
    context.write_value(value);
    return Flow::kNext;
  }

 private:
  FilteredExpression expression_;
};

const Parser::Tag* find_tag(std::string_view name) {
  for (const auto tags : {control_tags(), loop_tags(), variable_tags(), partial_tags()}) {
    for (const auto& tag : tags) {
      if (tag.name == name) return &tag;
    }
  }
  return nullptr;
}

bool contains(std::initializer_list<std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

Flow Body::render(Context& context) const {
  for (const auto& node : nodes_) {
    context.step();
    const Flow flow = node->render(context);
    if (flow != Flow::kNext) return flow;
  }
  return Flow::kNext;
}

bool Body::blank() const {
  return std::all_of(nodes_.begin(), nodes_.end(), [](const auto& node) { return node->blank(); });
}

void Body::drop_space() {
  std::erase_if(nodes_, [](const auto& node) { return node->is_space(); });
}

Body Parser::document() {
  Body body;
  until({}, {}, body);
  return body;
}

Token Parser::until(const Token& tag, std::initializer_list<std::string_view> terminators,
                    Body& body) {
  if (terminators.size() > 0 && ++depth_ > limits::kMaxTemplateDepth) {
    throw SourceError(tag.offset, "the blocks are nested too deeply");
  }
  while (at_ < tokens_.size()) {
    const Token token = tokens_[at_++];
    if (token.kind == Token::Kind::kTag && contains(terminators, token.name)) {
      --depth_;
      return token;
    }
    parse_token(token, body);
  }
  if (terminators.size() > 0) {
    throw SourceError(tag.offset, "'" + std::string(tag.name) + "' is not closed with 'end" +
                                      std::string(tag.name) + "'");
  }
  return {};
}

void Parser::note_output(const FilteredExpression& expression, const Token& tag) {
  std::string path = expression.path();
  if (path.empty()) return;
  uses_.outputs.push_back({std::move(path), tag.offset, 0, expression.has_filter("default")});
}

void Parser::parse_token(const Token& token, Body& body) {
  if (token.kind == Token::Kind::kOutput) {
    body.add(std::make_unique<OutputNode>(*this, token));
  } else if (token.kind != Token::Kind::kTag) {
    body.add(std::make_unique<TextNode>(token));
  } else if (token.name == "liquid") {
    parse_lines(token, body);
  } else if (token.name == "comment") {
    skip_comment(token);
  } else if (const Tag* tag = find_tag(token.name)) {
    body.add(tag->parse(*this, token));
  } else {
    throw SourceError(token.offset, token.name.empty()
                                        ? "a tag has no name"
                                        : "unexpected tag '" + std::string(token.name) + "'");
  }
}

void Parser::parse_lines(const Token& tag, Body& body) {
  if (depth_ + 1 > limits::kMaxTemplateDepth) {
    throw SourceError(tag.offset, "the blocks are nested too deeply");
  }
  Parser lines(tokenize_lines(tag.text, tag.text_offset), uses_, depth_ + 1);
  lines.until({}, {}, body);
}

void Parser::skip_comment(const Token& tag) {
  size_t open = 1;
  while (at_ < tokens_.size()) {
    const Token& token = tokens_[at_++];
    if (token.kind != Token::Kind::kTag) continue;
    if (token.name == "comment") ++open;
    if (token.name == "endcomment" && --open == 0) return;
  }
  throw SourceError(tag.offset, "'comment' is not closed with 'endcomment'");
}

}  // namespace rapport::liquid
