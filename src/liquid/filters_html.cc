#include "base/text.h"
#include "liquid/filters.h"

namespace rapport::liquid {
namespace {

using Arguments = FilterArguments;

Value made_html(Context& context, std::string html) {
  context.charge_bytes(html.size());
  return Value::safe_html(std::move(html));
}

Value raw(Context& context, const Value& input, const Arguments&) {
  if (input.is_nil()) return {};
  return made_html(context, to_output(input));
}

Value escape(Context& context, const Value& input, const Arguments&) {
  if (input.is_nil()) return {};
  return made_html(context, html_escape(to_text(input)));
}

/// Length of a character reference at the front of `text` ("&amp;", "&#39;"), 0 when there is none.
size_t reference_size(std::string_view text) {
  if (text.size() < 3) return 0;
  const bool numeric = text[1] == '#';
  const size_t start = numeric ? 2 : 1;
  size_t end = start;
  while (end < text.size()) {
    const char c = text[end];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (numeric ? !(c >= '0' && c <= '9') : !letter) break;
    ++end;
  }
  return end > start && end < text.size() && text[end] == ';' ? end + 1 : 0;
}

Value escape_once(Context& context, const Value& input, const Arguments&) {
  if (input.is_nil()) return {};
  const std::string text = to_text(input);
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = std::string_view(text).substr(i);
    const size_t reference = text[i] == '&' ? reference_size(rest) : 0;
    if (reference > 0) {
      out += rest.substr(0, reference);
      i += reference - 1;
    } else {
      out += html_escape(rest.substr(0, 1));
    }
  }
  return made_html(context, std::move(out));
}

/// The only filter that adds markup: when output is escaped, it escapes the text around it.
Value newline_to_br(Context& context, const Value& input, const Arguments&) {
  const bool protect = context.options().escape_html && !input.is_html_safe();
  const std::string text = protect ? html_escape(to_text(input)) : to_text(input);
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    if (text[i] == '\n') out += "<br />";
    out += text[i];
  }
  return made_html(context, std::move(out));
}

/// Removes `open … close`; once a close is missing it stays missing, so this is linear.
class Remover {
 public:
  Remover(std::string_view open, std::string_view close) : open_(open), close_(close) {}
  /// End of the construct that starts at `at`, npos when none does.
  size_t end_of(std::string_view text, size_t at) {
    if (exhausted_ || text.substr(at, open_.size()) != open_) return std::string_view::npos;
    const size_t end = text.find(close_, at + open_.size());
    exhausted_ = end == std::string_view::npos;
    return exhausted_ ? end : end + close_.size();
  }

 private:
  std::string_view open_;
  std::string_view close_;
  bool exhausted_ = false;
};

Value strip_html(Context& context, const Value& input, const Arguments&) {
  const std::string text = to_text(input);
  Remover removers[] = {
      {"<script", "</script>"}, {"<!--", "-->"}, {"<style", "</style>"}, {"<", ">"}};
  std::string out;
  for (size_t i = 0; i < text.size();) {
    size_t end = std::string::npos;
    if (text[i] == '<') {
      for (auto& remover : removers) {
        end = remover.end_of(text, i);
        if (end != std::string::npos) break;
      }
    }
    if (end == std::string::npos) {
      out += text[i++];
    } else {
      i = end;
    }
  }
  return made_text(context, std::move(out));
}

Value json(Context& context, const Value& input, const Arguments&) {
  return made_text(context, to_json(input));
}

constexpr FilterSpec kFilters[] = {
    {"escape", 0, 0, escape},
    {"escape_once", 0, 0, escape_once},
    {"h", 0, 0, escape},
    {"json", 0, 0, json},
    {"newline_to_br", 0, 0, newline_to_br},
    {"raw", 0, 0, raw},
    {"strip_html", 0, 0, strip_html},
};

}  // namespace

std::span<const FilterSpec> html_filters() {
  return kFilters;
}

}  // namespace rapport::liquid
