#include "messaging/content/content_renderer.h"

#include <optional>

#include "base/error.h"
#include "base/limits/content.h"
#include "base/one_line.h"
#include "base/text.h"
#include "customers/customer_reader.h"
#include "mail/css_inliner.h"
#include "mail/mime.h"
#include "messaging/content/customer_data.h"

namespace rapport {
namespace {

constexpr size_t kKeptDocuments = 64;

enum class Part { kHtml, kText };

}  // namespace

/// Content blocks and layouts of a workspace at one time, each read and parsed once.
class ContentRenderer::Blocks {
 public:
  Blocks(const ContentService& content, WorkspaceId workspace, Timestamp as_of)
      : content_(content), workspace_(workspace), as_of_(as_of) {}

  std::optional<liquid::Template> find(liquid::PartialKind kind, std::string_view name, Part part,
                                       const std::string& language) const {
    const std::string key = std::to_string(static_cast<int>(kind)) +
                            (part == Part::kHtml ? "h/" : "t/") + language + "/" +
                            std::string(name);
    const std::lock_guard lock(mutex_);
    const auto known = read_.find(key);
    if (known != read_.end()) return known->second;
    auto found = read(kind, name, part, language);
    if (read_.size() < limits::kMaxContentItems) read_.emplace(key, found);
    return found;
  }

 private:
  std::optional<liquid::Template> read(liquid::PartialKind kind, std::string_view name, Part part,
                                       const std::string& language) const {
    const ContentKind wanted =
        kind == liquid::PartialKind::kLayout ? ContentKind::kLayout : ContentKind::kBlock;
    const auto document = content_.find_by_name(workspace_, wanted, name, as_of_);
    if (!document) return std::nullopt;
    const ContentVariant& variant =
        document->variants[choose_variant(document->variants, language)];
    if (part == Part::kText && !variant.text.empty()) return liquid::Template::parse(variant.text);
    // A layout in HTML only would put its tags around a plain text.
    if (part == Part::kText && kind == liquid::PartialKind::kLayout) {
      return liquid::Template::parse("{{ content_for_layout }}");
    }
    if (part == Part::kText) return liquid::Template::parse(html_to_text(variant.html));
    return liquid::Template::parse(inline_css(variant.html.empty() ? variant.text : variant.html));
  }

  const ContentService& content_;
  WorkspaceId workspace_;
  Timestamp as_of_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, std::optional<liquid::Template>, std::less<>> read_;
};

struct ContentRenderer::Compiled {
  struct Variant {
    liquid::Template subject;
    liquid::Template html;
    liquid::Template text;
    bool has_html;
    bool has_text;
  };
  Compiled(const ContentService& content, WorkspaceId workspace, Timestamp as_of)
      : blocks(content, workspace, as_of), brand(content.brand(workspace, as_of)) {}
  std::vector<ContentVariant> languages;  // only their languages
  std::vector<Variant> variants;
  std::string layout;
  Blocks blocks;
  Brand brand;
};

std::shared_ptr<const ContentRenderer::Compiled> ContentRenderer::compiled(
    const std::string& key, const std::function<ContentDocument()>& make, const Input& input) {
  if (!key.empty()) {
    const std::lock_guard lock(mutex_);
    if (const auto it = kept_.find(key); it != kept_.end()) return it->second;
  }
  const ContentDocument document = make();
  auto fresh = std::make_shared<Compiled>(content_, input.workspace, input.as_of);
  fresh->layout = document.layout;
  for (const ContentVariant& variant : document.variants) {
    ContentVariant language;
    language.language = variant.language;
    fresh->languages.push_back(std::move(language));
    fresh->variants.push_back({liquid::Template::parse(variant.subject),
                               liquid::Template::parse(inline_css(variant.html)),
                               liquid::Template::parse(variant.text), !trim(variant.html).empty(),
                               !trim(variant.text).empty()});
  }
  if (key.empty()) return fresh;
  const std::lock_guard lock(mutex_);
  if (kept_.size() >= kKeptDocuments) kept_.erase(kept_.begin());
  kept_[key] = fresh;
  return fresh;
}

namespace {

template <class Blocks>
class PartBlocks final : public liquid::Partials {
 public:
  PartBlocks(const Blocks& blocks, Part part, const std::string& language)
      : blocks_(blocks), part_(part), language_(language) {}
  std::optional<liquid::Template> find(liquid::PartialKind kind,
                                       std::string_view name) const override {
    return blocks_.find(kind, name, part_, language_);
  }

 private:
  const Blocks& blocks_;
  Part part_;
  const std::string& language_;
};

liquid::Value data_of(const ContentRenderer::Input& input, const Brand& brand,
                      const std::string& public_url) {
  liquid::Object data;
  data.set("customer", customer_value(input.customer));
  data.set("account", account_value(input.customer));
  data.set("workspace",
           liquid::Object{{"name", input.workspace_name}, {"time_zone", input.workspace_zone}});
  data.set("brand", brand_value(brand, public_url));
  data.set("unsubscribe_url", input.unsubscribe_url);
  for (const auto& [name, value] : input.more) data.set(name, value);
  return data;
}

}  // namespace

RenderedContent ContentRenderer::render_template(std::string_view template_id, const Input& input,
                                                 bool keep) {
  const std::string key = std::to_string(input.workspace.value) + "/" + std::string(template_id) +
                          "@" + std::to_string(to_micros(input.as_of));
  return render(
      keep ? key : std::string(),
      [&] {
        const auto id = parse_content_id(ContentKind::kTemplate, template_id);
        auto item = id ? content_.find_at(input.workspace, ContentKind::kTemplate, *id, input.as_of)
                       : std::nullopt;
        if (!item) throw Error::not_found("Template");
        return std::move(item->document);
      },
      input);
}

RenderedContent ContentRenderer::render(const std::string& key,
                                        const std::function<ContentDocument()>& document,
                                        const Input& input) {
  const auto parts = compiled(key, document, input);
  const std::string language =
      input.language.empty() ? language_of(input.customer) : normal_language(input.language);
  const size_t chosen = choose_variant(parts->languages, language);
  const Compiled::Variant& variant = parts->variants[chosen];
  const liquid::Value data = data_of(input, parts->brand, public_url_);
  const std::string zone = time_zone_of(input.customer);

  const PartBlocks text_blocks(parts->blocks, Part::kText, language);
  const PartBlocks html_blocks(parts->blocks, Part::kHtml, language);
  liquid::RenderOptions plain;
  plain.now = clock_.now();
  plain.clock = &clock_;
  plain.partials = &text_blocks;
  plain.language = parts->languages[chosen].language;
  if (plain.language.empty()) plain.language = language.empty() ? "en" : language;
  plain.time_zone = zone.empty() ? input.workspace_zone : zone;
  plain.country = country_of(input.customer);

  RenderedContent out;
  out.language = parts->languages[chosen].language;
  out.subject = one_line(variant.subject.render(data, plain));
  if (variant.has_html) {
    liquid::RenderOptions escaped = plain;
    escaped.escape_html = true;
    escaped.partials = &html_blocks;
    escaped.layout = parts->layout;
    out.html = variant.html.render(data, escaped);
  }
  if (variant.has_text) {
    plain.layout = parts->layout;
    out.text = variant.text.render(data, plain);
  } else if (variant.has_html) {
    out.text = html_to_text(out.html);
  }
  return out;
}

std::string ContentRenderer::render_text(std::string_view source, const Input& input) const {
  const std::string language =
      input.language.empty() ? language_of(input.customer) : normal_language(input.language);
  const std::string zone = time_zone_of(input.customer);
  liquid::RenderOptions plain;
  plain.now = clock_.now();
  plain.clock = &clock_;
  plain.language = language.empty() ? "en" : language;
  plain.time_zone = zone.empty() ? input.workspace_zone : zone;
  plain.country = country_of(input.customer);
  return liquid::Template::parse(source).render(data_of(input, Brand{}, public_url_), plain);
}

}  // namespace rapport
