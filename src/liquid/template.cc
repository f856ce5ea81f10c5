#include "liquid/template.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/limits/templates.h"
#include "liquid/syntax.h"

namespace rapport::liquid {
namespace {

void fill_lines(std::string_view source, std::vector<TemplateUses::Output>& outputs) {
  size_t line = 1;
  size_t at = 0;
  for (auto& output : outputs) {
    const auto from = source.begin() + static_cast<std::ptrdiff_t>(at);
    const auto to = source.begin() + static_cast<std::ptrdiff_t>(std::max(at, output.offset));
    line += static_cast<size_t>(std::count(from, to, '\n'));
    at = std::max(at, output.offset);
    output.line = line;
  }
}

/// The layouts around what was rendered, from the inside out.
void render_layouts(Context& context) {
  for (size_t depth = 0; !context.layout().empty(); ++depth) {
    if (depth >= limits::kMaxPartialDepth) context.fail("the layouts are nested too deeply");
    const std::string name = std::exchange(context.layout(), {});
    const auto layout = context.find_partial(PartialKind::kLayout, name);
    const bool escaped = context.options().escape_html;
    std::string content = context.take_output();
    context.assign("content_for_layout",
                   escaped ? Value::safe_html(std::move(content)) : Value(std::move(content)));
    render_partial(context, layout.tree(), name);
  }
}

}  // namespace

TemplateError::TemplateError(ErrorCode code, size_t line, size_t column, const std::string& message,
                             const std::string& partial)
    : Error(code, fmt::format("{}line {}, column {}: {}",
                              partial.empty() ? "" : fmt::format("in '{}', ", partial), line,
                              column, message)),
      line_(line),
      column_(column),
      message_(message),
      partial_(partial) {}

TemplateError locate(ErrorCode code, std::string_view source, const SourceError& error,
                     const std::string& partial) {
  const std::string_view before = source.substr(0, std::min(error.offset, source.size()));
  const auto line = static_cast<size_t>(std::count(before.begin(), before.end(), '\n')) + 1;
  const size_t line_start = before.rfind('\n');
  const size_t column =
      before.size() - (line_start == std::string_view::npos ? 0 : line_start + 1) + 1;
  return {code, line, column, error.what(), partial};
}

Template Template::parse(std::string_view source) {
  if (source.size() > limits::kMaxTemplateBytes) {
    throw TemplateError(ErrorCode::kInvalidArgument, 1, 1, "the template is too long");
  }
  auto tree = std::make_shared<SyntaxTree>();
  tree->source = std::string(source);
  try {
    tree->body = Parser(tokenize(tree->source), tree->uses).document();
  } catch (const SourceError& error) {
    throw locate(ErrorCode::kInvalidArgument, source, error);
  }
  fill_lines(tree->source, tree->uses.outputs);
  return Template(std::move(tree));
}

std::string Template::render(const Value& data, const RenderOptions& options) const {
  Context context(data, options);
  try {
    tree_->body.render(context);
    render_layouts(context);
  } catch (const SourceError& error) {
    throw locate(ErrorCode::kUnprocessable, tree_->source, error);
  }
  return context.take_output();
}

const TemplateUses& Template::uses() const& {
  return tree_->uses;
}

}  // namespace rapport::liquid
