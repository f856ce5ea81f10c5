// Content's use cases: save (each save is a version), list, compare, restore, where-used, remove.
//
// Everything is in the control store with its audit entry in the same transaction. What is used by
// a campaign or by other content cannot be removed, nor renamed where it is called by its name.
// Thread-safe once `set_campaign_usage` was called; calls block.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/actor.h"
#include "access/audit_service.h"
#include "messaging/content/content.h"
#include "runtime/clock.h"
#include "storage/state_store.h"

namespace rapport {

/// One place where an item is used.
struct ContentUse {
  std::string kind;  // "campaign", "message", "template", "content block", "layout"
  std::string id;
  std::string name;
};

/// The campaigns and waiting messages that name a template, in words and ids.
using CampaignUsage = std::function<std::vector<ContentUse>(WorkspaceId, std::string_view)>;

/// Difference of one part of one variant.
struct ContentDifference {
  std::string language;
  std::string part;  // "subject", "html", "text", "source"; "settings" of the whole
  std::string diff;  // unified
};

class ContentService {
 public:
  /// Migrates component "content" of `control`. All must outlive the service.
  ContentService(StateStore& control, AuditService& audit, const Clock& clock);

  /// Who is asked before a template is removed; before requests are served.
  void set_campaign_usage(CampaignUsage usage) { campaigns_ = std::move(usage); }

  struct Save {
    std::string name;
    ContentDocument document;
    std::string comment;
    std::optional<uint32_t> expected_version;  // kConflict when it is no longer the latest
  };
  /// Throws kInvalidArgument naming the field, kConflict when the name is taken.
  ContentItem create(WorkspaceId workspace, ContentKind kind, Save save, const Actor& actor);
  /// A new version. kNotFound, kConflict.
  ContentItem update(WorkspaceId workspace, ContentKind kind, ContentId id, Save save,
                     const Actor& actor);
  /// kConflict naming what uses it.
  void remove(WorkspaceId workspace, ContentKind kind, ContentId id, const Actor& actor);
  ContentItem get(WorkspaceId workspace, ContentKind kind, ContentId id) const;
  /// Whether there is a template of this id, in the form of the API.
  bool has_template(WorkspaceId workspace, std::string_view id) const;
  /// Newest first, without the texts.
  std::vector<ContentItem> list(WorkspaceId workspace, ContentKind kind, ContentId before,
                                size_t limit) const;

  /// Newest first, below `before`.
  std::vector<ContentVersion> versions(WorkspaceId workspace, ContentKind kind, ContentId id,
                                       uint32_t before, size_t limit) const;
  /// The item as it was. kNotFound.
  ContentItem version(WorkspaceId workspace, ContentKind kind, ContentId id, uint32_t number) const;
  std::vector<ContentDifference> compare(WorkspaceId workspace, ContentKind kind, ContentId id,
                                         uint32_t from, uint32_t to) const;
  /// Saves an older version anew.
  ContentItem restore(WorkspaceId workspace, ContentKind kind, ContentId id, uint32_t number,
                      const Actor& actor);
  std::vector<ContentUse> uses(WorkspaceId workspace, ContentKind kind, ContentId id) const;

  /// By name, as it was at a time; null when there is none.
  std::optional<ContentDocument> find_by_name(WorkspaceId workspace, ContentKind kind,
                                              std::string_view name, Timestamp as_of) const;
  /// The version that was the latest at a time.
  std::optional<ContentItem> find_at(WorkspaceId workspace, ContentKind kind, ContentId id,
                                     Timestamp as_of) const;

  Brand brand(WorkspaceId workspace, Timestamp as_of) const;
  Brand brand(WorkspaceId workspace) const { return brand(workspace, clock_.now()); }
  Brand set_brand(WorkspaceId workspace, Brand brand, const Actor& actor);

 private:
  std::vector<ContentUse> uses_in(Connection& c, const ContentItem& item) const;
  ContentItem save_version(Connection& c, ContentItem item, Save save, const Actor& actor);
  void refuse_taken(Connection& c, const ContentItem& item) const;

  StateStore& control_;
  AuditService& audit_;
  const Clock& clock_;
  CampaignUsage campaigns_;
};

}  // namespace rapport
