#include "base/limits.h"
#include "liquid/syntax.h"

namespace rapport::liquid {
namespace {

using Kind = ExpressionToken::Kind;

/// if, unless, elsif, else: the first branch whose condition holds.
class IfNode final : public Node {
 public:
  IfNode(Parser& parser, const Token& tag) : Node(tag.offset) {
    const bool negated = tag.name == "unless";
    const std::string_view end = negated ? "endunless" : "endif";
    Token at = tag;
    while (true) {
      Branch branch;
      branch.is_else = at.name == "else";
      branch.negated = negated && at.name == "unless";
      if (!branch.is_else) branch.condition = Parser::markup(at).condition();
      const Token next = parser.until(tag, {"elsif", "else", end}, branch.body);
      branches_.push_back(std::move(branch));
      if (next.name == end) break;
      at = next;
    }
    if (blank()) {
      for (auto& branch : branches_) branch.body.drop_space();
    }
  }

  Flow render(Context& context) const override {
    for (const auto& branch : branches_) {
      context.at(offset());
      context.step();
      if (branch.is_else || branch.condition.holds(context) != branch.negated) {
        return branch.body.render(context);
      }
    }
    return Flow::kNext;
  }

  bool blank() const override {
    for (const auto& branch : branches_) {
      if (!branch.body.blank()) return false;
    }
    return true;
  }

 private:
  struct Branch {
    Condition condition;
    bool is_else = false;
    bool negated = false;
    Body body;
  };
  std::vector<Branch> branches_;
};

/// case: every `when` that matches is rendered, `else` when none before it did.
class CaseNode final : public Node {
 public:
  CaseNode(Parser& parser, const Token& tag) : Node(tag.offset) {
    ExpressionParser subject = Parser::markup(tag);
    subject_ = subject.primary();
    subject.expect_end();
    Body before_first;  // text between `case` and the first `when` is never shown
    Token at = parser.until(tag, {"when", "else", "endcase"}, before_first);
    while (at.name != "endcase") {
      Branch branch;
      branch.is_else = at.name == "else";
      if (!branch.is_else) branch.values = parse_values(at);
      at = parser.until(tag, {"when", "else", "endcase"}, branch.body);
      branches_.push_back(std::move(branch));
    }
    if (blank()) {
      for (auto& branch : branches_) branch.body.drop_space();
    }
  }

  Flow render(Context& context) const override {
    context.at(offset());
    const Value subject = subject_->evaluate(context);
    bool matched = false;
    for (const auto& branch : branches_) {
      context.step();
      size_t times = branch.is_else && !matched ? 1 : 0;
      for (const auto& value : branch.values) {
        context.at(offset());
        if (values_equal(context, subject, value->evaluate(context))) ++times;
      }
      matched = matched || (!branch.is_else && times > 0);
      for (size_t i = 0; i < times; ++i) {
        const Flow flow = branch.body.render(context);
        if (flow != Flow::kNext) return flow;
      }
    }
    return Flow::kNext;
  }

  bool blank() const override {
    for (const auto& branch : branches_) {
      if (!branch.body.blank()) return false;
    }
    return true;
  }

 private:
  struct Branch {
    std::vector<ExpressionPtr> values;
    bool is_else = false;
    Body body;
  };

  static std::vector<ExpressionPtr> parse_values(const Token& tag) {
    ExpressionParser parser = Parser::markup(tag);
    std::vector<ExpressionPtr> values;
    do {
      values.push_back(parser.primary());
    } while (parser.accept(Kind::kComma) || parser.accept_name("or"));
    parser.expect_end();
    return values;
  }

  ExpressionPtr subject_;
  std::vector<Branch> branches_;
};

/// ifchanged: its output, when it differs from the last ifchanged's.
class IfChangedNode final : public Node {
 public:
  IfChangedNode(Parser& parser, const Token& tag) : Node(tag.offset) {
    parser.until(tag, {"endifchanged"}, body_);
  }
  Flow render(Context& context) const override {
    std::string text;
    Flow flow = Flow::kNext;
    {
      Context::Capture capture(context);
      flow = body_.render(context);
      text = capture.text();
    }
    if (text != context.last_changed()) {
      context.write(text);
      context.last_changed() = std::move(text);
    }
    return flow;
  }

 private:
  Body body_;
};

template <class T>
std::unique_ptr<const Node> make(Parser& parser, const Token& tag) {
  return std::make_unique<T>(parser, tag);
}

constexpr Parser::Tag kTags[] = {
    {"if", make<IfNode>},
    {"unless", make<IfNode>},
    {"case", make<CaseNode>},
    {"ifchanged", make<IfChangedNode>},
};

}  // namespace

std::span<const Parser::Tag> control_tags() {
  return kTags;
}

}  // namespace rapport::liquid
