#include <algorithm>

#include "liquid/loop_items.h"
#include "liquid/number.h"
#include "liquid/syntax.h"

namespace rapport::liquid {
namespace {

using Kind = ExpressionToken::Kind;

/// `item in collection reversed limit: n offset: m cols: k`
struct LoopHead {
  std::string_view variable;
  std::string name;  // "item-collection", which also keys `offset: continue`
  ExpressionPtr collection;
  ExpressionPtr limit;
  ExpressionPtr offset;
  ExpressionPtr columns;
  bool reversed = false;
  bool continued = false;
  size_t position = 0;

  explicit LoopHead(const Token& tag) : position(tag.offset) {
    ExpressionParser parser = Parser::markup(tag);
    variable = parser.expect_name("a variable's name");
    if (!parser.accept_name("in")) parser.fail("expected 'in'");
    const size_t from = parser.peek().offset;
    collection = parser.primary();
    name = std::string(variable) + "-" +
           std::string(parser.source_between(from, parser.peek().offset));
    while (!parser.at_end()) {
      if (parser.accept(Kind::kComma)) continue;
      if (parser.accept_name("reversed")) {
        reversed = true;
        continue;
      }
      read_option(parser, tag.name == "tablerow");
    }
  }

  void read_option(ExpressionParser& parser, bool table) {
    const ExpressionToken option = parser.expect(Kind::kName, "limit, offset or reversed");
    parser.expect(Kind::kColon, "':'");
    if (option.text == "limit") {
      limit = parser.primary();
    } else if (option.text == "offset") {
      continued = parser.accept_name("continue");
      if (!continued) offset = parser.primary();
    } else if (option.text == "cols" && table) {
      columns = parser.primary();
    } else {
      throw SourceError(option.offset, "a loop has no option '" + std::string(option.text) + "'");
    }
  }

  /// Null when the option is absent or nil.
  static std::optional<int64_t> number(Context& context, const ExpressionPtr& option,
                                       std::string_view what) {
    if (!option) return std::nullopt;
    const Value value = option->evaluate(context);
    if (value.is_nil()) return std::nullopt;
    const auto whole = to_integer(value);
    if (!whole) context.fail(std::string(what) + " is not a whole number");
    return *whole;
  }

  /// First index and number of elements.
  std::pair<int64_t, int64_t> window(Context& context, const Items& items) const {
    if (items.is_text()) return {0, items.size()};
    int64_t from = number(context, offset, "offset").value_or(0);
    if (continued) {
      const auto known = context.loop_ends().find(name);
      from = known == context.loop_ends().end() ? 0 : known->second;
    }
    from = std::clamp<int64_t>(from, 0, items.size());
    const int64_t left = items.size() - from;
    const int64_t count =
        std::clamp<int64_t>(number(context, limit, "limit").value_or(left), 0, left);
    context.loop_ends()[name] = from + count;
    return {from, count};
  }
};

class ForNode final : public Node {
 public:
  ForNode(Parser& parser, const Token& tag) : Node(tag.offset), head_(tag) {
    Token at = parser.until(tag, {"else", "endfor"}, body_);
    while (at.name == "else") at = parser.until(tag, {"else", "endfor"}, otherwise_);
    if (blank()) {
      body_.drop_space();
      otherwise_.drop_space();
    }
  }

  Flow render(Context& context) const override {
    context.at(offset());
    const Items items(head_.collection->evaluate(context));
    const auto [from, count] = head_.window(context, items);
    if (count == 0) return otherwise_.render(context);
    const Value outer = context.lookup("forloop");
    const auto drop =
        std::make_shared<LoopDrop>(head_.name, count, outer.if_drop() ? outer : Value());
    Context::Local forloop(context, "forloop");
    Context::Local variable(context, head_.variable);
    forloop.set(std::shared_ptr<const Drop>(drop));
    for (int64_t i = 0; i < count; ++i) {
      context.at(offset());
      context.loop_iteration();
      drop->move_to(i);
      variable.set(items[from + (head_.reversed ? count - 1 - i : i)]);
      if (body_.render(context) == Flow::kBreak) break;
    }
    return Flow::kNext;
  }

  bool blank() const override { return body_.blank() && otherwise_.blank(); }

 private:
  LoopHead head_;
  Body body_;
  Body otherwise_;
};

class TableRowDrop final : public Drop {
 public:
  TableRowDrop(int64_t length, int64_t columns) : length_(length), columns_(columns) {}
  void move_to(int64_t index) { index_ = index; }
  int64_t column() const { return index_ % columns_ + 1; }
  int64_t row() const { return index_ / columns_ + 1; }
  bool ends_row() const { return column() == columns_ && index_ + 1 < length_; }

  Value member(std::string_view name) const override {
    if (name == "col") return column();
    if (name == "col0") return column() - 1;
    if (name == "col_first") return column() == 1;
    if (name == "col_last") return column() == columns_;
    if (name == "row") return row();
    if (name == "index") return index_ + 1;
    if (name == "index0") return index_;
    if (name == "rindex") return length_ - index_;
    if (name == "rindex0") return length_ - index_ - 1;
    if (name == "first") return index_ == 0;
    if (name == "last") return index_ + 1 == length_;
    if (name == "length") return length_;
    return {};
  }

 private:
  int64_t length_;
  int64_t columns_;
  int64_t index_ = 0;
};

class TableRowNode final : public Node {
 public:
  TableRowNode(Parser& parser, const Token& tag) : Node(tag.offset), head_(tag) {
    parser.until(tag, {"endtablerow"}, body_);
  }

  Flow render(Context& context) const override {
    context.at(offset());
    const Value collection = head_.collection->evaluate(context);
    if (collection.is_nil()) return Flow::kNext;
    const Items items(collection);
    const auto [from, count] = head_.window(context, items);
    int64_t columns = LoopHead::number(context, head_.columns, "cols").value_or(count);
    columns = std::max<int64_t>(columns, 1);
    const auto drop = std::make_shared<TableRowDrop>(count, columns);
    Context::Local loop(context, "tablerowloop");
    Context::Local variable(context, head_.variable);
    loop.set(std::shared_ptr<const Drop>(drop));
    context.write("<tr class=\"row1\">\n");
    for (int64_t i = 0; i < count; ++i) {
      context.at(offset());
      context.loop_iteration();
      drop->move_to(i);
      variable.set(items[from + i]);
      context.write("<td class=\"col" + std::to_string(drop->column()) + "\">");
      const Flow flow = body_.render(context);
      context.write("</td>");
      if (flow == Flow::kBreak) break;
      if (drop->ends_row()) {
        context.write("</tr>\n<tr class=\"row" + std::to_string(drop->row() + 1) + "\">");
      }
    }
    context.write("</tr>\n");
    return Flow::kNext;
  }

 private:
  LoopHead head_;
  Body body_;
};

class JumpNode final : public Node {
 public:
  JumpNode(Parser&, const Token& tag)
      : Node(tag.offset), flow_(tag.name == "break" ? Flow::kBreak : Flow::kContinue) {}
  Flow render(Context&) const override { return flow_; }

 private:
  Flow flow_;
};

/// cycle: the next of its values each time; groups are told apart by name or by their values.
class CycleNode final : public Node {
 public:
  CycleNode(Parser&, const Token& tag) : Node(tag.offset) {
    ExpressionParser parser = Parser::markup(tag);
    const size_t from = parser.peek().offset;
    ExpressionPtr first = parser.primary();
    if (parser.accept(Kind::kColon)) {
      group_ = std::move(first);
      first = parser.primary();
    }
    values_.push_back(std::move(first));
    while (parser.accept(Kind::kComma) && !parser.at_end()) values_.push_back(parser.primary());
    parser.expect_end();
    source_ = "values " + std::string(parser.source_between(from, parser.peek().offset));
  }

  Flow render(Context& context) const override {
    context.at(offset());
    const std::string group = group_ ? "named " + to_text(group_->evaluate(context)) : source_;
    size_t& position = context.cycles()[group];
    if (position < values_.size()) context.write_value(values_[position]->evaluate(context));
    position = position + 1 < values_.size() ? position + 1 : 0;
    return Flow::kNext;
  }

 private:
  ExpressionPtr group_;
  std::vector<ExpressionPtr> values_;
  std::string source_;
};

template <class T>
std::unique_ptr<const Node> make(Parser& parser, const Token& tag) {
  return std::make_unique<T>(parser, tag);
}

constexpr Parser::Tag kTags[] = {
    {"for", make<ForNode>},       {"tablerow", make<TableRowNode>}, {"break", make<JumpNode>},
    {"continue", make<JumpNode>}, {"cycle", make<CycleNode>},
};

}  // namespace

std::span<const Parser::Tag> loop_tags() {
  return kTags;
}

}  // namespace rapport::liquid
