#include "messaging/content/content_service.h"

#include <algorithm>

#include "base/error.h"
#include "base/limits/content.h"
#include "base/text.h"
#include "http/json_schema.h"
#include "liquid/template.h"
#include "messaging/content/content_store.h"
#include "messaging/content/line_diff.h"

namespace rapport {

BOOST_DESCRIBE_STRUCT(Brand, (),
                      (name, logo_url, primary_color, background_color, text_color, link_color,
                       font, address, footer))

namespace {

constexpr std::string_view kBrandName = "brand";
constexpr size_t kShownUses = 1'000;

std::string audit_action(ContentKind kind, std::string_view what) {
  static constexpr std::array<std::string_view, 4> kNames{"template", "content_block", "layout",
                                                          "brand"};
  return std::string(kNames.at(static_cast<size_t>(kind))) + "." + std::string(what);
}

/// What a document renders by name, each once.
std::vector<liquid::TemplateUses::PartialName> uses_of(const ContentDocument& document) {
  std::vector<liquid::TemplateUses::PartialName> all;
  if (!document.layout.empty()) all.push_back({liquid::PartialKind::kLayout, document.layout});
  for (const ContentVariant& variant : document.variants) {
    for (const std::string* part : {&variant.subject, &variant.html, &variant.text}) {
      const liquid::Template parsed = liquid::Template::parse(*part);
      for (const auto& use : parsed.uses().partials) {
        if (std::find(all.begin(), all.end(), use) == all.end()) all.push_back(use);
      }
    }
  }
  return all;
}

/// What is named must be there: a message that cannot be rendered is found out when it is saved.
void check_uses(Connection& c, const ContentItem& item,
                const std::vector<liquid::TemplateUses::PartialName>& uses) {
  for (const auto& use : uses) {
    const ContentKind kind =
        use.kind == liquid::PartialKind::kLayout ? ContentKind::kLayout : ContentKind::kBlock;
    if (content_store::find_by_name(c, item.workspace, kind, use.name)) continue;
    const bool chosen =
        use.kind == liquid::PartialKind::kLayout && use.name == item.document.layout;
    throw Error::invalid(
        chosen ? "layout" : "variants",
        "there is no " + std::string(content_kind_name(kind)) + " \"" + use.name + "\"");
  }
}

std::string settings_text(const ContentItem& item) {
  const ContentDocument& d = item.document;
  return "channel: " + d.channel + "\neditor: " + d.editor + "\nlayout: " + d.layout + "\n";
}

const ContentVariant* variant_of(const ContentDocument& document, const std::string& language) {
  for (const ContentVariant& variant : document.variants) {
    if (variant.language == language) return &variant;
  }
  return nullptr;
}

void compare_variants(const std::string& language, const ContentVariant& a, const ContentVariant& b,
                      std::vector<ContentDifference>& out) {
  const std::pair<const char*, std::string ContentVariant::*> parts[] = {
      {"subject", &ContentVariant::subject},
      {"source", &ContentVariant::source},
      {"html", &ContentVariant::html},
      {"text", &ContentVariant::text}};
  for (const auto& [name, part] : parts) {
    std::string diff = unified_diff(a.*part, b.*part);
    if (!diff.empty()) out.push_back({language, name, std::move(diff)});
  }
}

std::string in_words(const std::vector<ContentUse>& uses) {
  constexpr size_t kShown = 3;
  std::string text;
  for (size_t i = 0; i < uses.size() && i < kShown; ++i) {
    text += (i == 0 ? "" : ", ") + uses[i].kind + " \"" + uses[i].name + "\"";
  }
  if (uses.size() > kShown) text += " and " + std::to_string(uses.size() - kShown) + " more";
  return text;
}

}  // namespace

ContentService::ContentService(StateStore& control, AuditService& audit, const Clock& clock)
    : control_(control), audit_(audit), clock_(clock) {
  migrate_content(control_);
}

void ContentService::refuse_taken(Connection& c, const ContentItem& item) const {
  const auto holder = content_store::find_by_name(c, item.workspace, item.kind, item.name);
  if (holder && *holder != item.id) {
    throw Error(ErrorCode::kConflict, "The name is taken").with_field("name", "is taken");
  }
}

ContentItem ContentService::save_version(Connection& c, ContentItem item, Save save,
                                         const Actor& actor) {
  item.document = std::move(save.document);
  const auto uses = uses_of(item.document);
  check_uses(c, item, uses);
  const std::string document = to_json(item.document);
  if (document.size() > limits::kMaxContentBytes) {
    throw Error::invalid("variants",
                         "are longer than " + std::to_string(limits::kMaxContentBytes) + " bytes");
  }
  item.version = {item.version.number + 1, actor.label, std::move(save.comment), clock_.now()};
  content_store::add_version(c, item.workspace, item.id, item.version, document);
  content_store::trim_versions(c, item.workspace, item.id, limits::kMaxContentVersions);
  content_store::set_uses(c, item.workspace, item.id, uses);
  return item;
}

ContentItem ContentService::create(WorkspaceId workspace, ContentKind kind, Save save,
                                   const Actor& actor) {
  check_content(kind, save.name, save.document);
  return control_.write_value([&](Connection& c) {
    if (content_store::count(c, workspace) >= limits::kMaxContentItems) {
      throw Error(ErrorCode::kConflict, "The workspace has as much content as it may have");
    }
    ContentItem item;
    item.kind = kind;
    item.workspace = workspace;
    item.name = save.name;
    item.created_at = clock_.now();
    refuse_taken(c, item);
    item.id = content_store::add(c, workspace, kind, item.name, item.created_at);
    item = save_version(c, std::move(item), std::move(save), actor);
    audit_.record(c, workspace, actor, audit_action(kind, "create"), to_public(kind, item.id),
                  item.name);
    return item;
  });
}

ContentItem ContentService::update(WorkspaceId workspace, ContentKind kind, ContentId id, Save save,
                                   const Actor& actor) {
  check_content(kind, save.name, save.document);
  return control_.write_value([&](Connection& c) {
    auto item = content_store::find(c, workspace, kind, id);
    if (!item) throw Error::not_found(content_kind_name(kind));
    if (save.expected_version && *save.expected_version != item->version.number) {
      throw Error(ErrorCode::kConflict, "Somebody saved another version meanwhile")
          .with_field("version", "is no longer the latest");
    }
    if (item->name != save.name) {
      const auto users =
          kind == ContentKind::kTemplate ? std::vector<ContentUse>() : uses_in(c, *item);
      if (!users.empty()) {
        throw Error(ErrorCode::kConflict, "It is called by its name: " + in_words(users))
            .with_field("name", "is in use");
      }
      item->name = save.name;
      refuse_taken(c, *item);
      content_store::rename(c, workspace, id, item->name);
    }
    *item = save_version(c, std::move(*item), std::move(save), actor);
    audit_.record(c, workspace, actor, audit_action(kind, "update"), to_public(kind, id),
                  item->name);
    return *item;
  });
}

void ContentService::remove(WorkspaceId workspace, ContentKind kind, ContentId id,
                            const Actor& actor) {
  control_.write([&](Connection& c) {
    const auto item = content_store::find(c, workspace, kind, id);
    if (!item) throw Error::not_found(content_kind_name(kind));
    const auto users = uses_in(c, *item);
    if (!users.empty()) throw Error(ErrorCode::kConflict, "It is used by " + in_words(users));
    content_store::remove(c, workspace, id);
    audit_.record(c, workspace, actor, audit_action(kind, "remove"), to_public(kind, id),
                  item->name);
  });
}

ContentItem ContentService::get(WorkspaceId workspace, ContentKind kind, ContentId id) const {
  auto item = control_.read_value(
      [&](Connection& c) { return content_store::find(c, workspace, kind, id); });
  if (!item) throw Error::not_found(content_kind_name(kind));
  return std::move(*item);
}

bool ContentService::has_template(WorkspaceId workspace, std::string_view id) const {
  const auto parsed = parse_content_id(ContentKind::kTemplate, id);
  return parsed && control_.read_value([&](Connection& c) {
    return content_store::find(c, workspace, ContentKind::kTemplate, *parsed).has_value();
  });
}

std::vector<ContentItem> ContentService::list(WorkspaceId workspace, ContentKind kind,
                                              ContentId before, size_t limit) const {
  return control_.read_value(
      [&](Connection& c) { return content_store::list(c, workspace, kind, before, limit); });
}

std::vector<ContentVersion> ContentService::versions(WorkspaceId workspace, ContentKind kind,
                                                     ContentId id, uint32_t before,
                                                     size_t limit) const {
  get(workspace, kind, id);
  return control_.read_value(
      [&](Connection& c) { return content_store::list_versions(c, workspace, id, before, limit); });
}

ContentItem ContentService::version(WorkspaceId workspace, ContentKind kind, ContentId id,
                                    uint32_t number) const {
  ContentItem item = get(workspace, kind, id);
  const auto stored = control_.read_value(
      [&](Connection& c) { return content_store::find_version(c, workspace, id, number); });
  if (!stored) throw Error::not_found("Version");
  item.version = stored->version;
  item.document = parse_content_document(stored->document);
  return item;
}

std::vector<ContentDifference> ContentService::compare(WorkspaceId workspace, ContentKind kind,
                                                       ContentId id, uint32_t from,
                                                       uint32_t to) const {
  const ContentItem a = version(workspace, kind, id, from);
  const ContentItem b = version(workspace, kind, id, to);
  std::vector<ContentDifference> out;
  std::string settings = unified_diff(settings_text(a), settings_text(b));
  if (!settings.empty()) out.push_back({"", "settings", std::move(settings)});
  const ContentVariant nothing;
  for (const ContentVariant& variant : a.document.variants) {
    const ContentVariant* other = variant_of(b.document, variant.language);
    compare_variants(variant.language, variant, other ? *other : nothing, out);
  }
  for (const ContentVariant& variant : b.document.variants) {
    if (variant_of(a.document, variant.language)) continue;
    compare_variants(variant.language, nothing, variant, out);
  }
  return out;
}

ContentItem ContentService::restore(WorkspaceId workspace, ContentKind kind, ContentId id,
                                    uint32_t number, const Actor& actor) {
  ContentItem old = version(workspace, kind, id, number);
  Save save;
  save.name = old.name;
  save.document = std::move(old.document);
  save.comment = "Restored from version " + std::to_string(number);
  return update(workspace, kind, id, std::move(save), actor);
}

std::vector<ContentUse> ContentService::uses_in(Connection& c, const ContentItem& item) const {
  std::vector<ContentUse> uses;
  if (item.kind == ContentKind::kTemplate) {
    if (campaigns_) uses = campaigns_(item.workspace, to_public(item.kind, item.id));
    return uses;
  }
  for (const auto& user :
       content_store::list_users(c, item.workspace, item.kind, item.name, kShownUses)) {
    if (user.id == item.id) continue;
    uses.push_back(
        {std::string(content_kind_name(user.kind)), to_public(user.kind, user.id), user.name});
  }
  return uses;
}

std::vector<ContentUse> ContentService::uses(WorkspaceId workspace, ContentKind kind,
                                             ContentId id) const {
  const ContentItem item = get(workspace, kind, id);
  return control_.read_value([&](Connection& c) { return uses_in(c, item); });
}

std::optional<ContentDocument> ContentService::find_by_name(WorkspaceId workspace, ContentKind kind,
                                                            std::string_view name,
                                                            Timestamp as_of) const {
  return control_.read_value([&](Connection& c) -> std::optional<ContentDocument> {
    const auto id = content_store::find_by_name(c, workspace, kind, name);
    const auto stored = id ? content_store::find_version_at(c, workspace, *id, as_of)
                           : std::optional<content_store::StoredVersion>();
    if (!stored) return std::nullopt;
    return parse_content_document(stored->document);
  });
}

std::optional<ContentItem> ContentService::find_at(WorkspaceId workspace, ContentKind kind,
                                                   ContentId id, Timestamp as_of) const {
  return control_.read_value([&](Connection& c) -> std::optional<ContentItem> {
    auto item = content_store::find(c, workspace, kind, id);
    const auto stored = item ? content_store::find_version_at(c, workspace, id, as_of)
                             : std::optional<content_store::StoredVersion>();
    if (!stored) return std::nullopt;
    item->version = stored->version;
    item->document = parse_content_document(stored->document);
    return item;
  });
}

Brand ContentService::brand(WorkspaceId workspace, Timestamp as_of) const {
  return control_.read_value([&](Connection& c) {
    const auto id = content_store::find_by_name(c, workspace, ContentKind::kBrand, kBrandName);
    const auto stored = id ? content_store::find_version_at(c, workspace, *id, as_of)
                           : std::optional<content_store::StoredVersion>();
    return stored ? parse_json<Brand>(stored->document) : Brand();
  });
}

Brand ContentService::set_brand(WorkspaceId workspace, Brand brand, const Actor& actor) {
  check_brand(brand);
  control_.write([&](Connection& c) {
    const Timestamp now = clock_.now();
    auto id = content_store::find_by_name(c, workspace, ContentKind::kBrand, kBrandName);
    if (!id) id = content_store::add(c, workspace, ContentKind::kBrand, kBrandName, now);
    const auto last = content_store::list_versions(c, workspace, *id, UINT32_MAX, 1);
    const uint32_t number = last.empty() ? 1 : last.front().number + 1;
    content_store::add_version(c, workspace, *id, {number, actor.label, "", now}, to_json(brand));
    content_store::trim_versions(c, workspace, *id, limits::kMaxContentVersions);
    audit_.record(c, workspace, actor, "brand.update", to_public(ContentKind::kBrand, *id), "");
  });
  return brand;
}

}  // namespace rapport
