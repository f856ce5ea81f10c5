#include <algorithm>
#include <cstring>

#include "base/text.h"
#include "liquid/characters.h"
#include "liquid/filters.h"
#include "liquid/letter_case.h"

namespace rapport::liquid {
namespace {

using Arguments = FilterArguments;

constexpr std::string_view kStripped{" \t\r\n\f\v\0", 7};

/// First occurrence at or after `from`; linear for any two texts, unlike std::string::find.
size_t find_text(std::string_view text, std::string_view part, size_t from) {
  if (from > text.size()) return std::string_view::npos;
  if (part.empty()) return from;
  const void* at = memmem(text.data() + from, text.size() - from, part.data(), part.size());
  if (!at) return std::string_view::npos;
  return static_cast<size_t>(static_cast<const char*>(at) - text.data());
}

size_t find_last(std::string_view text, std::string_view part) {
  if (part.empty()) return text.size();
  const std::string reversed_text(text.rbegin(), text.rend());
  const std::string reversed_part(part.rbegin(), part.rend());
  const size_t at = find_text(reversed_text, reversed_part, 0);
  return at == std::string_view::npos ? at : text.size() - at - part.size();
}

Value upcase(Context& context, const Value& input, const Arguments&) {
  return made_text(context, to_upper(to_text(input)));
}

Value downcase(Context& context, const Value& input, const Arguments&) {
  return made_text(context, to_lower(to_text(input)));
}

Value capitalize(Context& context, const Value& input, const Arguments&) {
  const std::string text = to_text(input);
  const size_t first = first_size(text);
  return made_text(context, to_upper(text.substr(0, first)) + to_lower(text.substr(first)));
}

Value append(Context& context, const Value& input, const Arguments& arguments) {
  return made_text(context, to_text(input) + to_text(arguments[0]));
}

Value prepend(Context& context, const Value& input, const Arguments& arguments) {
  return made_text(context, to_text(arguments[0]) + to_text(input));
}

std::string_view stripped(std::string_view text, bool left, bool right) {
  if (left) {
    const size_t first = text.find_first_not_of(kStripped);
    text.remove_prefix(std::min(first, text.size()));
  }
  if (right) text = text.substr(0, text.find_last_not_of(kStripped) + 1);
  return text;
}

Value strip(Context& context, const Value& input, const Arguments&) {
  return made_text(context, std::string(stripped(to_text(input), true, true)));
}

Value lstrip(Context& context, const Value& input, const Arguments&) {
  return made_text(context, std::string(stripped(to_text(input), true, false)));
}

Value rstrip(Context& context, const Value& input, const Arguments&) {
  return made_text(context, std::string(stripped(to_text(input), false, true)));
}

Value squish(Context& context, const Value& input, const Arguments&) {
  if (input.is_nil()) return {};
  const std::string text = to_text(input);
  std::string out;
  for (const char c : stripped(text, true, true)) {
    const bool space = kStripped.find(c) != std::string_view::npos;
    if (!space) {
      out += c;
    } else if (out.back() != ' ') {
      out += ' ';
    }
  }
  return made_text(context, std::move(out));
}

Value strip_newlines(Context& context, const Value& input, const Arguments&) {
  std::string text = to_text(input);
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') continue;
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    out += text[i];
  }
  return made_text(context, std::move(out));
}

std::string replace_all(Context& context, const std::string& text, const std::string& part,
                        const std::string& with) {
  std::string out;
  size_t at = 0;
  while (true) {
    const size_t found = find_text(text, part, at);
    if (found == std::string::npos) break;
    out.append(text, at, found - at);
    out += with;
    at = found + part.size();
    if (out.size() > context.options().max_output_bytes) context.charge_bytes(out.size());
    if (!part.empty()) continue;
    // An empty part is found before every character and at the end.
    if (at == text.size()) return out;
    const size_t one = first_size(std::string_view(text).substr(at));
    out.append(text, at, one);
    at += one;
  }
  return out.append(text, at);
}

Value replace(Context& context, const Value& input, const Arguments& arguments) {
  return made_text(
      context, replace_all(context, to_text(input), to_text(arguments[0]), to_text(arguments[1])));
}

Value remove(Context& context, const Value& input, const Arguments& arguments) {
  return made_text(context, replace_all(context, to_text(input), to_text(arguments[0]), {}));
}

Value replace_at(Context& context, std::string text, size_t at, const std::string& part,
                 const std::string& with) {
  if (at != std::string::npos) text.replace(at, part.size(), with);
  return made_text(context, std::move(text));
}

Value replace_first(Context& context, const Value& input, const Arguments& arguments) {
  std::string text = to_text(input);
  const std::string part = to_text(arguments[0]);
  const size_t at = find_text(text, part, 0);
  return replace_at(context, std::move(text), at, part, to_text(arguments[1]));
}

Value replace_last(Context& context, const Value& input, const Arguments& arguments) {
  std::string text = to_text(input);
  const std::string part = to_text(arguments[0]);
  const size_t at = find_last(text, part);
  return replace_at(context, std::move(text), at, part, to_text(arguments[1]));
}

Value split_text(Context& context, const Value& input, const Arguments& arguments) {
  const std::string text = to_text(input);
  const std::string separator = to_text(arguments[0]);
  Array parts;
  // Counted as they come: a long text can make many parts.
  const auto add = [&](std::string_view part) {
    context.step(2 + part.size() / 16);
    parts.push_back(part);
  };
  std::string_view left = text;
  if (separator == " ") {
    while (!(left = stripped(left, true, false)).empty()) {
      const size_t end = std::min(left.find_first_of(kStripped), left.size());
      add(left.substr(0, end));
      left.remove_prefix(end);
    }
  } else if (separator.empty()) {
    for (; !left.empty(); left.remove_prefix(first_size(left)))
      add(left.substr(0, first_size(left)));
  } else {
    size_t at = 0;
    while (at <= text.size() && !text.empty()) {
      const size_t end = std::min(find_text(text, separator, at), text.size());
      add(left.substr(at, end - at));
      if (end == text.size()) break;
      at = end + separator.size();
    }
    while (!parts.empty() && parts.back().if_string()->empty()) parts.pop_back();
  }
  return made_list(context, std::move(parts));
}

Value truncate(Context& context, const Value& input, const Arguments& arguments) {
  if (input.is_nil()) return {};
  const std::string text = to_text(input);
  const int64_t length =
      arguments.size() > 0 ? whole_number(context, arguments[0], "the length") : 50;
  const std::string ending = arguments.size() > 1 ? to_text(arguments[1]) : "...";
  if (static_cast<int64_t>(count_characters(text)) <= length) return input;
  const int64_t kept = length - static_cast<int64_t>(count_characters(ending));
  const size_t cut = offset_of(text, static_cast<size_t>(std::max<int64_t>(kept, 0)));
  return made_text(context, text.substr(0, cut) + ending);
}

Value truncatewords(Context& context, const Value& input, const Arguments& arguments) {
  if (input.is_nil()) return {};
  const std::string text = to_text(input);
  int64_t words =
      arguments.size() > 0 ? whole_number(context, arguments[0], "the number of words") : 15;
  words = std::max<int64_t>(words, 1);
  const std::string ending = arguments.size() > 1 ? to_text(arguments[1]) : "...";
  std::string out;
  std::string_view left = stripped(text, true, false);
  for (int64_t taken = 0; !left.empty(); ++taken) {
    if (taken == words) return made_text(context, out + ending);
    const size_t end = std::min(left.find_first_of(kStripped), left.size());
    if (taken > 0) out += ' ';
    out += left.substr(0, end);
    left = stripped(left.substr(end), true, false);
  }
  return input;
}

Value checked_utf8(Context& context, std::string text) {
  if (!is_valid_utf8(text)) context.fail("the decoded text is not UTF-8");
  return made_text(context, std::move(text));
}

Value url_encode(Context& context, const Value& input, const Arguments&) {
  if (input.is_nil()) return {};
  std::string out;
  for (const std::string text = to_text(input); const char c : text) {
    out += c == ' ' ? "+" : percent_encode(std::string_view(&c, 1));
  }
  return made_text(context, std::move(out));
}

Value url_decode(Context& context, const Value& input, const Arguments&) {
  if (input.is_nil()) return {};
  const std::string text = to_text(input);
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    // A stray percent sign stays as it is.
    const auto escape = text[i] == '%' && i + 2 < text.size()
                            ? percent_decode(std::string_view(text).substr(i, 3), false)
                            : std::nullopt;
    if (escape) {
      out += *escape;
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return checked_utf8(context, std::move(out));
}

Value base64_encoded(Context& context, const Value& input, const Arguments&) {
  return made_text(context, base64_encode(to_text(input)));
}

Value base64_url_safe_encoded(Context& context, const Value& input, const Arguments&) {
  std::string text = base64_encode(to_text(input));
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return made_text(context, std::move(text));
}

Value base64_decoded(Context& context, const Value& input, const Arguments&) {
  auto bytes = base64_decode(to_text(input));
  if (!bytes) context.fail("the text is not base64");
  return checked_utf8(context, std::move(*bytes));
}

constexpr FilterSpec kFilters[] = {
    {"append", 1, 1, append},
    {"base64_decode", 0, 0, base64_decoded},
    {"base64_encode", 0, 0, base64_encoded},
    {"base64_url_safe_decode", 0, 0, base64_decoded},
    {"base64_url_safe_encode", 0, 0, base64_url_safe_encoded},
    {"capitalize", 0, 0, capitalize},
    {"downcase", 0, 0, downcase},
    {"lstrip", 0, 0, lstrip},
    {"prepend", 1, 1, prepend},
    {"remove", 1, 1, remove},
    {"remove_first", 1, 1, replace_first},
    {"remove_last", 1, 1, replace_last},
    {"replace", 1, 2, replace},
    {"replace_first", 1, 2, replace_first},
    {"replace_last", 2, 2, replace_last},
    {"rstrip", 0, 0, rstrip},
    {"split", 1, 1, split_text},
    {"squish", 0, 0, squish},
    {"strip", 0, 0, strip},
    {"strip_newlines", 0, 0, strip_newlines},
    {"truncate", 0, 2, truncate},
    {"truncatewords", 0, 2, truncatewords},
    {"upcase", 0, 0, upcase},
    {"url_decode", 0, 0, url_decode},
    {"url_encode", 0, 0, url_encode},
};

}  // namespace

std::span<const FilterSpec> string_filters() {
  return kFilters;
}

}  // namespace rapport::liquid
