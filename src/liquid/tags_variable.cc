#include "liquid/syntax.h"

namespace rapport::liquid {
namespace {

using Kind = ExpressionToken::Kind;

/// A variable's name: an identifier; digits alone are allowed, as in the reference.
std::string_view variable_name(ExpressionParser& parser) {
  if (parser.looking_at(Kind::kInteger) && parser.peek().text[0] != '-') {
    return parser.expect(Kind::kInteger, "a variable's name").text;
  }
  return parser.expect_name("a variable's name");
}

class AssignNode final : public Node {
 public:
  AssignNode(Parser&, const Token& tag) : Node(tag.offset) {
    ExpressionParser parser = Parser::markup(tag);
    name_ = variable_name(parser);
    parser.expect(Kind::kAssign, "'='");
    if (parser.at_end()) parser.fail("expected a value after '='");
    value_ = parser.filtered();
    parser.expect_end();
  }
  Flow render(Context& context) const override {
    context.at(offset());
    context.assign(name_, value_.evaluate(context));
    return Flow::kNext;
  }
  bool blank() const override { return true; }

 private:
  std::string_view name_;
  FilteredExpression value_;
};

/// capture: what the block prints becomes a variable; it is escaped already, so safe HTML.
class CaptureNode final : public Node {
 public:
  CaptureNode(Parser& parser, const Token& tag) : Node(tag.offset) {
    ExpressionParser markup = Parser::markup(tag);
    if (markup.looking_at(Kind::kString)) {
      name_ = markup.expect(Kind::kString, "a variable's name").text;
    } else {
      name_ = variable_name(markup);
    }
    markup.expect_end();
    parser.until(tag, {"endcapture"}, body_);
  }
  Flow render(Context& context) const override {
    Context::Capture capture(context);
    const Flow flow = body_.render(context);
    context.assign(name_, context.options().escape_html ? Value::safe_html(capture.text())
                                                        : Value(capture.text()));
    return flow;
  }
  bool blank() const override { return true; }

 private:
  std::string_view name_;
  Body body_;
};

class CounterNode final : public Node {
 public:
  CounterNode(Parser&, const Token& tag) : Node(tag.offset), up_(tag.name == "increment") {
    ExpressionParser parser = Parser::markup(tag);
    name_ = variable_name(parser);
    parser.expect_end();
  }
  Flow render(Context& context) const override {
    context.at(offset());
    context.write(std::to_string(up_ ? context.increment(name_) : context.decrement(name_)));
    return Flow::kNext;
  }

 private:
  bool up_;
  std::string_view name_;
};

class EchoNode final : public Node {
 public:
  EchoNode(Parser& parser, const Token& tag) : Node(tag.offset) {
    ExpressionParser markup = Parser::markup(tag);
    value_ = markup.filtered();
    markup.expect_end();
    parser.note_output(value_, tag);
  }
  Flow render(Context& context) const override {
    context.at(offset());
    context.write_value(value_.evaluate(context));
    return Flow::kNext;
  }

 private:
  FilteredExpression value_;
};

template <class T>
std::unique_ptr<const Node> make(Parser& parser, const Token& tag) {
  return std::make_unique<T>(parser, tag);
}

constexpr Parser::Tag kTags[] = {
    {"assign", make<AssignNode>},     {"capture", make<CaptureNode>},
    {"increment", make<CounterNode>}, {"decrement", make<CounterNode>},
    {"echo", make<EchoNode>},
};

}  // namespace

std::span<const Parser::Tag> variable_tags() {
  return kTags;
}

}  // namespace rapport::liquid
