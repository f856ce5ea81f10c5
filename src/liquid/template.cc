#include "liquid/template.h"

#include <fmt/format.h>

#include <algorithm>

#include "liquid/syntax.h"

namespace rapport::liquid {
namespace {

TemplateError located(ErrorCode code, std::string_view source, const SourceError& error) {
  const std::string_view before = source.substr(0, std::min(error.offset, source.size()));
  const auto line = static_cast<size_t>(std::count(before.begin(), before.end(), '\n')) + 1;
  const size_t line_start = before.rfind('\n');
  const size_t column =
      before.size() - (line_start == std::string_view::npos ? 0 : line_start + 1) + 1;
  return {code, line, column, error.what()};
}

}  // namespace

TemplateError::TemplateError(ErrorCode code, size_t line, size_t column, const std::string& message)
    : Error(code, fmt::format("line {}, column {}: {}", line, column, message)),
      line_(line),
      column_(column),
      message_(message) {}

Template Template::parse(std::string_view source) {
  if (source.size() > limits::kMaxTemplateBytes) {
    throw TemplateError(ErrorCode::kInvalidArgument, 1, 1, "the template is too long");
  }
  auto tree = std::make_shared<SyntaxTree>();
  tree->source = std::string(source);
  try {
    tree->body = Parser(tokenize(tree->source)).document();
  } catch (const SourceError& error) {
    throw located(ErrorCode::kInvalidArgument, source, error);
  }
  return Template(std::move(tree));
}

std::string Template::render(const Value& data, const RenderOptions& options) const {
  Context context(data, options);
  try {
    tree_->body.render(context);
  } catch (const SourceError& error) {
    throw located(ErrorCode::kUnprocessable, tree_->source, error);
  }
  return context.take_output();
}

}  // namespace rapport::liquid
