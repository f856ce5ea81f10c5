// SQL of templates, content blocks, layouts and the brand: items, their versions, what they use.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "liquid/template.h"
#include "messaging/content/content.h"
#include "storage/state_store.h"

namespace rapport {

/// Component "content" of the control store.
void migrate_content(StateStore& control);

namespace content_store {

/// One stored version with its text.
struct StoredVersion {
  ContentVersion version;
  std::string document;  // JSON
};

ContentId add(Connection& c, WorkspaceId workspace, ContentKind kind, std::string_view name,
              Timestamp at);
void rename(Connection& c, WorkspaceId workspace, ContentId id, std::string_view name);
/// With its versions.
void remove(Connection& c, WorkspaceId workspace, ContentId id);
void add_version(Connection& c, WorkspaceId workspace, ContentId id, const ContentVersion& version,
                 std::string_view document);
/// Keeps the latest `keep` versions.
void trim_versions(Connection& c, WorkspaceId workspace, ContentId id, size_t keep);

/// With its latest version.
std::optional<ContentItem> find(Connection& c, WorkspaceId workspace, ContentKind kind,
                                ContentId id);
std::optional<ContentId> find_by_name(Connection& c, WorkspaceId workspace, ContentKind kind,
                                      std::string_view name);
/// Newest first, those with an id below `before`; without their texts.
std::vector<ContentItem> list(Connection& c, WorkspaceId workspace, ContentKind kind,
                              ContentId before, size_t limit);
size_t count(Connection& c, WorkspaceId workspace);

std::optional<StoredVersion> find_version(Connection& c, WorkspaceId workspace, ContentId id,
                                          uint32_t number);
/// The version that was the latest at a time; the first when it was saved later.
std::optional<StoredVersion> find_version_at(Connection& c, WorkspaceId workspace, ContentId id,
                                             Timestamp at);
/// Newest first, without their texts; those below `before`.
std::vector<ContentVersion> list_versions(Connection& c, WorkspaceId workspace, ContentId id,
                                          uint32_t before, size_t limit);

/// Replaces what an item uses.
void set_uses(Connection& c, WorkspaceId workspace, ContentId id,
              const std::vector<liquid::TemplateUses::PartialName>& uses);
struct User {
  ContentKind kind;
  ContentId id;
  std::string name;
};
/// The items that use a block or layout of this name.
std::vector<User> list_users(Connection& c, WorkspaceId workspace, ContentKind kind,
                             std::string_view name, size_t limit);

}  // namespace content_store
}  // namespace rapport
