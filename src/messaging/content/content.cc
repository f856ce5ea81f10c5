#include "messaging/content/content.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/limits/access.h"
#include "base/limits/content.h"
#include "base/limits/templates.h"
#include "base/text.h"
#include "http/json_schema.h"
#include "liquid/template.h"

namespace rapport {

BOOST_DESCRIBE_STRUCT(ContentVariant, (), (language, subject, html, text, source))
BOOST_DESCRIBE_STRUCT(ContentDocument, (), (channel, editor, layout, variants))

namespace {

constexpr std::array<std::string_view, 4> kPrefixes{"tpl_", "blk_", "lay_", "brd_"};
constexpr std::array<std::string_view, 4> kKindNames{"template", "content block", "layout",
                                                     "brand"};
constexpr size_t kMaxTagBytes = 35;

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
}

void check_name(ContentKind kind, std::string_view name) {
  if (trim(name).empty()) throw Error::invalid("name", "is required");
  if (name.size() > limits::kMaxNameBytes) {
    throw Error::invalid("name",
                         "is longer than " + std::to_string(limits::kMaxNameBytes) + " bytes");
  }
  if (kind == ContentKind::kTemplate) return;
  // Templates call blocks and layouts by name.
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return is_letter(c) || is_digit(c) || c == '_' || c == '-' || c == '/';
  });
  if (!plain) throw Error::invalid("name", "may have letters, digits, \"-\", \"_\" and \"/\"");
}

void check_part(const std::string& field, const std::string& source, size_t limit) {
  if (source.size() > limit) {
    throw Error::invalid(field, "is longer than " + std::to_string(limit) + " bytes");
  }
  try {
    liquid::Template::parse(source);
  } catch (const liquid::TemplateError& error) {
    throw Error::invalid(field, error.public_detail());
  }
}

void check_variant(ContentKind kind, const ContentVariant& variant, const std::string& at) {
  if (kind == ContentKind::kTemplate) {
    if (trim(variant.subject).empty()) throw Error::invalid(at + ".subject", "is required");
    check_part(at + ".subject", variant.subject, limits::kMaxSubjectBytes);
  } else if (!variant.subject.empty()) {
    throw Error::invalid(at + ".subject", "belongs to templates only");
  }
  if (trim(variant.html).empty() && trim(variant.text).empty()) {
    throw Error::invalid(at + ".html", "html or text is required");
  }
  check_part(at + ".html", variant.html, limits::kMaxTemplateBytes);
  check_part(at + ".text", variant.text, limits::kMaxTemplateBytes);
  if (variant.source.size() > limits::kMaxTemplateBytes) {
    throw Error::invalid(at + ".source",
                         "is longer than " + std::to_string(limits::kMaxTemplateBytes) + " bytes");
  }
}

bool is_color(std::string_view text) {
  if ((text.size() != 4 && text.size() != 7) || text[0] != '#') return false;
  return text.find_first_not_of("0123456789abcdefABCDEF", 1) == std::string_view::npos;
}

/// "zh-TW" as "zh-Hant": the script stands for the regions that write it.
std::string script_form(const std::string& tag) {
  for (const std::string_view region : {"zh-TW", "zh-HK", "zh-MO"}) {
    if (tag == region) return "zh-Hant";
  }
  if (tag.starts_with("zh-Hant")) return "zh-Hant";
  if (tag == "zh" || tag == "zh-CN" || tag == "zh-SG" || tag.starts_with("zh-Hans")) {
    return "zh-Hans";
  }
  return tag;
}

}  // namespace

std::string to_public(ContentKind kind, ContentId id) {
  return format_public_id(kPrefixes.at(static_cast<size_t>(kind)), id.value);
}

std::optional<ContentId> parse_content_id(ContentKind kind, std::string_view text) {
  const auto value = parse_public_id(kPrefixes.at(static_cast<size_t>(kind)), text);
  return value ? std::optional(ContentId{*value}) : std::nullopt;
}

std::string_view content_kind_name(ContentKind kind) {
  return kKindNames.at(static_cast<size_t>(kind));
}

void check_content(ContentKind kind, std::string_view name, const ContentDocument& document) {
  check_name(kind, name);
  if (document.channel != "email") throw Error::invalid("channel", "must be \"email\"");
  if (document.editor != "html" && document.editor != "mjml") {
    throw Error::invalid("editor", "must be \"html\" or \"mjml\"");
  }
  if (!document.layout.empty() && kind != ContentKind::kTemplate) {
    throw Error::invalid("layout", "belongs to templates only");
  }
  if (document.variants.empty()) throw Error::invalid("variants", "one is required");
  if (document.variants.size() > limits::kMaxContentVariants) {
    throw Error::invalid("variants", "at most " + std::to_string(limits::kMaxContentVariants));
  }
  std::set<std::string> languages;
  for (size_t i = 0; i < document.variants.size(); ++i) {
    const ContentVariant& variant = document.variants[i];
    const std::string at = "variants[" + std::to_string(i) + "]";
    if (!variant.language.empty() && normal_language(variant.language) != variant.language) {
      throw Error::invalid(at + ".language", "is not a language tag such as \"zh-Hant\"");
    }
    if (!languages.insert(variant.language).second) {
      throw Error::invalid(at + ".language", "is there twice");
    }
    check_variant(kind, variant, at);
  }
  if (!languages.count("")) {
    throw Error::invalid("variants", "one must be the default, with an empty language");
  }
}

void check_brand(const Brand& brand) {
  const std::pair<const char*, const std::string&> colors[] = {
      {"primary_color", brand.primary_color},
      {"background_color", brand.background_color},
      {"text_color", brand.text_color},
      {"link_color", brand.link_color}};
  for (const auto& [field, value] : colors) {
    if (!is_color(value)) throw Error::invalid(field, "is not a colour such as \"#146c5b\"");
  }
  const std::pair<const char*, const std::string&> texts[] = {{"name", brand.name},
                                                              {"address", brand.address},
                                                              {"footer", brand.footer},
                                                              {"font", brand.font},
                                                              {"logo_url", brand.logo_url}};
  for (const auto& [field, value] : texts) {
    if (value.size() > limits::kMaxBrandTextBytes) {
      throw Error::invalid(
          field, "is longer than " + std::to_string(limits::kMaxBrandTextBytes) + " bytes");
    }
  }
  if (brand.font.find_first_of(";{}<>\"\\") != std::string::npos) {
    throw Error::invalid("font", "is not a list of font names");
  }
  const std::string& logo = brand.logo_url;
  if (!logo.empty() && !logo.starts_with("https://") && !logo.starts_with("http://") &&
      !logo.starts_with("/i/")) {
    throw Error::invalid("logo_url", "is not a web address");
  }
}

std::string normal_language(std::string_view tag) {
  tag = trim(tag);
  tag = tag.substr(0, tag.find('.'));  // "vi_VN.UTF-8"
  if (tag.empty() || tag.size() > kMaxTagBytes) return {};
  std::string out;
  size_t part_start = 0;
  for (size_t i = 0; i <= tag.size(); ++i) {
    if (i < tag.size() && tag[i] != '-' && tag[i] != '_') {
      if (!is_letter(tag[i]) && !is_digit(tag[i])) return {};
      continue;
    }
    std::string part = to_lower_ascii(tag.substr(part_start, i - part_start));
    if (part.empty() || part.size() > 8) return {};
    if (out.empty() && (part.size() < 2 || part.size() > 3 || !is_letter(part[0]))) return {};
    if (!out.empty() && part.size() == 2) {
      for (char& c : part) c = upper(c);
    } else if (!out.empty() && part.size() == 4 && is_letter(part[0])) {
      part[0] = upper(part[0]);
    }
    out += (out.empty() ? "" : "-") + part;
    part_start = i + 1;
  }
  return out;
}

std::vector<std::string> language_chain(std::string_view tag) {
  std::vector<std::string> chain;
  const auto add = [&](std::string language) {
    if (!language.empty() && std::find(chain.begin(), chain.end(), language) == chain.end()) {
      chain.push_back(std::move(language));
    }
  };
  std::string at = normal_language(tag);
  while (!at.empty()) {
    add(at);
    add(script_form(at));
    const size_t cut = at.rfind('-');
    at = cut == std::string::npos ? "" : at.substr(0, cut);
    // Traditional readers are not served the simplified text before the default.
    if (at == "zh" && !chain.empty() && script_form(chain.front()) == "zh-Hant") {
      add("zh");
      break;
    }
  }
  return chain;
}

size_t choose_variant(const std::vector<ContentVariant>& variants, std::string_view language) {
  for (const std::string& wanted : language_chain(language)) {
    for (size_t i = 0; i < variants.size(); ++i) {
      if (variants[i].language == wanted) return i;
    }
    for (size_t i = 0; i < variants.size(); ++i) {
      if (!variants[i].language.empty() && variants[i].language != "zh" &&
          script_form(variants[i].language) == wanted) {
        return i;
      }
    }
  }
  for (size_t i = 0; i < variants.size(); ++i) {
    if (variants[i].language.empty()) return i;
  }
  return 0;
}

std::string to_json(const ContentDocument& document) {
  return to_json<ContentDocument>(document);
}

ContentDocument parse_content_document(std::string_view json) {
  return parse_json<ContentDocument>(json);
}

}  // namespace rapport
