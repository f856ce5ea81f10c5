#include "base/limits/templates.h"
#include "liquid/loop_items.h"
#include "liquid/syntax.h"

namespace rapport::liquid {
namespace {

using Kind = ExpressionToken::Kind;

/// `with value as name, key: value, …` after the name of a partial.
struct PartialArguments {
  ExpressionPtr value;
  bool each = false;  // `for`: once an element
  std::string_view alias;
  std::vector<std::pair<std::string, ExpressionPtr>> named;

  void read(ExpressionParser& parser) {
    while (!parser.at_end()) {
      if (parser.accept(Kind::kComma)) continue;
      if (parser.looking_at_option()) {
        std::string name(parser.expect_name("a name"));
        parser.expect(Kind::kColon, "':'");
        named.emplace_back(std::move(name), parser.primary());
      } else if (!value && parser.accept_name("with")) {
        value = parser.primary();
      } else if (!value && parser.accept_name("for")) {
        each = true;
        value = parser.primary();
      } else if (parser.accept_name("as")) {
        alias = parser.expect_name("a variable's name");
      } else {
        parser.expect_end();
      }
    }
  }
};

/// The name under which a partial sees the value given to it: "a/card" calls it "card".
std::string variable_of(std::string_view alias, const std::string& partial) {
  return alias.empty() ? partial.substr(partial.rfind('/') + 1) : std::string(alias);
}

/// Fails when partials call each other too deeply.
class Nesting {
 public:
  explicit Nesting(Context& context) : context_(context) {
    if (context.partial_depth() >= limits::kMaxPartialDepth) {
      context.fail("content blocks are nested too deeply");
    }
    ++context.partial_depth();
  }
  ~Nesting() { --context_.partial_depth(); }
  Nesting(const Nesting&) = delete;
  Nesting& operator=(const Nesting&) = delete;

 private:
  Context& context_;
};

/// render: a partial that sees the data and its arguments, and changes nothing around it.
class RenderNode final : public Node {
 public:
  RenderNode(Parser& parser, const Token& tag) : RenderNode(parser, tag, Parser::markup(tag)) {}

  Flow render(Context& context) const override {
    context.at(offset());
    const Nesting nesting(context);
    const Template partial = context.find_partial(PartialKind::kBlock, name_);
    std::vector<Value> named;
    named.reserve(arguments_.named.size());
    for (const auto& [key, value] : arguments_.named) named.push_back(value->evaluate(context));
    const Value value = arguments_.value ? arguments_.value->evaluate(context) : Value();
    if (!arguments_.each || !(value.if_array() || value.if_object() || value.if_range())) {
      render_once(context, partial, named, value, {});
      return Flow::kNext;
    }
    const Items items(value);
    const auto loop = std::make_shared<LoopDrop>(name_, items.size(), Value());
    for (int64_t i = 0; i < items.size(); ++i) {
      context.at(offset());
      context.loop_iteration();
      loop->move_to(i);
      render_once(context, partial, named, items[i], std::shared_ptr<const Drop>(loop));
    }
    return Flow::kNext;
  }

 private:
  RenderNode(Parser& parser, const Token& tag, ExpressionParser markup)
      : Node(tag.offset),
        name_(markup.expect(Kind::kString, "a content block's name in quotes").text),
        variable_(variable_of({}, name_)) {
    arguments_.read(markup);
    if (!arguments_.alias.empty()) variable_ = arguments_.alias;
    parser.uses().partials.push_back({PartialKind::kBlock, name_});
  }

  void render_once(Context& context, const Template& partial, const std::vector<Value>& named,
                   const Value& value, const Value& loop) const {
    const Context::Isolation isolation(context);
    if (!loop.is_nil()) context.assign("forloop", loop);
    for (size_t i = 0; i < named.size(); ++i) context.assign(arguments_.named[i].first, named[i]);
    if (!value.is_nil()) context.assign(variable_, value);
    render_partial(context, partial.tree(), name_);
  }

  std::string name_;
  PartialArguments arguments_;
  std::string variable_;
};

/// include: a partial that shares the variables around it; its name may be computed.
class IncludeNode final : public Node {
 public:
  IncludeNode(Parser& parser, const Token& tag) : IncludeNode(parser, tag, Parser::markup(tag)) {}

  Flow render(Context& context) const override {
    context.at(offset());
    if (context.isolated()) context.fail("'include' cannot be used inside 'render'");
    const Nesting nesting(context);
    const Value name_value = name_->evaluate(context);
    const std::string* name = name_value.if_string();
    if (!name) context.fail("the name of a content block is no text");
    const Template partial = context.find_partial(PartialKind::kBlock, *name);
    const std::string variable = variable_of(arguments_.alias, *name);
    const Value value =
        arguments_.value ? arguments_.value->evaluate(context) : context.lookup(*name);
    std::vector<std::unique_ptr<Context::Local>> locals;
    for (const auto& [key, expression] : arguments_.named) {
      Value given = expression->evaluate(context);
      locals.push_back(std::make_unique<Context::Local>(context, key));
      locals.back()->set(std::move(given));
    }
    const Flow flow = render_values(context, partial, *name, variable, value);
    while (!locals.empty()) locals.pop_back();
    return flow;
  }

 private:
  IncludeNode(Parser& parser, const Token& tag, ExpressionParser markup) : Node(tag.offset) {
    const bool fixed = markup.looking_at(Kind::kString);
    const std::string text(markup.peek().text);
    name_ = markup.primary();
    arguments_.read(markup);
    if (fixed) parser.uses().partials.push_back({PartialKind::kBlock, text});
  }

  Flow render_values(Context& context, const Template& partial, const std::string& name,
                     const std::string& variable, const Value& value) const {
    Context::Local local(context, variable);
    const Array* values = value.if_array();
    if (!values) {
      local.set(value);
      return render_partial(context, partial.tree(), name);
    }
    for (const Value& item : *values) {
      context.at(offset());
      context.loop_iteration();
      local.set(item);
      const Flow flow = render_partial(context, partial.tree(), name);
      if (flow != Flow::kNext) return flow;
    }
    return Flow::kNext;
  }

  ExpressionPtr name_;
  PartialArguments arguments_;
};

/// layout: what is rendered becomes `content_for_layout` of the layout named; `none` for no layout.
class LayoutNode final : public Node {
 public:
  LayoutNode(Parser& parser, const Token& tag) : Node(tag.offset) {
    ExpressionParser markup = Parser::markup(tag);
    if (!markup.accept_name("none")) {
      name_ = markup.expect(Kind::kString, "a layout's name in quotes").text;
      parser.uses().partials.push_back({PartialKind::kLayout, name_});
    }
    markup.expect_end();
  }
  Flow render(Context& context) const override {
    context.layout() = name_;
    return Flow::kNext;
  }
  bool blank() const override { return true; }

 private:
  std::string name_;
};

template <class T>
std::unique_ptr<const Node> make(Parser& parser, const Token& tag) {
  return std::make_unique<T>(parser, tag);
}

constexpr Parser::Tag kTags[] = {
    {"render", make<RenderNode>},
    {"include", make<IncludeNode>},
    {"layout", make<LayoutNode>},
};

}  // namespace

std::span<const Parser::Tag> partial_tags() {
  return kTags;
}

Flow render_partial(Context& context, const SyntaxTree& tree, const std::string& name) {
  const size_t offset = context.offset();
  try {
    const Flow flow = tree.body.render(context);
    context.at(offset);
    return flow;
  } catch (const SourceError& error) {
    throw locate(ErrorCode::kUnprocessable, tree.source, error, name);
  }
}

}  // namespace rapport::liquid
