// What messages are made of, kept apart from the campaigns that use it: templates, content blocks
// (printed with `render`), layouts (put around a message), and the workspace's brand.
//
// A template has a default variant and one for each further language; the customer's language
// chooses, by `choose_variant`. `source` is what an editor edits (MJML, or the same as `html`),
// `html` what is rendered. Types and rules only; pure, no I/O.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/time.h"

namespace rapport {

enum class ContentKind : uint8_t { kTemplate = 0, kBlock = 1, kLayout = 2, kBrand = 3 };
inline constexpr std::array kNamedContent{ContentKind::kTemplate, ContentKind::kBlock,
                                          ContentKind::kLayout};

struct ContentTag {
  static constexpr std::string_view kPrefix = "cnt_";
};
using ContentId = Id<ContentTag>;

/// "tpl_…", "blk_…", "lay_…".
std::string to_public(ContentKind kind, ContentId id);
std::optional<ContentId> parse_content_id(ContentKind kind, std::string_view text);
/// For people: "template", "content block", "layout", "brand".
std::string_view content_kind_name(ContentKind kind);

struct ContentVariant {
  std::string language;  // BCP 47; empty for the default
  std::string subject;   // of templates
  std::string html;
  std::string text;    // empty: made from the HTML
  std::string source;  // MJML; empty when the HTML itself is edited
  bool operator==(const ContentVariant&) const = default;
};

struct ContentDocument {
  std::string channel = "email";
  std::string editor = "html";  // or "mjml"
  std::string layout;           // name of the layout around a template; empty for none
  std::vector<ContentVariant> variants;
  bool operator==(const ContentDocument&) const = default;
};

struct ContentVersion {
  uint32_t number = 0;  // from 1
  std::string author;
  std::string comment;
  Timestamp saved_at;
};

struct ContentItem {
  ContentKind kind = ContentKind::kTemplate;
  ContentId id;
  WorkspaceId workspace;
  std::string name;
  Timestamp created_at;
  ContentVersion version;
  ContentDocument document;
};

/// How a person's brand looks; available to every template as `brand`.
struct Brand {
  std::string name;
  std::string logo_url;
  std::string primary_color = "#146c5b";
  std::string background_color = "#f4f6f5";
  std::string text_color = "#17211e";
  std::string link_color = "#146c5b";
  std::string font = "Helvetica, Arial, sans-serif";
  std::string address;  // postal, for the footer
  std::string footer;
};

/// Throws kInvalidArgument naming the field: name, editor, variants[1].language, ….
void check_content(ContentKind kind, std::string_view name, const ContentDocument& document);
void check_brand(const Brand& brand);

/// A language tag in its usual form: "zh_hk" becomes "zh-HK". Empty when it is none.
std::string normal_language(std::string_view tag);
/// The languages to try for a customer, best first: "zh-HK" gives zh-HK, zh-Hant, zh.
std::vector<std::string> language_chain(std::string_view tag);
/// Index of the variant for a customer's language; the default one when none fits.
size_t choose_variant(const std::vector<ContentVariant>& variants, std::string_view language);

std::string to_json(const ContentDocument& document);
ContentDocument parse_content_document(std::string_view json);

}  // namespace rapport
